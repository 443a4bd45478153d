import { setTimeout as sleep } from "node:timers/promises";
import { hidesNodes } from "../../components/addresses";
import { project, Settings } from "../../config";
import { Text } from "../../text";
import { isOwn } from "../cluster/running";
import { statusOf } from "../install/http";
import { say } from "../terminal/language";

/** Reports whether a site answers. An error status may come from a proxy that does not know the address. */
async function answers(url: string): Promise<boolean> {
  return statusOf(url, 3000).then(
    (status) => status < 400,
    () => false,
  );
}

/** Opens the printed address, and suggests alternatives if nothing answers. */
export async function checkAddress(url: string, settings: Settings, patience = 6000): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    if (await answers(url)) return true;
    await sleep(500);
  }
  say(unreached(url, settings));
  return false;
}

/** Other ways to reach the site. The node may be inside a virtual machine, or a proxy may be in between. */
export function unreached(url: string, settings: Settings, hidden = hidesNodes()): Text {
  const { kubeContext: context, kubernetesNamespace: namespace, nodePort } = settings;
  const forward = `kubectl --context ${context} --namespace ${namespace} port-forward service/wordpress ${nodePort}:80`;
  // The port is mapped only in clusters created by these commands, and only if the node cannot be reached directly.
  const mapped = isOwn(settings) && hidden && !url.includes("//localhost");
  const host = `${project}:kubernetesHost: localhost`;
  const ways: Text[] = [
    ...(mapped
      ? [
          {
            en: `http://localhost:${nodePort} (if this works, set ${host})`,
            ko: `http://localhost:${nodePort} (접속되면 ${host} 설정을 추가하세요)`,
          },
        ]
      : []),
    // Under any other address, WordPress would send visitors to the one that it was installed with.
    {
      en: `${forward}, then open http://localhost:${nodePort}`,
      ko: `${forward} 명령을 실행한 뒤 http://localhost:${nodePort} 열기`,
    },
  ];
  return {
    en: `  ! ${url} does not answer from this machine, although WordPress itself may be working (npm run check). Other ways to reach it: ${ways.map(({ en }) => en).join("; or ")}. If you use a proxy, exclude this address (NO_PROXY).`,
    ko: `  ! 이 컴퓨터에서 ${url} 주소가 응답하지 않습니다. WordPress 자체는 정상일 수 있습니다(npm run check로 점검). 다른 접속 방법: ${ways.map(({ ko }) => ko).join(" 또는 ")}. 프록시를 쓴다면 이 주소를 예외로 지정하세요(NO_PROXY).`,
  };
}
