import type { V1Node } from "@kubernetes/client-node";
import { parseImage } from "../../config/image-name";

const hub = "docker.io";

/**
 * An image has many names: Docker Hub, its folder `library` and the tag `latest` are understood where they are left out.
 * This is the whole one, as a node lists it, and {@link familiarName} the short one, as Docker does; each can be had from
 * the other.
 */
export function wholeName(image: string): string {
  const { registry, repository, tag, digest } = parseImage(image);
  const version = (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`);
  return `${registry}/${repository}${version || ":latest"}`;
}

/** What a node may list an image as: one that is pinned has its tag, or its digest, or a name for each. */
function listedAs(image: string): string[] {
  const { registry, repository, tag, digest } = parseImage(image);
  const name = `${registry}/${repository}`;
  return [wholeName(image), ...(tag && digest ? [`${name}:${tag}`, `${name}@${digest}`] : [])];
}

/** An image's name as Docker lists it: with a tag, and without what is understood. See {@link wholeName}. */
export function familiarName(image: string): string {
  const name = wholeName(image);
  return name.startsWith(`${hub}/`) ? name.slice(hub.length + 1).replace(/^library\/(?=[^/]+$)/, "") : name;
}

/** The images that are not among those that a node has. */
export function lacking(images: readonly string[], present: readonly string[]): string[] {
  const names = new Set(present.map(wholeName));
  return [...new Set(images)].filter((image) => !listedAs(image).some((name) => names.has(name)));
}

/** Whether an image can be copied into a node: one by its digest loses that on the way, and the node pulls it itself. */
export const canBeCopied = (image: string) => parseImage(image).digest === undefined;

/** Images that a node says it has. It learns of new ones with a delay, and tells of fifty at most. */
export function imagesOf(node: V1Node | "absent" | undefined): string[] {
  return typeof node === "object" ? (node.status?.images ?? []).flatMap(({ names }) => names ?? []) : [];
}
