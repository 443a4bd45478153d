import { LabError } from "../../text";
import { say } from "../terminal/language";
import { inClosedNetwork } from "../install/toolchain";
import { lacking } from "../docker/image-names";
import { ClusterChoice } from "./kubeconfig";
import { copyImages, imagesInNode, minikubeTool } from "./minikube";

/**
 * Copies the images that the node really lacks from this machine's Docker into it; it would pull them itself, but more
 * slowly.
 * @param closed whether it could not pull them
 * @throws LabError with what Docker or minikube said, where there is no other way
 */
export async function loadImages(
  choice: ClusterChoice,
  images: readonly string[],
  closed = inClosedNetwork,
): Promise<void> {
  await minikubeTool(false);
  const missing = lacking(images, await imagesInNode(choice));
  if (missing.length === 0) return;
  const names = missing.join(", ");
  say({ en: `Loading ${names} into the cluster …`, ko: `${names} 이미지를 클러스터에 넣는 중 …` });
  const begun = Date.now();
  try {
    await copyImages(choice, missing);
  } catch (error) {
    if (!(error instanceof LabError) || (await closed())) throw error;
    const { en, ko } = error.text;
    return say({
      en: `  ! ${en}\n  Going on: the cluster pulls them itself.`,
      ko: `  ! ${ko}\n  계속합니다: 클러스터가 직접 내려받습니다.`,
    });
  }
  const seconds = Math.round((Date.now() - begun) / 1000);
  say({ en: `  loaded (${seconds} s)`, ko: `  넣었습니다 (${seconds}초)` });
}
