import type { Problem } from "./problem";

/** Reports a terminal that uses the Docker inside a minikube node. */
export function insideMinikube({ MINIKUBE_ACTIVE_DOCKERD: profile }: NodeJS.ProcessEnv): Problem[] {
  if (!profile) return [];
  const unset = "eval $(minikube docker-env --unset)";
  return [
    {
      cause: "docker of minikube",
      what: {
        en: `This terminal uses the Docker inside minikube's node ${profile}, because someone ran eval $(minikube docker-env) in it. The images and containers of this machine are not visible there.`,
        ko: `eval $(minikube docker-env) 명령을 실행했기 때문에 이 터미널은 minikube 노드(${profile}) 안의 Docker를 사용합니다. 그 Docker에서는 이 컴퓨터의 이미지와 컨테이너가 보이지 않습니다.`,
      },
      next: { en: `${unset}, or open a new terminal`, ko: `${unset} 명령을 실행하거나 새 터미널을 여세요` },
      evidence: [],
    },
  ];
}
