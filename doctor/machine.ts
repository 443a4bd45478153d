import { freemem, totalmem } from "node:os";
import { attempt } from "../checks/live";
import { Text } from "../text";
import { Ailment, same } from "./ailment";
import { gib, Sizes } from "./size";

/** One line about this machine. */
export interface Fact {
  name: Text;
  value: Text;
}

const missing: Text = { en: "not on PATH; npm run up gets its own", ko: "PATH 에 없음. npm run up 이 따로 받습니다" };

async function version(program: string, args: string[], pattern: RegExp): Promise<Text | undefined> {
  try {
    const { stdout } = await attempt(program, args);
    const found = pattern.exec(stdout)?.[1];
    return found === undefined ? undefined : same(found);
  } catch {
    return undefined;
  }
}

/** Whether this terminal talks to the Docker inside a minikube node, where nothing of this machine's is to be seen. */
export function insideMinikube({ MINIKUBE_ACTIVE_DOCKERD: profile }: NodeJS.ProcessEnv): Ailment[] {
  if (!profile) return [];
  const unset = "eval $(minikube docker-env --unset)";
  return [
    {
      cause: "docker of minikube",
      what: {
        en: `This terminal uses the Docker inside minikube's node ${profile}, and not the one of this machine.`,
        ko: `이 터미널은 이 컴퓨터의 Docker 가 아니라 minikube 노드 ${profile} 안의 Docker 를 씁니다.`,
      },
      why: {
        en: "eval $(minikube docker-env) was run in it: images and containers of this machine are not to be seen there.",
        ko: "eval $(minikube docker-env) 를 실행했기 때문입니다. 그곳에서는 이 컴퓨터의 이미지와 컨테이너가 보이지 않습니다.",
      },
      next: { en: `${unset}, or open a new terminal`, ko: `${unset} 또는 새 터미널 열기` },
      evidence: [],
    },
  ];
}

/** The tools and what they are, and how large this machine is. */
export async function machineFacts({ disk }: Sizes): Promise<Fact[]> {
  const number = /v?(\d+\.\d+\.\d+[^\s"]*)/;
  const [docker, compose, pulumi, minikube, kubectl] = await Promise.all([
    version("docker", ["version", "--format", "{{.Server.Version}}"], number),
    version("docker", ["compose", "version", "--short"], number),
    version("pulumi", ["version"], number),
    version("minikube", ["version", "--short"], number),
    version("kubectl", ["version", "--client"], number),
  ]);
  const byHand: Text = {
    en: "not installed; only needed for the by-hand edition",
    ko: "설치되어 있지 않음. 직접 해 볼 때만 필요합니다",
  };
  return [
    { name: same("Node.js"), value: same(process.versions.node) },
    { name: same("Docker"), value: docker ?? { en: "does not answer", ko: "응답하지 않음" } },
    { name: same("docker compose"), value: compose ?? byHand },
    { name: same("Pulumi"), value: pulumi ?? missing },
    { name: same("minikube"), value: minikube ?? missing },
    { name: same("kubectl"), value: kubectl ?? byHand },
    {
      name: { en: "memory", ko: "메모리" },
      value: {
        en: `${gib(totalmem())}, ${gib(freemem())} free`,
        ko: `${gib(totalmem())}, 남은 것 ${gib(freemem())}`,
      },
    },
    { name: { en: "disk", ko: "디스크" }, value: { en: `${gib(disk)} free`, ko: `남은 것 ${gib(disk)}` } },
  ];
}
