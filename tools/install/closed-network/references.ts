import { parseImage } from "../../../config/image-name";
import { LabError } from "../../../text";

/** The parts of an image name. @see https://pkg.go.dev/github.com/distribution/reference */
export interface Reference {
  /** Registry, if it is not Docker Hub. */
  registry?: string;
  /** Repository, without Docker Hub's `library/`. */
  repository: string;
  tag: string;
  digest?: string;
}

export function parseReference(text: string): Reference {
  const { registry, repository, tag = "latest", digest } = parseImage(text);
  const hub = /^(registry-1\.)?docker\.io$/.test(registry);
  return {
    ...(hub ? {} : { registry }),
    repository: hub ? repository.replace(/^library\/(?=[^/]+$)/, "") : repository,
    tag,
    ...(digest && { digest }),
  };
}

/** How to build a replacement for an image. */
export interface StandIn {
  /** Folder below `stand-ins/` with the Dockerfile. */
  folder: "debian" | "mysql" | "wordpress";
  /** Debian release that the packages come from. */
  release: string;
  packages: readonly string[];
  /** The name for messages, and the package whose version is shown. */
  shown: { name: string; package?: string };
}

const releases: readonly [RegExp, string][] = [
  [/^(13|trixie|stable|latest)([.-]|$)/, "trixie"],
  [/^(12|bookworm|oldstable)([.-]|$)/, "bookworm"],
  [/^(14|forky|testing)([.-]|$)/, "forky"],
  [/^(sid|unstable)([.-]|$)/, "sid"],
];

function debianRelease(tag: string): string | undefined {
  return releases.find(([pattern]) => pattern.test(tag))?.[1];
}

/** The Debian release with about the same versions: Redis 7.0 in Ubuntu 24.04 and bookworm, 8.0 in 26.04 and trixie. */
function nearestToUbuntu(tag: string): string {
  return /^(2[5-9]\.|resolute|latest|rolling|devel)/.test(tag) ? "trixie" : "bookworm";
}

// No stable release of Debian includes MySQL and a recent WordPress.
const newest = "sid";

/** The replacement for an image; undefined if there is none. */
export function standInFor(reference: Reference): StandIn | undefined {
  if (reference.registry !== undefined || reference.digest !== undefined) return undefined;
  switch (reference.repository) {
    case "debian": {
      const release = debianRelease(reference.tag);
      return release ? plain(release) : undefined;
    }
    case "ubuntu":
      return plain(nearestToUbuntu(reference.tag));
    case "mysql":
      return {
        folder: "mysql",
        release: newest,
        packages: ["mysql-server-core", "mysql-client-core", "passwd", "tzdata"],
        shown: { package: "mysql-server-core", name: "MySQL" },
      };
    case "wordpress":
      // Variants without a web server cannot be replaced.
      if (/(^|-)(fpm|cli)(-|$)|alpine/.test(reference.tag)) return undefined;
      return {
        folder: "wordpress",
        release: newest,
        packages: [
          ...["apache2", "libapache2-mod-php", "php-cli", "php-mysql", "php-gd", "php-curl", "php-intl"],
          ...["php-mbstring", "php-xml", "php-zip", "php-bcmath", "wordpress", "wordpress-theme-twentytwentyfive"],
          ...["wordpress-theme-twentytwentyfour", "wordpress-theme-twentytwentythree", "curl", "ca-certificates"],
        ],
        shown: { package: "wordpress", name: "WordPress" },
      };
    default:
      return undefined;
  }
}

function plain(release: string): StandIn {
  return {
    folder: "debian",
    release,
    // Debian 12 needs one of two packages for a merged /usr; the other one would install a full Perl.
    packages: release === "bookworm" ? ["ca-certificates", "usr-is-merged"] : ["ca-certificates"],
    shown: { name: `Debian ${release}` },
  };
}

/** {@link standInFor} @throws LabError that lists the images with a replacement */
export function requireStandIn(image: string): StandIn {
  const standIn = standInFor(parseReference(image));
  if (standIn) return standIn;
  const can = "debian:12, debian:13, ubuntu:24.04, ubuntu:26.04, mysql:<tag>, wordpress:<tag>-apache";
  throw new LabError({
    en: `The image "${image}" is not on this machine, and no container registry can be reached. Images that can be built from Debian packages instead: ${can}. Change the setting whose value is "${image}" to one of these, or load the image with docker load.`,
    ko: `"${image}" 이미지가 이 컴퓨터에 없고 컨테이너 레지스트리에 연결할 수 없습니다. 대신 Debian 패키지로 만들 수 있는 이미지: ${can}. 값이 "${image}"인 설정을 이 중 하나로 바꾸거나 docker load로 이미지를 불러오세요.`,
  });
}
