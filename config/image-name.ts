/** An image's name, taken apart. @see https://pkg.go.dev/github.com/distribution/reference */
export interface ImageName {
  /** `docker.io` where none is written. */
  registry: string;
  /** With Docker Hub's folder `library` where none is written. */
  repository: string;
  tag?: string;
  digest?: string;
}

const hub = "docker.io";

/** Reads an image's name. Docker Hub and its folder `library` are understood where they are left out. */
export function parseImage(image: string): ImageName {
  const [name = "", digest] = image.split("@", 2);
  const [first = "", ...others] = name.split("/");
  // A first part is a registry only when it could not be a user's name on Docker Hub.
  const hosted = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const registry = hosted && first !== `index.${hub}` ? first : hub;
  const [, path = "", tag] = /^(.*?)(?::([^/]*))?$/.exec(hosted ? others.join("/") : name) ?? [];
  const repository = registry === hub && !path.includes("/") ? `library/${path}` : path;
  return { registry, repository, ...(tag && { tag }), ...(digest && { digest }) };
}
