import { hidesNodes } from "../../components/addresses";
import { project, Settings } from "../../config";
import { LabError } from "../../text";

export interface Machine {
  platform: NodeJS.Platform;
  cpus: number;
  /** MiB. */
  memory: number;
  /** The operating system reported by Docker, such as "Docker Desktop". */
  system: string;
}

/** The minimum that minikube requires. @see https://minikube.sigs.k8s.io/docs/start/ */
const least = { cpus: 2, memory: 2000 };
/** MiB: enough for the labs, and the most that they can use. */
const usual = { memory: 2200, most: 4096 };

/**
 * The size of a new cluster: half of Docker's memory and up to four CPUs, within what the labs need and can use.
 * @throws LabError if Docker has too little for a cluster
 */
export function sizes({ cpus, memory, platform }: Machine): { cpus: number; memory: number } {
  if (cpus < least.cpus || memory < least.memory) {
    const desktop = platform === "darwin" || platform === "win32";
    throw new LabError({
      en:
        `Docker has ${cpus} CPU(s) and ${memory} MiB of memory, but a Kubernetes cluster needs at least ${least.cpus} CPUs and ` +
        `${least.memory} MiB. ${desktop ? "Increase them in Docker Desktop, Settings, Resources" : "Use a larger machine"}` +
        ", or run the labs without Kubernetes: npm run up -- --labs redis,registry,compose",
      ko:
        `Docker가 사용할 수 있는 CPU는 ${cpus}개, 메모리는 ${memory}MiB인데, 쿠버네티스 클러스터에는 CPU ${least.cpus}개와 메모리 ` +
        `${least.memory}MiB 이상이 필요합니다. ${desktop ? "Docker Desktop의 Settings, Resources에서 늘리세요." : "더 큰 컴퓨터를 사용하세요."} ` +
        "쿠버네티스 없이 실행하려면: npm run up -- --labs redis,registry,compose",
    });
  }
  const share = Math.max(usual.memory, Math.min(Math.floor(memory / 2), usual.most));
  return { cpus: Math.min(cpus, 4), memory: Math.min(share, memory - 100) };
}

/** Reports whether a node can be reached only through ports that are mapped to this machine. */
export function needsMapping({ platform, system }: Pick<Machine, "platform" | "system">): boolean {
  return hidesNodes(platform) || /docker desktop/i.test(system);
}

/**
 * minikube needs --force to run as root, and in a closed network to skip looking up the version of Kubernetes.
 * @param closed called only if needed
 */
export async function forceArguments(root: boolean, closed: () => Promise<boolean>): Promise<string[]> {
  return root || (await closed()) ? ["--force"] : [];
}

/** The additional arguments for a new cluster. @see https://minikube.sigs.k8s.io/docs/commands/start/ */
export function creationArguments(machine: Machine, { nodePort }: Partial<Pick<Settings, "nodePort">>): string[] {
  const { cpus, memory } = sizes(machine);
  return [
    "--driver=docker",
    // With containerd, minikube uses kindnet, which enforces network policies; the bridge of its Docker runtime does not.
    "--container-runtime=containerd",
    `--cpus=${cpus}`,
    `--memory=${memory}`,
    ...(nodePort !== undefined && needsMapping(machine) ? [`--ports=127.0.0.1:${nodePort}:${nodePort}`] : []),
  ];
}

/**
 * Reports if the cluster was created with another mapped port than the one in the settings.
 * @param bound the mapped ports of the node's container, such as `30080/tcp`
 */
export function mappingProblem(
  bound: readonly string[],
  { nodePort }: Pick<Settings, "nodePort">,
): LabError | undefined {
  if (bound.includes(`${nodePort}/tcp`)) return undefined;
  const ports = bound.flatMap((port) => /^3[0-2]\d{3}(?=\/tcp$)/.exec(port) ?? []).join(", ");
  return new LabError({
    en:
      `Setting ${project}:nodePort is ${nodePort}, but the cluster was created with ${ports || "no node port"} mapped to this machine, ` +
      "and ports can be mapped only when a cluster is created. Restore the previous port, or re-create the cluster, which deletes " +
      "all posts: npm run destroy -- --cluster, then npm run up",
    ko:
      `${project}:nodePort 설정의 값이 ${nodePort}인데, 클러스터를 만들 때 이 컴퓨터에 매핑한 ${ports ? `포트는 ${ports}입니다` : "노드포트가 없습니다"}. ` +
      "포트는 클러스터를 만들 때만 매핑할 수 있습니다. 설정을 이전 포트로 되돌리거나 클러스터를 다시 만드세요(글이 모두 삭제됩니다): " +
      "npm run destroy -- --cluster를 실행한 뒤 npm run up",
  });
}
