import { same, Text } from "../../../text";

export interface Fact {
  name: Text;
  value: Text;
}

/** Software that people get by default, and how long it gets fixes. */
export interface Version {
  what: string;
  version: string;
  /** Last day, such as "2027-06-28"; undefined if its project names none and only the newest version gets fixes. */
  until?: string;
  /** Page that says so. */
  see: string;
}

/** Everything that `npm run up` installs; test/checks/versions.test.ts compares it with the places where each is chosen. */
export const versions: readonly Version[] = [
  {
    what: "Kubernetes of minikube's release",
    version: "1.35",
    until: "2027-02-28",
    see: "https://kubernetes.io/releases/",
  },
  {
    what: "Kubernetes in a closed network",
    version: "1.36",
    until: "2027-06-28",
    see: "https://kubernetes.io/releases/",
  },
  { what: "minikube", version: "1.38.1", see: "https://minikube.sigs.k8s.io/docs/contrib/releasing/binaries/" },
  { what: "Pulumi", version: "3.276.0", see: "https://www.pulumi.com/docs/iac/download-install/versions/" },
  { what: "mysql", version: "9.7.2", until: "2031-04-30", see: "https://endoflife.date/mysql" },
  { what: "wordpress", version: "7.1.0", see: "https://wordpress.org/about/roadmap/" },
  { what: "PHP of wordpress", version: "8.3", until: "2027-12-31", see: "https://www.php.net/supported-versions.php" },
  { what: "ubuntu", version: "24.04", until: "2029-05-31", see: "https://ubuntu.com/about/release-cycle" },
  { what: "debian", version: "12", until: "2028-06-30", see: "https://wiki.debian.org/LTS" },
];

/** Until when the releases of Node.js that can run the labs get fixes. @see https://nodejs.org/en/about/previous-releases */
const nodeEnds: Readonly<Record<string, string>> = {
  "20": "2026-04-30",
  "22": "2027-04-30",
  "24": "2028-04-30",
};

/** The releases of Node.js that the commands run on. */
export const supportedNodes = Object.keys(nodeEnds);

/** The recommended release of Node.js. */
export const newestNode = "24";

const day = (date: Date) => date.toISOString().slice(0, 10);

export const ended = (now: Date): Version[] => versions.filter(({ until }) => until !== undefined && until < day(now));

/** A version of Node.js, with a note if it no longer gets fixes. */
export function nodeFact(version: string, now: Date): Fact {
  const until = nodeEnds[version.split(".")[0] ?? ""];
  const value: Text =
    until !== undefined && until < day(now)
      ? {
          en: `${version}, without security fixes since ${until}. Get ${newestNode}: https://nodejs.org`,
          ko: `${version}. ${until} 이후 보안 수정이 없습니다. ${newestNode} 버전을 받으세요: https://nodejs.org`,
        }
      : same(version);
  return { name: same("Node.js"), value };
}

export const endedFacts = (now: Date): Fact[] =>
  ended(now).map(({ what, version, until, see }) => ({
    name: { en: "out of support", ko: "지원 종료" },
    value: {
      en: `${what} ${version}, since ${until}: get a newer version of this project. See ${see}`,
      ko: `${what} ${version} (${until}): 이 프로젝트의 최신 버전을 받으세요. 참고: ${see}`,
    },
  }));
