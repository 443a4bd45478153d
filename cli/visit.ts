import { setTimeout as sleep } from "node:timers/promises";
import { project, Settings } from "../config";
import { statusOf } from "./http";
import { say } from "./language";

/** Whether a site answers at an address; an error may be a gateway's, which knows no such address. */
async function answers(url: string): Promise<boolean> {
  return statusOf(url, 3000).then(
    (status) => status < 400,
    () => false,
  );
}

/** Opens the address that was printed, and says what to do when nothing answers there. */
export async function checkAddress(url: string, { nodePort }: Settings, patience = 6000): Promise<boolean> {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    if (await answers(url)) return true;
    await sleep(500);
  }
  const host = `${project}:kubernetesHost: localhost`;
  say({
    en: `  ! ${url} does not answer from this machine. Where the node is in a virtual machine, as with Docker Desktop, its port is mapped to http://localhost:${nodePort}: try that, and set ${host}. Behind a proxy, exempt this address from it (NO_PROXY).`,
    ko: `  ! 이 컴퓨터에서 ${url} 이(가) 응답하지 않습니다. Docker Desktop 처럼 노드가 가상 머신 안에 있으면 포트가 http://localhost:${nodePort} 로 연결되어 있습니다: 그 주소를 열어 보고 ${host} 로 설정하세요. 프록시를 쓴다면 이 주소를 예외로 두세요 (NO_PROXY).`,
  });
  return false;
}
