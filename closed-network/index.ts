import * as path from "node:path";
import { Text } from "../text";
import { cacheRoot } from "./cache";
import { docker } from "./dockerd";
import { providerPlugins, pulumiCli } from "./go";
import { images } from "./images";

/** What a run needs from the closed network. */
export interface Needs {
  /** Image references that the labs will use, such as "ubuntu:24.04" or "mysql:9.7.2". */
  images: string[];
  /** Provider plugins by their short name, such as "docker". */
  plugins: string[];
  /** Gets one line of progress for a person. */
  report: (line: Text) => void;
}

/**
 * Makes everything ready that other machines download: the Pulumi CLI, provider plugins, a Docker daemon, images.
 * What is there already is used as it is, so that a second call takes less than a second.
 * @returns the environment for child processes: this one's, with the CLI and the plugins in front on PATH
 * @throws LabError where a person has to act
 */
export async function prepare(needs: Needs): Promise<{ env: Record<string, string> }> {
  const root = cacheRoot();
  const folders = [await pulumiCli(root, needs.report)];
  if (needs.plugins.length > 0) folders.push(await providerPlugins(root, needs.plugins, needs.report));
  await docker(root, needs.report);
  await images(root, needs.images, needs.report);
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
