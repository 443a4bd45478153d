import { ownProfile, project, Settings } from "../../config";
import { LabError, same } from "../../text";
import { needDocker } from "../install/toolchain";
import { accessTo, contextsIn, kubeconfigFiles } from "./kubeconfig";
import { Look, look } from "./get";
import { checkMapping, profileExists, start } from "./minikube";

/** Reports whether the cluster is the one that the commands create and delete; any other cluster is only used. */
export const isOwn = ({ kubeContext }: Pick<Settings, "kubeContext">) => kubeContext === ownProfile;

/** The error for a cluster that does not answer, or that the kubeconfig does not have. */
export function unreachable(settings: Settings): LabError {
  const { kubeContext, kubeconfig } = settings;
  const access = accessTo(settings);
  // While the labs' own cluster is stopped, minikube keeps no context for it.
  if (access || isOwn(settings)) {
    const address = access ? [` at ${access.server}`, `(${access.server})`] : ["", ""];
    const [en, ko] = isOwn(settings)
      ? ["npm run up starts it and continues.", "npm run up을 실행하면 클러스터를 시작하고 이어서 진행합니다."]
      : [
          `Start the cluster (with minikube: minikube start --profile ${kubeContext}), then run the command again.`,
          `클러스터를 시작한 뒤(minikube라면: minikube start --profile ${kubeContext}) 명령을 다시 실행하세요.`,
        ];
    return new LabError({
      en: `The cluster of context "${kubeContext}" does not answer${address[0]}. ${en}`,
      ko: `"${kubeContext}" 컨텍스트의 클러스터${address[1]}가 응답하지 않습니다. ${ko}`,
    });
  }
  const files = kubeconfigFiles(kubeconfig).join(", ");
  const names = contextsIn(settings).join(", ");
  return new LabError({
    en: `Setting ${project}:kubeContext is "${kubeContext}", but ${files} has no such context. Available contexts: ${names || "none"}. Choose one of them, or remove the setting: npm run up then creates a cluster called ${ownProfile}.`,
    ko: `${project}:kubeContext 설정의 값이 "${kubeContext}"인데, kubeconfig(${files})에 이 컨텍스트가 없습니다. 사용할 수 있는 컨텍스트: ${names || "없음"}. 이 중에서 고르거나 이 설정을 지우세요. 설정을 지우면 npm run up이 ${ownProfile} 클러스터를 만듭니다.`,
  });
}

/** The error for a cluster that is not running, which only `up` starts. */
function notRunning(alsoRunning: boolean): LabError {
  const without = alsoRunning
    ? same(".")
    : {
        en: ". To preview the other labs: npm run preview -- --labs redis,registry,compose",
        ko: ". 다른 실습만 미리 보려면: npm run preview -- --labs redis,registry,compose",
      };
  const state = profileExists()
    ? { en: "is stopped", ko: "중지된 상태입니다" }
    : { en: "has not been created yet", ko: "아직 없습니다" };
  return new LabError({
    en: `The cluster ${ownProfile} ${state.en}, and this command does not start it. To start it: npm run up${without.en}`,
    ko: `${ownProfile} 클러스터가 ${state.ko}. 이 명령은 클러스터를 시작하지 않습니다. 시작하려면: npm run up${without.ko}`,
  });
}

/** @throws LabError if the login or the clock of this machine is wrong, which no start of the cluster would change */
async function seen(settings: Settings): Promise<Look> {
  const { kubeContext } = settings;
  const found = await look(settings);
  if (found.stranger) {
    const check = `kubectl --context ${kubeContext} get nodes`;
    throw new LabError({
      en: `The cluster of context "${kubeContext}" answers, but does not accept the login in your kubeconfig (401): it has expired, or belongs to an earlier cluster. Log in again (with minikube: minikube start --profile ${kubeContext}) until this works: ${check}. Then run the command again.`,
      ko: `"${kubeContext}" 컨텍스트의 클러스터가 kubeconfig의 로그인 정보를 받아들이지 않습니다 (401). 만료되었거나 이전 클러스터의 것입니다. 다시 로그인하고 (minikube라면: minikube start --profile ${kubeContext}) 다음 명령이 동작하는지 확인하세요: ${check}. 그런 다음 명령을 다시 실행하세요.`,
    });
  }
  if (found.early) {
    const now = new Date().toISOString().slice(0, 10);
    throw new LabError({
      en: `The certificate of the cluster ${kubeContext} is not valid yet by this machine's clock, which says ${now}. Set the clock, then run the command again.`,
      ko: `이 컴퓨터의 시계(${now}) 기준으로 ${kubeContext} 클러스터의 인증서가 아직 유효하지 않습니다. 시계를 맞춘 뒤 명령을 다시 실행하세요.`,
    });
  }
  return found;
}

/**
 * Requires a running cluster, for a command that changes nothing.
 * @param alsoRunning whether the stack already has the Kubernetes lab
 * @throws LabError that explains how to start the cluster, or lists the contexts
 */
export async function requireCluster(settings: Settings, alsoRunning: boolean): Promise<void> {
  if ((await seen(settings)).answers) return;
  throw isOwn(settings) ? notRunning(alsoRunning) : unreachable(settings);
}

/**
 * Starts the labs' own cluster if it is not running.
 * @returns the node of the lab, and whether the cluster was started
 * @throws LabError that explains what to do
 */
export async function runningCluster(settings: Settings): Promise<Look & { started: boolean }> {
  const first = await seen(settings);
  if (first.answers) {
    if (isOwn(settings)) await checkMapping(settings);
    return { ...first, started: false };
  }
  if (!isOwn(settings)) throw unreachable(settings);
  await needDocker();
  if (profileExists()) await checkMapping(settings);
  await start(settings);
  const then = await look(settings);
  if (!then.answers) throw unreachable(settings);
  return { ...then, started: true };
}
