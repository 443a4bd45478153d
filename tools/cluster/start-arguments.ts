import { hidesNodes } from "../../components/addresses";
import { project, Settings } from "../../config";
import { LabError } from "../../text";

/** What Docker has for a cluster. */
export interface Machine {
  platform: NodeJS.Platform;
  cpus: number;
  /** MiB. */
  memory: number;
  /** Docker's own name for what it runs on, such as "Docker Desktop". */
  system: string;
}

/** What minikube itself asks for. @see https://minikube.sigs.k8s.io/docs/start/ */
const least = { cpus: 2, memory: 2000 };
/** MiB: the labs fit into the first, and more than the second would be taken from the learner for nothing. */
const usual = { memory: 2200, most: 4096 };

/**
 * The share of the machine that a new cluster gets: half of Docker's memory and up to four CPUs, within what the labs
 * need and can use.
 * @throws LabError when Docker has too little for any cluster
 */
export function sizes({ cpus, memory, platform }: Machine): { cpus: number; memory: number } {
  if (cpus < least.cpus || memory < least.memory) {
    const desktop = platform === "darwin" || platform === "win32";
    throw new LabError({
      en:
        `Docker has ${cpus} CPU(s) and ${memory} MiB of memory: a Kubernetes cluster needs at least ${least.cpus} CPUs and ` +
        `${least.memory} MiB. ${desktop ? "Give it more in Docker Desktop, Settings, Resources" : "Use a larger machine"}` +
        ", or run the labs without Kubernetes: npm run up -- --labs redis,registry,compose",
      ko:
        `Docker 에 CPU ${cpus}개와 메모리 ${memory} MiB 가 있습니다: 쿠버네티스 클러스터에는 적어도 CPU ${least.cpus}개와 ` +
        `${least.memory} MiB 가 필요합니다. ${desktop ? "Docker Desktop 의 Settings, Resources 에서 늘리거나" : "더 큰 컴퓨터를 쓰거나"} ` +
        "쿠버네티스 없이 실행하세요: npm run up -- --labs redis,registry,compose",
    });
  }
  const share = Math.max(usual.memory, Math.min(Math.floor(memory / 2), usual.most));
  return { cpus: Math.min(cpus, 4), memory: Math.min(share, memory - 100) };
}

/** Whether a node inside Docker can only be reached by ports that are mapped to this machine. */
export function needsMapping({ platform, system }: Pick<Machine, "platform" | "system">): boolean {
  return hidesNodes(platform) || /docker desktop/i.test(system);
}

/**
 * What minikube wants to be told at every start: to go on as root, and in a closed network not to ask whether there is
 * such a version of Kubernetes.
 * @param closed asked only where it matters
 */
export async function forceArguments(root: boolean, closed: () => Promise<boolean>): Promise<string[]> {
  return root || (await closed()) ? ["--force"] : [];
}

/** The arguments that make a new cluster, beyond those of every start. @see https://minikube.sigs.k8s.io/docs/commands/start/ */
export function creationArguments(machine: Machine, { nodePort }: Partial<Pick<Settings, "nodePort">>): string[] {
  const { cpus, memory } = sizes(machine);
  return [
    "--driver=docker",
    // With it minikube brings kindnet, which enforces network policies; the bridge of its Docker runtime does not.
    "--container-runtime=containerd",
    `--cpus=${cpus}`,
    `--memory=${memory}`,
    ...(nodePort !== undefined && needsMapping(machine) ? [`--ports=127.0.0.1:${nodePort}:${nodePort}`] : []),
  ];
}

/**
 * The problem that a node was made with another port mapped than the one that the settings name now.
 * @param bound the ports of the node's container that lead to this machine, such as `30080/tcp`
 */
export function mappingProblem(
  bound: readonly string[],
  { nodePort }: Pick<Settings, "nodePort">,
): LabError | undefined {
  if (bound.includes(`${nodePort}/tcp`)) return undefined;
  const ports = bound.flatMap((port) => /^3[0-2]\d{3}(?=\/tcp$)/.exec(port) ?? []).join(", ");
  return new LabError({
    en:
      `Setting ${project}:nodePort is ${nodePort}: the cluster was made with ${ports || "no node port"} mapped to this machine, ` +
      "and a port can be mapped only when the cluster is made. Set the port back, or make the cluster anew (posts are lost): " +
      "npm run destroy -- --cluster, then npm run up",
    ko:
      `설정 ${project}:nodePort 값이 ${nodePort} 입니다: 클러스터를 만들 때 이 컴퓨터에 연결한 포트는 ${ports || "없고"}${ports ? " 이고" : ""}, ` +
      "포트는 클러스터를 만들 때만 연결할 수 있습니다. 포트를 되돌리거나 클러스터를 새로 만드세요 (글은 사라집니다): " +
      "npm run destroy -- --cluster 다음에 npm run up",
  });
}
