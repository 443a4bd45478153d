import * as path from "node:path";
import { Text } from "../../../text";
import { cacheRoot } from "./cache";
import { docker, privileged } from "./dockerd";
import { goTool, providerPlugins, pulumiCli } from "./go";
import { images } from "./images";
import * as minikube from "./minikube";
import { node } from "./node";

/** What a run needs from the closed network. */
export interface Needs {
  /** Whether a Docker daemon is to run. */
  docker: boolean;
  /** Image references that the labs will use, such as "ubuntu:24.04" or "mysql:9.7.2"; they need the daemon. */
  images: string[];
  /** Provider plugins by their short name, such as "docker". */
  plugins: string[];
  /** Gets one line of progress for a person. */
  report: (line: Text) => void;
}

/**
 * Makes everything ready that other machines download: the Pulumi CLI with its language host, provider plugins, a Docker daemon, images.
 * What is there already is used as it is, so that a second call takes less than a second.
 * @returns the environment for child processes: this one's, with the CLI and the plugins in front on PATH
 * @throws LabError where a person has to act
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
      // Both would wait for addresses that cannot be reached.
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}

/** The folder of `minikube` and `kubectl` where {@link cluster} has made them. */
export const clusterProgramsIfMade = (): Promise<string | undefined> => minikube.clusterProgramsIfMade(cacheRoot());

/** What it takes to start minikube here. */
export interface Cluster {
  /** Folder with the programs `minikube` and `kubectl`. */
  bin: string;
  /** Arguments of `minikube start`, beyond the profile and the sizes. */
  startArgs: string[];
}

/**
 * Makes minikube, kubectl and the image of a node, where other machines download them, and a Docker daemon that runs it.
 * The first time takes about twenty minutes on two cores; each part is kept when it is done. Starts no cluster.
 * @throws LabError where a person has to act
 */
export async function cluster({ report }: Pick<Needs, "report">): Promise<Cluster> {
  const root = cacheRoot();
  await docker(root, report);
  const { image, version } = await node(root, report);
  const bin = await minikube.clusterPrograms(root, report);
  await privileged(root, image, report);
  return { bin, startArgs: minikube.startArgs(image, version) };
}
