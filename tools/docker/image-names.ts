import type { V1Node } from "@kubernetes/client-node";
import { parseImage } from "../../config/image-name";

const hub = "docker.io";

/**
 * The full name of an image, as a node lists it: Docker Hub, its folder `library` and the tag `latest` are the defaults.
 * {@link familiarName} is the short name, as Docker lists it.
 */
export function wholeName(image: string): string {
  const { registry, repository, tag, digest } = parseImage(image);
  const version = (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`);
  return `${registry}/${repository}${version || ":latest"}`;
}

/** The names under which a node may list an image. An image with tag and digest may be listed by either or both. */
function listedAs(image: string): string[] {
  const { registry, repository, tag, digest } = parseImage(image);
  const name = `${registry}/${repository}`;
  return [wholeName(image), ...(tag && digest ? [`${name}:${tag}`, `${name}@${digest}`] : [])];
}

/** The short name of an image, as Docker lists it. See {@link wholeName}. */
export function familiarName(image: string): string {
  const name = wholeName(image);
  return name.startsWith(`${hub}/`) ? name.slice(hub.length + 1).replace(/^library\/(?=[^/]+$)/, "") : name;
}

/** The images that are missing on a node. */
export function lacking(images: readonly string[], present: readonly string[]): string[] {
  const names = new Set(present.map(wholeName));
  return [...new Set(images)].filter((image) => !listedAs(image).some((name) => names.has(name)));
}

/** Reports whether an image can be copied to a node. Copying loses the digest, so a node pulls pinned images itself. */
export const canBeCopied = (image: string) => parseImage(image).digest === undefined;

/** The images in the status of a node, which is updated with a delay and lists at most 50. */
export function imagesOf(node: V1Node | "absent" | undefined): string[] {
  return typeof node === "object" ? (node.status?.images ?? []).flatMap(({ names }) => names ?? []) : [];
}
