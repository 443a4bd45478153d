import { ownProfile, project, Settings } from "../../config";
import { LabError, Text } from "../../text";
import { toolchain } from "../install/toolchain";
import { accessTo, contextsIn, kubeconfigFiles } from "./kubeconfig";
import { Look, look } from "./look";
import { checkMapping, profileExists, start } from "./minikube";

/** Whether the cluster is the one that the commands start and remove; any other one is only used. */
export const isOwn = ({ kubeContext }: Pick<Settings, "kubeContext">) => kubeContext === ownProfile;

/** Why the cluster cannot be used, and the next step. */
function unreachable(settings: Settings): LabError {
  const { kubeContext } = settings;
  const access = accessTo(settings);
  if (access) {
    return new LabError({
      en: `The cluster of context "${kubeContext}" does not answer at ${access.server}. Start it (one of minikube: minikube start --profile ${kubeContext}), then run the command again.`,
      ko: `"${kubeContext}" 컨텍스트의 클러스터가 ${access.server} 에서 응답하지 않습니다. 클러스터를 시작한 뒤 (minikube 라면: minikube start --profile ${kubeContext}) 명령을 다시 실행하세요.`,
    });
  }
  const files = kubeconfigFiles(settings.kubeconfig).join(", ");
  const names = contextsIn(settings).join(", ");
  return new LabError({
    en:
      `Setting ${project}:kubeContext is "${kubeContext}": ${files} has no such context. ` +
      (names ? `There are: ${names}. Choose one of them` : "There is none") +
      `, or leave the setting out: then npm run up makes a cluster called ${ownProfile}.`,
    ko:
      `설정 ${project}:kubeContext 값이 "${kubeContext}" 입니다: ${files} 에 그런 컨텍스트가 없습니다. ` +
      (names ? `있는 컨텍스트: ${names}. 이 중에서 고르거나 ` : "컨텍스트가 하나도 없습니다. ") +
      `설정을 빼면 npm run up 이 ${ownProfile} 클러스터를 만듭니다.`,
  });
}

/** The refusal to look into a cluster that is not running: only `up` starts one. */
function notRunning(alsoRunning: boolean): LabError {
  const without: Text = alsoRunning
    ? { en: ".", ko: "." }
    : {
        en: ". Or leave Kubernetes out: npm run preview -- --labs redis,registry,compose",
        ko: ". 쿠버네티스를 빼고 보려면: npm run preview -- --labs redis,registry,compose",
      };
  const state = profileExists()
    ? { en: "is stopped", ko: "멈춰 있습니다" }
    : { en: "has not been made yet", ko: "아직 만들어지지 않았습니다" };
  return new LabError({
    en: `The cluster ${ownProfile} ${state.en}, and a preview starts nothing. To start it: npm run up${without.en}`,
    ko: `${ownProfile} 클러스터가 ${state.ko}. preview 는 아무것도 시작하지 않습니다. 시작하려면: npm run up${without.ko}`,
  });
}

/**
 * Checks that the cluster answers, for a command that changes nothing.
 * @param alsoRunning whether the stack has the Kubernetes lab already
 * @throws LabError that says how to start the cluster, or lists the contexts there are
 */
export async function requireCluster(settings: Settings, alsoRunning: boolean): Promise<void> {
  if ((await look(settings)).answers) return;
  throw isOwn(settings) ? notRunning(alsoRunning) : unreachable(settings);
}

/**
 * The cluster of the labs, started where it is ours and does not run.
 * @returns what it says of the lab's node, and whether it had to be started
 * @throws LabError that says what a person has to do
 */
export async function runningCluster(settings: Settings): Promise<Look & { started: boolean }> {
  const first = await look(settings);
  if (first.answers) {
    if (isOwn(settings)) await checkMapping(settings);
    return { ...first, started: false };
  }
  if (!isOwn(settings)) throw unreachable(settings);
  await toolchain({ labs: settings.labs, images: [], docker: true });
  if (profileExists()) await checkMapping(settings);
  await start(settings);
  const then = await look(settings);
  if (!then.answers) throw unreachable(settings);
  return { ...then, started: true };
}
