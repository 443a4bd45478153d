import * as fs from "node:fs/promises";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { Recipe, Report, cacheKey, fill } from "./cache";
import { goTool, toolRecipe } from "./go";
import { kubernetes, minikube } from "./kubernetes";

async function programsRecipe(): Promise<Recipe> {
  const recipes = await Promise.all([minikube, kubernetes].map(toolRecipe));
  const content = Object.fromEntries(recipes.map((recipe) => [recipe.name, cacheKey(recipe)]));
  return { name: "cluster-programs", version: recipes[0]?.version ?? "", content };
}

/** The folder of {@link clusterPrograms} where it has been made, without making it. */
export async function clusterProgramsIfMade(root: string): Promise<string | undefined> {
  const recipe = await programsRecipe();
  const folder = path.join(root, recipe.name, cacheKey(recipe));
  return existsSync(folder) ? folder : undefined;
}

/** A folder with `minikube` and `kubectl`, and no other program of Kubernetes: it is put on PATH. */
export async function clusterPrograms(root: string, report: Report): Promise<string> {
  return await fill(
    root,
    await programsRecipe(),
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
