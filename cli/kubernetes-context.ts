import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { project, Settings } from "../config";
import { LabError } from "../text";

interface Kubeconfig {
  clusters?: { name: string; cluster: { server: string } }[] | null;
  contexts?: { name: string; context: { cluster: string } }[] | null;
}

/** The files that kubectl would read. @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
function kubeconfigFiles(settings: Settings): string[] {
  if (settings.kubeconfig) return [settings.kubeconfig.replace(/^~(?=\/)/, homedir())];
  return process.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [join(homedir(), ".kube", "config")];
}

/** Whether something speaks HTTPS at an address; who may do what there is for the cluster to say. */
async function answers(server: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(`${server}/version`, { rejectUnauthorized: false, timeout: 5000 }, (answer) => {
      answer.resume();
      resolve(true);
    });
    probe.on("timeout", () => probe.destroy());
    probe.on("error", () => resolve(false));
    probe.on("close", () => resolve(false));
    probe.end();
  });
}

/**
 * Checks that the context of the Kubernetes lab exists and that its cluster answers.
 * @throws LabError that lists the contexts there are, or says how to start the cluster
 */
export async function checkCluster(settings: Settings): Promise<void> {
  const files = kubeconfigFiles(settings);
  const configs = files
    .filter((file) => existsSync(file))
    .map((file) => parse(readFileSync(file, "utf8")) as Kubeconfig | null);
  const contexts = configs.flatMap((config) => config?.contexts ?? []);
  const context = contexts.find(({ name }) => name === settings.kubeContext);
  if (!context) {
    const names = contexts.map(({ name }) => name).join(", ");
    throw new LabError({
      en:
        `Setting ${project}:kubeContext is "${settings.kubeContext}": ${files.join(", ")} has no such context. ` +
        (names ? `There are: ${names}. Choose one of them, or start` : "There is none. Start") +
        " a cluster with: minikube start",
      ko:
        `설정 ${project}:kubeContext 값이 "${settings.kubeContext}" 입니다: ${files.join(", ")} 에 그런 컨텍스트가 없습니다. ` +
        (names ? `있는 컨텍스트: ${names}. 이 중에서 고르거나 ` : "컨텍스트가 하나도 없습니다. ") +
        "클러스터를 시작하세요: minikube start",
    });
  }
  const server = configs
    .flatMap((config) => config?.clusters ?? [])
    .find(({ name }) => name === context.context.cluster)?.cluster.server;
  if (server && (await answers(server))) return;
  throw new LabError({
    en: `The cluster of context "${settings.kubeContext}" does not answer at ${server ?? "any address"}. Start it: minikube start --profile ${settings.kubeContext}`,
    ko: `"${settings.kubeContext}" 컨텍스트의 클러스터가 ${server ?? "어느 주소"} 에서 응답하지 않습니다. 시작하세요: minikube start --profile ${settings.kubeContext}`,
  });
}
