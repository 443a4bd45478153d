import { Text } from "../../text";

/** A line of the output of `minikube start --output json`. @see https://minikube.sigs.k8s.io/docs/contrib/json_output/ */
interface Event {
  type?: string;
  data?: { name?: string; message?: string; advice?: string };
}

/** The meaning of a line: a new step, an error, or nothing of interest. */
export type Heard =
  | { kind: "step"; name: string; text: Text }
  | { kind: "error"; id: string; message: string; advice?: string }
  | undefined;

const korean: Record<string, string> = {
  "Initial Minikube Setup": "준비",
  "Selecting Driver": "드라이버 선택",
  "Downloading Artifacts": "필요한 파일 내려받기",
  "Starting Node": "노드 시작",
  "Pulling Base Image": "노드 이미지 내려받기",
  "Creating Container": "노드 컨테이너 생성",
  "Preparing Kubernetes": "쿠버네티스 준비",
  "Generating certificates": "인증서 생성",
  "Booting control plane": "컨트롤 플레인 시작",
  "Configuring RBAC rules": "RBAC 규칙 설정",
  "Configuring CNI": "네트워크(CNI) 설정",
  "Verifying Kubernetes": "쿠버네티스 검증",
  "Enabling Addons": "애드온 활성화",
};

/** Steps that take no time. */
const passing = ["Initial Minikube Setup", "Selecting Driver", "Done"];

export function heard(line: string): Heard {
  let event: Event;
  try {
    event = JSON.parse(line) as Event;
  } catch {
    // minikube prints lines of its own between the events.
    return undefined;
  }
  const { name = "", message = "", advice } = event.data ?? {};
  if (event.type?.endsWith(".step") && !passing.includes(name)) {
    return { kind: "step", name, text: { en: name, ko: korean[name] ?? name } };
  }
  // The error is followed by a box that asks to report it.
  if (event.type?.endsWith(".error") && !message.trim().startsWith("╭"))
    return { kind: "error", id: name, message: message.trim(), advice };
  return undefined;
}
