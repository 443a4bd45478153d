import { LabError } from "../../text";
import { say } from "../terminal/language";
import { inClosedNetwork } from "../install/toolchain";
import { lacking } from "../docker/image-names";
import { ClusterChoice } from "./kubeconfig";
import { copyImages, imagesInNode, minikubeTool } from "./minikube";

/**
 * Copies images that are missing on the node from this machine's Docker, which is faster than pulling them again.
 * @param closed whether the node cannot pull images
 * @throws LabError with the message of Docker or minikube if the node cannot pull images either
 */
export async function loadImages(
  choice: ClusterChoice,
  images: readonly string[],
  closed = inClosedNetwork,
): Promise<void> {
  await minikubeTool(false);
  const begun = performance.now();
  try {
    const missing = lacking(images, await imagesInNode(choice));
    if (missing.length === 0) return;
    const names = missing.join(", ");
    say({ en: `Loading ${names} into the cluster …`, ko: `${names} 이미지를 클러스터로 복사하는 중 …` });
    await copyImages(choice, missing);
  } catch (error) {
    if (!(error instanceof LabError) || (await closed())) throw error;
    const { en, ko } = error.text;
    return say({
      en: `  ! ${en}\n  Continuing: the cluster pulls them itself.`,
      ko: `  ! ${ko}\n  클러스터가 직접 내려받도록 하고 계속합니다.`,
    });
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  say({ en: `  loaded (${seconds} s)`, ko: `  복사했습니다 (${seconds}초)` });
}
