/** An image as people name it. */
export interface Image {
  /** `mysql`, `docker.io/library/mysql`: what stands before the tag. */
  repository: string;
  /** `mysql`: the last part of the repository. */
  name: string;
  tag?: string;
  digest?: string;
}

/** Takes an image's name apart. @see https://pkg.go.dev/github.com/distribution/reference */
export function parseImage(reference: string): Image {
  const [before = "", digest] = reference.split("@", 2);
  const [, repository = before, tag] = /^(.*?)(?::([^:/]+))?$/.exec(before) ?? [];
  const name = repository.split("/").pop() ?? repository;
  return { repository, name, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** The numbers that a tag begins with: `9.7.2` of `9.7.2-debian`. */
function version(tag = ""): number[] | undefined {
  const found = /^v?(\d+(?:\.\d+)*)/.exec(tag)?.[1];
  return found?.split(".").map(Number);
}

export type Jump = "none" | "patch" | "minor" | "major" | "back" | "other software" | "cannot be told";

/** How far apart two images are. */
export function jump(old: string, now: string): Jump {
  if (old === now) return "none";
  const [was, is] = [parseImage(old), parseImage(now)];
  if (was.name !== is.name) return "other software";
  if (was.tag !== undefined && was.tag === is.tag) {
    // To pin a tag by its digest, or no longer, is no other version.
    return was.digest === is.digest || !was.digest || !is.digest ? "none" : "cannot be told";
  }
  const [from, to] = [version(was.tag), version(is.tag)];
  if (!from || !to) return "cannot be told";
  for (let i = 0; i < Math.max(from.length, to.length); i++) {
    const [x, y] = [from[i], to[i]];
    // 9 against 9.7.2: the tag that says less may be any of them.
    if (x === undefined || y === undefined) return "cannot be told";
    if (y < x) return "back";
    if (y > x) return (["major", "minor"] as const)[i] ?? "patch";
  }
  // The same version of another variant.
  return "cannot be told";
}

/** Programs that keep their data in files of their own version. */
export const isDatabase = (image: string) =>
  /^(mysql|mariadb|postgres|percona|mongo|mongodb|cassandra)(-server)?$/.test(parseImage(image).name);
