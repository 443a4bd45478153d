import { say } from "../language";
import { lacking } from "./image-names";
import { ClusterChoice } from "./kubeconfig";
import { imagesInNode, loadImage, minikubeTool } from "./minikube";

/** Copies the images that the node really lacks from this machine's Docker into it. */
export async function loadImages(choice: ClusterChoice, images: readonly string[]): Promise<void> {
  await minikubeTool(false);
  for (const image of lacking(images, await imagesInNode(choice))) {
    say({ en: `Loading ${image} into the cluster …`, ko: `${image} 이미지를 클러스터에 넣는 중 …` });
    const begun = Date.now();
    await loadImage(choice, image);
    const seconds = Math.round((Date.now() - begun) / 1000);
    say({ en: `  ${image} is in the cluster (${seconds} s)`, ko: `  ${image} 이미지를 넣었습니다 (${seconds}초)` });
  }
}
