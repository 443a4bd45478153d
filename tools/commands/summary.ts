import { join } from "node:path";
import { KubernetesOutputs, Outputs } from "../../outputs";
import { lines, Text } from "../../text";
import { ofMinikube } from "../causes/remedies";
import { ClusterChoice } from "../cluster/kubeconfig";
import { minikubeFolder } from "../install/official";
import { exists, hiddenFolder, onLearnersPath } from "../install/path";

/** The command that lists the objects of the Kubernetes lab: with the user's kubectl, or the one of minikube. */
export async function kubectlCommand(
  cluster: ClusterChoice | undefined,
  lab: KubernetesOutputs | undefined,
): Promise<string | undefined> {
  if (!cluster || !lab) return undefined;
  const get = `--namespace ${lab.namespace} get all`;
  if (await onLearnersPath("kubectl")) return `kubectl --context ${cluster.kubeContext} ${get}`;
  const minikube = await minikubeCommand();
  return minikube && `${minikube} --profile ${cluster.kubeContext} kubectl -- ${get}`;
}

/** How the user's shell can call minikube, if it exists. */
async function minikubeCommand(): Promise<string | undefined> {
  if (await onLearnersPath("minikube")) return "minikube";
  const folder = (await exists(minikubeFolder())) ? minikubeFolder() : await hiddenFolder("minikube");
  return folder && join(folder, "minikube");
}

/**
 * Replaces commands that the user's shell does not find with what it finds.
 * @param minikube how it gets to minikube, which has a kubectl in it
 * @param kubectl whether it finds kubectl
 */
export function asTyped(text: string, context: string, minikube: string | undefined, kubectl: boolean): string {
  if (minikube === undefined || !ofMinikube(context)) return text;
  const found = text.replaceAll(/\bminikube (?=--profile|start|stop)/g, `${minikube} `);
  return kubectl ? found : found.replaceAll(/\bkubectl (?=--context)/g, `${minikube} --profile ${context} kubectl -- `);
}

/** {@link asTyped} in the user's shell. */
export async function typedHere(context: string): Promise<(text: string) => string> {
  const [minikube, kubectl] = await Promise.all([minikubeCommand(), onLearnersPath("kubectl")]);
  return (text) => asTyped(text, context, minikube, kubectl);
}

/**
 * The address of each lab and a command to try.
 * @param command lists the objects of the Kubernetes lab, see {@link kubectlCommand}
 */
export function summary({ redis, registry, compose, kubernetes }: Partial<Outputs>, command?: string): Text {
  const texts = [
    redis && {
      en: `  redis       ${redis.host}:${redis.port}   try: docker exec ${redis.container} redis-cli ping`,
      ko: `  redis       ${redis.host}:${redis.port}   확인: docker exec ${redis.container} redis-cli ping`,
    },
    registry && {
      en: `  registry    container ${registry.container} of ${registry.image}   try: docker exec -it ${registry.container} bash`,
      ko: `  registry    ${registry.container} 컨테이너 (${registry.image})   확인: docker exec -it ${registry.container} bash`,
    },
    compose && {
      en: `  compose     ${compose.url}   WordPress and MySQL on Docker`,
      ko: `  compose     ${compose.url}   Docker의 WordPress와 MySQL`,
    },
    kubernetes && {
      en: `  kubernetes  ${kubernetes.url}   WordPress and MySQL in namespace ${kubernetes.namespace}${command ? `   try: ${command}` : ""}`,
      ko: `  kubernetes  ${kubernetes.url}   ${kubernetes.namespace} 네임스페이스의 WordPress와 MySQL${command ? `   확인: ${command}` : ""}`,
    },
  ].filter((text) => text !== undefined);
  if (texts.length === 0) return { en: "No lab is running.", ko: "실행 중인 실습이 없습니다." };
  return lines([{ en: "What is running:", ko: "실행 중인 실습:" }, ...texts]);
}
