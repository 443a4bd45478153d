import type { V1Node } from "@kubernetes/client-node";

/**
 * The whole name of an image: Docker and the node leave out different parts of it.
 * @see https://pkg.go.dev/github.com/distribution/reference
 */
export function wholeName(image: string): string {
  const [first = "", ...others] = image.split("/");
  const host = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = host ? image : `docker.io/${others.length > 0 ? "" : "library/"}${image}`;
  return /(:[\w.-]+|@[\w+]+:[0-9a-f]+)$/.test(path.slice(path.lastIndexOf("/"))) ? path : `${path}:latest`;
}

/** The images that are not among those that a node has. */
export function lacking(images: readonly string[], present: readonly string[]): string[] {
  const names = new Set(present.map(wholeName));
  return [...new Set(images)].filter((image) => !names.has(wholeName(image)));
}

/** Images that a node says it has. It learns of new ones with a delay, and tells of fifty at most. */
export function imagesOf(node: V1Node | "absent" | undefined): string[] {
  return typeof node === "object" ? (node.status?.images ?? []).flatMap(({ names }) => names ?? []) : [];
}
