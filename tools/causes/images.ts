import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { imageOf } from "./edition";
import { Problem } from "./problem";
import { brief, Case, eventsOf, titleOf, workloadOf } from "./objects";
import { pullProblem } from "./pulls";

/** What Kubernetes calls it when a container waits for an image that does not come. */
export const imageReasons = [
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "RegistryUnavailable",
  "SignatureValidationFailed",
  "PullQPSExceeded",
  "ImageInspectError",
];

/** Why an image cannot be pulled. */
export function imageProblem(pod: V1Pod, { image, state }: V1ContainerStatus, objects: Case): Problem {
  const workload = workloadOf(pod);
  const failures = eventsOf(objects, "Pod", pod.metadata?.name).filter(({ reason }) => reason === "Failed");
  const messages = [state?.waiting?.reason, state?.waiting?.message, ...failures.map(({ message }) => message)];
  const said = messages.filter((text) => text !== undefined).join(" ");
  // The back-off says nothing of why; the failure before it does.
  const longest = messages
    .filter((text) => text !== undefined && text.length > 30)
    .sort((a, b) => (b ?? "").length - (a ?? "").length);
  const { edition, lab } = objects;
  const written = imageOf(workload, edition);
  return {
    cause: "image cannot be pulled",
    what: {
      en: `${titleOf(workload)} does not start: its image ${image} cannot be pulled.`,
      ko: `${image} 이미지를 내려받을 수 없어 ${titleOf(workload)} 파드가 시작하지 못합니다.`,
    },
    ...pullProblem(said, { image, written, make: edition.make, context: lab.context }),
    evidence: longest.slice(0, 1).map((text) => brief(text ?? "")),
  };
}
