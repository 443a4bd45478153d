import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { Text } from "../text";
import { imageOf } from "./edition";
import { Finding } from "./finding";
import { brief, Case, eventsOf, titleOf, workloadOf } from "./objects";

/** What Kubernetes calls it when a container waits for an image that does not come. */
export const imageReasons = [
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "RegistryUnavailable",
];

/** What a pull says, and what it means. The first that fits counts. */
const pullProblems: { says: RegExp; why: Text; ours: boolean }[] = [
  {
    says: /InvalidImageName|couldn't parse image|invalid reference format/i,
    why: { en: "That is no image name.", ko: "이미지 이름의 형식이 잘못되었습니다." },
    ours: true,
  },
  {
    says: /toomanyrequests|rate limit|429/i,
    why: { en: "The registry's pull limit is reached.", ko: "레지스트리의 내려받기 한도에 도달했습니다." },
    ours: false,
  },
  {
    says: /no match for platform|exec format error/i,
    why: { en: "There is none for this kind of processor.", ko: "이 프로세서에 맞는 이미지가 없습니다." },
    ours: true,
  },
  {
    says: /no such host|i\/o timeout|connection refused|network is unreachable|TLS handshake|dial tcp|server misbehaving/i,
    why: {
      en: "The node does not have it, and its registry cannot be reached.",
      ko: "노드에 없고 레지스트리에 접속할 수도 없습니다.",
    },
    ours: true,
  },
  {
    says: /unauthorized|denied|authentication required|401|403/i,
    why: {
      en: "The registry does not give it out: there is no such image, or it is not public.",
      ko: "레지스트리가 내주지 않습니다: 그런 이미지가 없거나 공개되지 않았습니다.",
    },
    ours: true,
  },
  {
    says: /not found|manifest unknown|does not exist/i,
    why: { en: "The registry has no such image.", ko: "레지스트리에 그런 이미지가 없습니다." },
    ours: true,
  },
];

/** Why an image cannot be pulled. */
export function imageFinding(pod: V1Pod, { image, state }: V1ContainerStatus, objects: Case): Finding {
  const workload = workloadOf(pod);
  const failures = eventsOf(objects, "Pod", pod.metadata?.name).filter(({ reason }) => reason === "Failed");
  const messages = [state?.waiting?.reason, state?.waiting?.message, ...failures.map(({ message }) => message)];
  const said = messages.filter((text) => text !== undefined).join(" ");
  // The back-off says nothing of why; the failure before it does.
  const longest = messages
    .filter((text) => text !== undefined && text.length > 30)
    .sort((a, b) => (b ?? "").length - (a ?? "").length);
  const problem = pullProblems.find(({ says }) => says.test(said));
  const { edition } = objects;
  const written = imageOf(workload, edition);
  return {
    cause: "image cannot be pulled",
    what: {
      en: `${titleOf(workload)} does not start: its image ${image} cannot be pulled.`,
      ko: `${titleOf(workload)} 이(가) 시작하지 못합니다: 이미지 ${image} 을(를) 내려받을 수 없습니다.`,
    },
    why: problem?.why ?? { en: "", ko: "" },
    next:
      problem?.ours === false
        ? {
            en: `Wait a while or log in to the registry, then: ${edition.make}`,
            ko: `잠시 기다리거나 레지스트리에 로그인한 뒤: ${edition.make}`,
          }
        : {
            en: `Correct ${written.en}, then: ${edition.make}`,
            ko: `${written.ko} 을(를) 고친 뒤: ${edition.make}`,
          },
    evidence: longest.slice(0, 1).map((text) => brief(text ?? "")),
  };
}
