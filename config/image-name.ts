/** The parts of an image name. @see https://pkg.go.dev/github.com/distribution/reference */
export interface ImageName {
  /** @default docker.io */
  registry: string;
  /** On Docker Hub, official images are in `library`. */
  repository: string;
  tag?: string;
  digest?: string;
}

const hub = "docker.io";

/** Parses an image name. Docker Hub and `library` are the defaults of registry and folder. */
export function parseImage(image: string): ImageName {
  const [name = "", digest] = image.split("@");
  const [first = "", ...others] = name.split("/");
  // The first part is a registry only if it cannot be a user on Docker Hub.
  const hosted = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const registry = hosted && first !== `index.${hub}` ? first : hub;
  const [, path = "", tag] = /^(.*?)(?::([^/]*))?$/.exec(hosted ? others.join("/") : name) ?? [];
  const repository = registry === hub && !path.includes("/") ? `library/${path}` : path;
  return { registry, repository, ...(tag && { tag }), ...(digest && { digest }) };
}
