import * as fs from "node:fs/promises";
import * as path from "node:path";
import { Report, cacheKey, fill } from "./cache";
import { goTool, toolRecipe } from "./go";
import { kubernetes, minikube } from "./kubernetes";

/** A folder with `minikube` and `kubectl`, and no other program of Kubernetes: it is put on PATH. */
export async function clusterPrograms(root: string, report: Report): Promise<string> {
  const tools = [minikube, kubernetes];
  const recipes = await Promise.all(tools.map(toolRecipe));
  const content = Object.fromEntries(recipes.map((recipe) => [recipe.name, cacheKey(recipe)]));
  const recipe = { name: "cluster-programs", version: recipes[0]?.version ?? "", content };
  return await fill(
    root,
    recipe,
    async (folder) => {
      for (const [tool, program] of [[minikube, "minikube"] as const, [kubernetes, "kubectl"] as const]) {
        await fs.link(path.join(await goTool(root, tool, report), "bin", program), path.join(folder, program));
      }
    },
    report,
  );
}

/** Arguments of `minikube start` for a node that has everything in it. */
export function startArgs(image: string, version: string): string[] {
  return [
    "--driver=docker",
    // The version is newer than those that this minikube knows, and it cannot look it up; and root is to mean it.
    "--force",
    `--base-image=${image}`,
    `--kubernetes-version=${version}`,
    "--container-runtime=containerd",
    "--cni=bridge",
    "--preload=false",
    "--cache-images=false",
    // Without CAP_SYS_RESOURCE the kubelet cannot protect itself from the kernel's choice when memory runs out.
    "--feature-gates=KubeletInUserNamespace=true",
  ];
}
