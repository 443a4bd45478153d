import { clusterOf } from "../cluster/in-state";
import { isOwn } from "../cluster/running";
import { imagesHere } from "../docker/docker";
import { say } from "../terminal/language";
import { removeImages } from "../stack/repair";
import { State, StateResource } from "../stack/stack";

/** The images that were pulled for a resource and stay when it goes; for a built one, what it is built from. */
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

/** The images that an `up` got for what goes of a stack, and that nothing else of it needs; once each. */
export function imagesLeftBy(gone: State["resources"], state: State): string[] {
  const cluster = clusterOf(state);
  // Into the labs' own cluster, images go by way of Docker; any other one pulls them itself.
  const byDocker = ({ type }: StateResource) => !type.startsWith("kubernetes:") || (cluster && isOwn(cluster));
  const pulled = (resources: State["resources"]) => resources.filter(byDocker).flatMap(pulledFor);
  const needed = pulled(state.resources.filter((resource) => !gone.includes(resource)));
  const left = new Set(pulled(gone).filter((image) => !needed.includes(image)));
  return [...left].filter((image) => typeof image === "string");
}

/**
 * Says which images are left, as a cache for the next `up`, or removes them.
 * @param pulled names of images
 * @param node names of the same one, the image of a removed cluster's node
 */
export async function leaveImages(pulled: string[], node: string[], removing: boolean): Promise<void> {
  // None are named while Docker does not answer.
  const here = (images: string[]) => imagesHere(images).catch(() => []);
  const names = [...(await here(pulled)), ...(await here(node)).slice(0, 1)];
  if (names.length === 0) return;
  if (removing) return removeImages(names);
  say({
    en: `Kept for the next time, because pulling takes long: ${names.join(", ")}. Remove them, too: docker image rm ${names.join(" ")}`,
    ko: `다음에 다시 내려받지 않도록 남겨 둔 이미지: ${names.join(", ")}. 지우려면: docker image rm ${names.join(" ")}`,
  });
}
