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

/** The folder of {@link clusterPrograms}, if it exists. */
export async function clusterProgramsIfMade(root: string): Promise<string | undefined> {
  const recipe = await programsRecipe();
  const folder = path.join(root, recipe.name, cacheKey(recipe));
  return existsSync(folder) ? folder : undefined;
}

/** A folder for PATH with `minikube` and `kubectl`, but no other program of Kubernetes. */
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

/** Arguments of `minikube start` for a node image that contains everything. */
export function startArgs(image: string, version: string): string[] {
  return [
    "--driver=docker",
    // For a version of Kubernetes that this minikube does not know and cannot look up, and to run as root.
    "--force",
    `--base-image=${image}`,
    `--kubernetes-version=${version}`,
    "--container-runtime=containerd",
    "--cni=bridge",
    "--preload=false",
    "--cache-images=false",
    // Without CAP_SYS_RESOURCE, the kubelet cannot lower its own OOM score.
    "--feature-gates=KubeletInUserNamespace=true",
  ];
}
