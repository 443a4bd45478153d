import type { Ailment } from "./ailment";

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
