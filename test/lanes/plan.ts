import { readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** The folder of the end-to-end suites. */
const folder = join(__dirname, "..", "e2e");

/** Suites that run at the same time: each has names, ports and a namespace of its own. */
export type Group = string[];

/** Groups one after the other, in an order that is kept. */
export interface Lane {
  name: string;
  groups: Group[];
  /** Whether its first group makes what all others need: where that fails, they are not begun. @default false */
  dependent?: boolean;
}

/** Lanes that run beside each other, and after them what needs the machine for itself. */
export interface Plan {
  beside: Lane[];
  alone: Lane;
}

/** Suites of the shared cluster, whose start leaves the processor to the Go tests, and two with a control plane of their own. */
const cluster: Group[] = [
  ["kubernetes-start", "closed-network-go"],
  ["checks-kubernetes", "checks-kubernetes-pods"],
  ["class", "closed-network-class-killed"],
  ["review", "closed-network-class"],
  ["see"],
  ["closed-network-cluster"],
];

/** Suites of Docker that look at objects of their own only. Most of their time is waiting. */
const paired: Group[] = [
  ["interrupted", "closed-network-images"],
  ["places", "plain-pulumi"],
  ["at-once", "stand-ins", "report", "see-page", "workflows"],
];

/** Takes the shared cluster's storage class and memory away, and stops it. */
const last: Group[] = [["kubernetes-failures"]];

/** The first begins without a cluster, has all the default names and ports, and leaves nothing; the other has a cluster of its own. */
const alone: Group[] = [["minikube"], ["see-audit"]];

/** Every end-to-end suite. */
export const endToEndSuites = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => basename(file, ".test.ts"))
    .sort();

export const fileOf = (suite: string) => join("test", "e2e", `${suite}.test.ts`);

/** What tests the closed network: the originals are there where the network is open. */
const ofClosedNetwork = (suite: string) => /^closed-network|stand-in/.test(suite);

/** Which suite runs where. What no list names is a suite of the cluster by its name, and else one that needs Docker alone. */
export function planned(suites: readonly string[], closedNetwork: boolean): Plan {
  const here = suites.filter((suite) => closedNetwork || !ofClosedNetwork(suite));
  const those = (groups: readonly Group[]) =>
    groups.map((group) => group.filter((suite) => here.includes(suite))).filter(({ length }) => length > 0);
  const named = [...cluster, ...paired, ...last, ...alone].flat();
  const [onCluster, onDocker] = [[] as Group[], [] as Group[]];
  for (const suite of here.filter((name) => !named.includes(name))) {
    (suite.startsWith("kubernetes-") ? onCluster : onDocker).push([suite]);
  }
  return {
    beside: [
      { name: "docker", groups: [...onDocker, ...those(paired)] },
      { name: "cluster", groups: [...those(cluster), ...onCluster, ...those(last)], dependent: true },
    ],
    alone: { name: "alone", groups: those(alone) },
  };
}

export const laneNames = ["docker", "cluster", "alone"];

/** A plan without the lanes that are not named. */
export function only(names: readonly string[], { beside, alone }: Plan): Plan {
  const named = (lane: Lane) => names.includes(lane.name);
  return { beside: beside.filter(named), alone: named(alone) ? alone : { ...alone, groups: [] } };
}

/** Whether some of the files have a suite that uses a cluster. */
export function needCluster(files: readonly string[]): boolean {
  const docker = planned(endToEndSuites(), true).beside[0]!.groups.flat();
  return !files.every((file) => docker.includes(basename(file, ".test.ts")));
}
