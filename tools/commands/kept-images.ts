import { clusterOf } from "../cluster/in-state";
import { isOwn } from "../cluster/running";
import { imagesHere } from "../docker/docker";
import { say } from "../terminal/language";
import { removeImages } from "../stack/repair";
import { State, StateResource } from "../stack/stack";

/** The pulled images that remain when a resource is removed; for a built image, its base image. */
function pulledFor({ type, inputs = {} }: StateResource): unknown[] {
  switch (type) {
    case "docker:index/remoteImage:RemoteImage":
      return inputs.keepLocally === true ? [inputs.name] : [];
    case "docker:index/image:Image":
      return [(inputs.build as { args?: Record<string, unknown> } | undefined)?.args?.BASE_IMAGE];
    case "kubernetes:apps/v1:Deployment": {
      const { spec } = inputs as { spec?: { template?: { spec?: { containers?: unknown } } } };
      const containers = spec?.template?.spec?.containers;
      return Array.isArray(containers) ? (containers as { image?: unknown }[]).map(({ image }) => image) : [];
    }
  }
  return [];
}

/** The images that were pulled for removed resources and that no other resource of the stack needs. */
export function imagesLeftBy(gone: State["resources"], state: State): string[] {
  const cluster = clusterOf(state);
  // Images for the labs' own cluster are pulled by Docker; any other cluster pulls them itself.
  const byDocker = ({ type }: StateResource) => !type.startsWith("kubernetes:") || (cluster && isOwn(cluster));
  const pulled = (resources: State["resources"]) => resources.filter(byDocker).flatMap(pulledFor);
  const needed = pulled(state.resources.filter((resource) => !gone.includes(resource)));
  const left = new Set(pulled(gone).filter((image) => !needed.includes(image)));
  return [...left].filter((image) => typeof image === "string");
}

/**
 * Removes the images that are no longer needed, or reports that they are kept for the next `up`.
 * @param pulled names of images
 * @param node names of the node image of a removed cluster, all for the same image
 */
export async function leaveImages(pulled: string[], node: string[], removing: boolean): Promise<void> {
  // If Docker does not answer, there is nothing to report.
  const here = (images: string[]) => imagesHere(images).catch(() => []);
  const names = [...(await here(pulled)), ...(await here(node)).slice(0, 1)];
  if (names.length === 0) return;
  if (removing) return removeImages(names);
  say({
    en: `Images kept for the next run: ${names.join(", ")}. To remove them: docker image rm ${names.join(" ")}`,
    ko: `다음 실행을 위해 남겨 둔 이미지: ${names.join(", ")}. 삭제하려면: docker image rm ${names.join(" ")}`,
  });
}
