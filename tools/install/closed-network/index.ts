import * as path from "node:path";
import { Text } from "../../../text";
import { cacheKey, cacheRoot, isCached } from "./cache";
import { docker, privileged } from "./dockerd";
import { goTool, pluginTools, providerPlugins, pulumiCli, toolRecipe } from "./go";
import { imageRecipes, images } from "./images";
import { minikube as minikubeTool } from "./kubernetes";
import * as minikube from "./minikube";
import { node, nodeRecipes } from "./node";
import { Step, steps } from "./steps";

/** The requirements of a run. */
export interface Needs {
  /** Whether a Docker daemon is required. */
  docker: boolean;
  /** Images of the labs, such as "ubuntu:24.04" or "mysql:9.7.2". */
  images: string[];
  /** Provider plugins by short name, such as "docker". */
  plugins: string[];
  /** Handler for a line of progress. */
  report: (line: Text) => void;
}

/**
 * Builds everything that other machines download: the Pulumi CLI with its language host, provider plugins and images. Also
 * starts a Docker daemon. Existing parts are reused, so a second call takes less than a second.
 * @returns the environment for child processes, with the CLI and the plugins on PATH
 * @throws LabError that explains what to do
 */
export async function prepare(needs: Needs): Promise<{ env: Record<string, string> }> {
  const root = cacheRoot();
  const folders = [await goTool(root, pulumiCli, needs.report), path.join(__dirname, "language-host")];
  if (needs.plugins.length > 0) folders.push(...(await providerPlugins(root, needs.plugins, needs.report)));
  if (needs.docker) {
    await docker(root, needs.report);
    await images(root, needs.images, needs.report);
  }
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    env: {
      ...Object.fromEntries(inherited),
      PATH: [...folders.map((folder) => path.join(folder, "bin")), process.env.PATH ?? ""].join(path.delimiter),
      // Otherwise Pulumi would wait for addresses that cannot be reached.
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}

/** What a first run builds in the end, which is more than what is required now. */
export interface FirstRun extends Pick<Needs, "images" | "plugins"> {
  /** Whether it creates a cluster. */
  cluster: boolean;
}

/** Has the first step say how many there are and how long they take. */
export const expectSteps = (run: FirstRun): void => steps.expect(() => stepsOf(run));

/** What is not in the cache yet. */
async function stepsOf({ plugins, images: wanted, cluster }: FirstRun): Promise<Step[]> {
  const root = cacheRoot();
  const tools = [pulumiCli, ...pluginTools(plugins), ...(cluster ? [minikubeTool] : [])];
  const recipes = [
    ...(await Promise.all(tools.map(toolRecipe))),
    ...(await imageRecipes(wanted)),
    ...(cluster ? await nodeRecipes() : []),
  ];
  // Several images may be made of the same packages.
  const missing = new Map(recipes.filter((recipe) => !isCached(root, recipe)).map((made) => [cacheKey(made), made]));
  return [...missing.values()].flatMap(({ step }) => (step ? [step] : []));
}

/** The folder of `minikube` and `kubectl`, if {@link cluster} has built them. */
export const clusterProgramsIfMade = (): Promise<string | undefined> => minikube.clusterProgramsIfMade(cacheRoot());

/** How to start minikube here. */
export interface Cluster {
  /** Folder with `minikube` and `kubectl`. */
  bin: string;
  /** Additional arguments of `minikube start`. */
  startArgs: string[];
}

/**
 * Builds minikube, kubectl and a node image, which other machines download, and makes sure that Docker can run the node.
 * This takes about a quarter of an hour on two cores the first time; each finished part is kept. Does not start a cluster.
 * @throws LabError that explains what to do
 */
export async function cluster({ report }: Pick<Needs, "report">): Promise<Cluster> {
  const root = cacheRoot();
  await docker(root, report);
  const { image, version } = await node(root, report);
  const bin = await minikube.clusterPrograms(root, report);
  await privileged(root, image, report);
  return { bin, startArgs: minikube.startArgs(image, version) };
}
