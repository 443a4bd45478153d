import { ImageName, parseImage } from "../../../config/image-name";

/** `mysql`: the last part of an image's name, without its tag. */
export const shortName = (image: string) => parseImage(image).repository.split("/").pop() ?? "";

/** Whose image it is: `mysql` is Docker Hub's `library/mysql`, and so it is on a mirror of it. */
function publisher({ registry, repository }: ImageName): string {
  const official = /(?:^|\/)library\/([^/]+)$/.exec(repository)?.[1];
  return official ? `library/${official}` : `${registry}/${repository}`;
}

/** The numbers that a tag begins with: `9.7.2` of `9.7.2-debian`. */
function version(tag = ""): number[] | undefined {
  const found = /^v?(\d+(?:\.\d+)*)/.exec(tag)?.[1];
  return found?.split(".").map(Number);
}

/** How many numbers of a version say how its files are written: 8.0 and 8.4 of MySQL are as far apart as 8 and 9. */
const seriesOf = (name: string, [first = 0]: readonly number[]) =>
  isDatabase(name) && !(name.startsWith("mysql") && first >= 9) ? 2 : 1;

/** What MySQL's tags call the system that an image has anyway. */
const defaultVariant = /-oracle(linux\d+)?$/;

/** A tag as it is meant: none is `latest`, the name of the usual system says nothing. */
function meant(name: string, { tag, digest }: ImageName): string | undefined {
  if (tag === undefined) return digest === undefined ? "latest" : undefined;
  return name === "mysql" ? tag.replace(defaultVariant, "") : tag;
}

export type Jump =
  | "none"
  | "other registry"
  | "patch"
  | "minor"
  | "major"
  | "back"
  | "other software"
  | "other publisher"
  | "cannot be told";

function between(name: string, was: string | undefined, is: string | undefined): Jump {
  // What stands behind the version may be the version of the database itself, `2.14.2-pg15`.
  const [variant, other] = [was, is].map((tag = "") => tag.replace(/^v?[\d.]+/, ""));
  if (isDatabase(name) && variant !== other) return "cannot be told";
  const [from, to] = [version(was), version(is)];
  if (!from || !to) return "cannot be told";
  const series = seriesOf(name, from);
  for (let i = 0; i < Math.max(from.length, to.length); i++) {
    const [x, y] = [from[i], to[i]];
    // 9 against 9.7.2: the tag that says less may be any of them.
    if (x === undefined || y === undefined) return "cannot be told";
    if (y < x) return "back";
    if (y > x) return i < series ? "major" : i === 1 ? "minor" : "patch";
  }
  // The same version of another variant.
  return "cannot be told";
}

export function jump(old: string, now: string): Jump {
  if (old === now) return "none";
  const [was, is, name] = [parseImage(old), parseImage(now), shortName(old)];
  if (name !== shortName(now)) return "other software";
  const [before, after] = [meant(name, was), meant(name, is)];
  const same = was.digest !== undefined && was.digest === is.digest;
  // To pin a tag by its digest, or no longer, is no other version.
  const pinned = before !== undefined && before === after && (!was.digest || !is.digest);
  const far = same || pinned ? "none" : before === after ? "cannot be told" : between(name, before, after);
  if (publisher(was) !== publisher(is)) return far === "major" || far === "back" ? far : "other publisher";
  return far === "none" && was.registry !== is.registry ? "other registry" : far;
}

/** Registries that hand on Docker's official images as they are. */
const mirrors = ["docker.io", "registry-1.docker.io", "mirror.gcr.io", "public.ecr.aws"];

/** Whether somebody else's code comes in the place of what was there: none of Docker's official images. */
export function isForeign(old: string, now: string): boolean {
  const [was, is] = [parseImage(old), parseImage(now)];
  if (was.digest !== undefined && was.digest === is.digest) return false;
  const official = mirrors.includes(is.registry) && publisher(is).startsWith("library/");
  return !official && (was.registry !== is.registry || publisher(was) !== publisher(is));
}

/** Programs that keep their data in files of their own version. */
export const isDatabase = (image: string) =>
  /^(mysql|mariadb|postgres|postgresql|postgis|timescaledb(-ha)?|pgvector|percona|mongo|mongodb|cassandra)(-community)?(-server)?$/.test(
    shortName(image),
  );
