import { say } from "../language";
import { lacking } from "./image-names";
import { ClusterChoice } from "./kubeconfig";
import { copyImages, imagesInNode, minikubeTool } from "./minikube";

/** Copies the images that the node really lacks from this machine's Docker into it. */
export async function loadImages(choice: ClusterChoice, images: readonly string[]): Promise<void> {
  await minikubeTool(false);
  const missing = lacking(images, await imagesInNode(choice));
  if (missing.length === 0) return;
  const names = missing.join(", ");
  say({ en: `Loading ${names} into the cluster …`, ko: `${names} 이미지를 클러스터에 넣는 중 …` });
  const begun = Date.now();
  await copyImages(choice, missing);
  const seconds = Math.round((Date.now() - begun) / 1000);
  say({ en: `  loaded (${seconds} s)`, ko: `  넣었습니다 (${seconds}초)` });
}
