import { Text } from "../../text";

/** One line of what `minikube start --output json` prints. @see https://minikube.sigs.k8s.io/docs/contrib/json_output/ */
interface Event {
  type?: string;
  data?: { name?: string; message?: string; advice?: string; exitcode?: string };
}

/** What a line of minikube's means: a new step, an error, or nothing that a learner has to know. */
export type Heard =
  | { kind: "step"; name: string; text: Text }
  | { kind: "error"; id: string; message: string; advice?: string }
  | undefined;

/** minikube's names of its steps, as far as it has them in all versions. */
const korean: Record<string, string> = {
  "Initial Minikube Setup": "준비",
  "Selecting Driver": "드라이버 선택",
  "Downloading Artifacts": "필요한 파일 내려받기",
  "Starting Node": "노드 시작",
  "Pulling Base Image": "노드 이미지 내려받기",
  "Creating Container": "노드 컨테이너 만들기",
  "Preparing Kubernetes": "쿠버네티스 준비",
  "Generating certificates": "인증서 만들기",
  "Booting control plane": "컨트롤 플레인 시작",
  "Configuring RBAC rules": "RBAC 규칙 설정",
  "Configuring CNI": "네트워크(CNI) 설정",
  "Verifying Kubernetes": "쿠버네티스 확인",
  "Enabling Addons": "애드온 켜기",
};

/** Steps that take no time. */
const passing = ["Initial Minikube Setup", "Selecting Driver", "Done"];

/** Reads a line that minikube printed. */
export function heard(line: string): Heard {
  let event: Event;
  try {
    event = JSON.parse(line) as Event;
  } catch {
    return undefined;
  }
  const { name = "", message = "", advice } = event.data ?? {};
  if (event.type?.endsWith(".step") && !passing.includes(name)) {
    return { kind: "step", name, text: { en: name, ko: korean[name] ?? name } };
  }
  // After the error comes a frame that asks for a report of it.
  if (event.type?.endsWith(".error") && !message.trim().startsWith("╭"))
    return { kind: "error", id: name, message: message.trim(), advice };
  return undefined;
}
