import type { V1Node } from "@kubernetes/client-node";

const hub = "docker.io";

/**
 * An image has many names: Docker Hub, its folder `library` and the tag `latest` are understood where they are left out.
 * This is the whole one, as a node lists it, and {@link familiarName} the short one, as Docker does; each can be had from
 * the other.
 * @see https://pkg.go.dev/github.com/distribution/reference
 */
export function wholeName(image: string): string {
  const [first = "", ...others] = image.split("/");
  // A first part is a registry only when it could not be a user's name on Docker Hub.
  const hosted = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const host = hosted && first !== "index.docker.io" ? first : hub;
  const path = hosted ? others.join("/") : image;
  const name = `${host}/${host === hub && !path.includes("/") ? "library/" : ""}${path}`;
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}

/** An image's name as Docker lists it: with a tag, and without what is understood. See {@link wholeName}. */
export function familiarName(image: string): string {
  const name = wholeName(image);
  return name.startsWith(`${hub}/`) ? name.slice(hub.length + 1).replace(/^library\/(?=[^/]+$)/, "") : name;
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
