import { setTimeout as sleep } from "node:timers/promises";
import { hidesNodes } from "../../components/addresses";
import { project, Settings } from "../../config";
import { ofMinikube } from "../causes/remedies";
import { Text } from "../../text";
import { isOwn } from "../cluster/running";
import { statusOf } from "../install/http";
import { say } from "../terminal/language";

/** Whether a site answers at an address; an error may be a gateway's, which knows no such address. */
async function answers(url: string): Promise<boolean> {
  return statusOf(url, 3000).then(
    (status) => status < 400,
    () => false,
  );
}

/** Opens the address that was printed, and says what to do when nothing answers there. */
export async function checkAddress(url: string, settings: Settings, patience = 6000): Promise<boolean> {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    if (await answers(url)) return true;
    await sleep(500);
  }
  say(unreached(url, settings));
  return false;
}

/** Other ways to a site that may well run: where its node is in a virtual machine, or behind a proxy, only these lead to it. */
export function unreached(url: string, settings: Settings, hidden = hidesNodes()): Text {
  const { kubeContext: context, kubernetesNamespace: namespace, nodePort } = settings;
  const forward = `kubectl --context ${context} --namespace ${namespace} port-forward service/wordpress 8080:80`;
  const service = `minikube service wordpress --namespace ${namespace} --url --profile ${context}`;
  // Only a cluster that these commands made has its port mapped, and only where nodes are hidden.
  const mapped = isOwn(settings) && hidden && !url.includes("//localhost");
  const host = `${project}:kubernetesHost: localhost`;
  const ways: Text[] = [
    ...(mapped
      ? [
          {
            en: `http://localhost:${nodePort} (then set ${host})`,
            ko: `http://localhost:${nodePort} (되면 설정: ${host})`,
          },
        ]
      : []),
    ...(ofMinikube(context) ? [{ en: service, ko: service }] : []),
    { en: `${forward}, and open http://localhost:8080`, ko: `${forward} 실행 후 http://localhost:8080 열기` },
  ];
  return {
    en: `  ! ${url} does not answer from this machine; WordPress itself may be well (npm run check). Another way to it: ${ways.map(({ en }) => en).join("; or ")}. Behind a proxy, exempt this address from it (NO_PROXY).`,
    ko: `  ! 이 컴퓨터에서 ${url} 주소가 응답하지 않습니다. WordPress는 정상일 수 있습니다 (npm run check). 다른 길: ${ways.map(({ ko }) => ko).join(" 또는 ")}. 프록시를 쓴다면 이 주소를 예외로 두세요 (NO_PROXY).`,
  };
}
