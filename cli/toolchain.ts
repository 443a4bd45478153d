import { homedir } from "node:os";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { prepare } from "../closed-network";
import { LabName, usesDocker } from "../config";
import { imageSettings, pullProblem } from "../diagnosis/pulls";
import { LabError } from "../text";
import { imagesHere, NoDocker, pull, useDocker } from "./docker";
import { statusOf } from "./http";
import { say } from "./language";
import { cliCommands, cliFolder, cliRelease, minikubeFolder, pluginRelease, unpackInto } from "./official";
import { addToPath, exists, onPath } from "./path";

/** Oldest Pulumi CLI that the Automation API here is known to work with. */
const oldestCli = "3.200.0";

/** The version that a package of node_modules has; its plugin has the same. */
function packageVersion(name: string): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(`@pulumi/${name}/package.json`) as { version: string }).version;
}

let cli: PulumiCommand | undefined;

/** The `pulumi` command of this run, once the toolchain was asked for: the Automation API need not look for it again. */
export const pulumiCommand = (): PulumiCommand | undefined => cli;

/**
 * Whether `pulumi` is a command of this run: the learner's own, or one that was downloaded before.
 * @param meanwhile see {@link Need}
 */
async function haveCli(meanwhile?: () => void): Promise<boolean> {
  cli ??= await recentCli(meanwhile);
  const downloaded = cliCommands(packageVersion("pulumi"));
  if (!cli && (await exists(downloaded))) {
    addToPath(downloaded);
    cli = await recentCli(meanwhile);
  }
  return cli !== undefined;
}

async function recentCli(meanwhile?: () => void): Promise<PulumiCommand | undefined> {
  const { PulumiCommand } = await import("@pulumi/pulumi/automation");
  const asked = PulumiCommand.get().catch(() => undefined);
  if (await onPath("pulumi")) meanwhile?.();
  const found = await asked;
  // One that was built by hand may have no version.
  return found && (found.version === null || found.version.compare(oldestCli) >= 0) ? found : undefined;
}

/** Makes commands of this run of what was downloaded before, where the learner has none of their own. */
export async function downloadedTools(): Promise<void> {
  await haveCli();
  if (!(await onPath("minikube")) && (await exists(minikubeFolder()))) addToPath(minikubeFolder());
}

const pluginFolder = (name: string) =>
  join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins", `resource-${name}-v${packageVersion(name)}`);

async function havePlugin(name: string): Promise<boolean> {
  return (await exists(pluginFolder(name))) || (await onPath(`pulumi-resource-${name}`));
}

/** Whether the official releases can be reached; any answer will do. A slow network is asked once more. */
async function releasesAnswer(): Promise<boolean> {
  const asked = () => statusOf("https://get.pulumi.com/", 8000, { method: "HEAD" });
  return asked()
    .catch((error: Error) => (error.name === "AbortError" ? asked() : Promise.reject(error)))
    .then(
      () => true,
      () => false,
    );
}

/**
 * Whether this machine could make what it cannot download. Anywhere else, and behind a proxy that Node.js was not told to
 * use, the download itself says what is wrong.
 */
async function couldMake(env = process.env): Promise<boolean> {
  const passedOver = (env.HTTPS_PROXY ?? env.https_proxy) && !env.NODE_USE_ENV_PROXY;
  if (process.platform !== "linux" || passedOver || !(await onPath("apt-get"))) return false;
  return process.getuid?.() === 0 || (await onPath("go"));
}

let closed: Promise<boolean> | undefined;

/** Whether this is a machine that only reaches package registries; asked, and told, once. */
export const inClosedNetwork = (): Promise<boolean> => (closed ??= lookForReleases());

async function lookForReleases(): Promise<boolean> {
  const closed = (await couldMake()) && !(await releasesAnswer());
  if (closed) {
    say({
      en: "The official Pulumi releases cannot be reached, which is fine: what is needed is made from package registries.",
      ko: "Pulumi 공식 배포판에 접속할 수 없지만 괜찮습니다: 필요한 것은 패키지 저장소에서 만듭니다.",
    });
  }
  return closed;
}

async function getOfficial(cli: boolean, plugins: string[]): Promise<void> {
  const version = packageVersion("pulumi");
  if (cli) {
    say({ en: `Downloading Pulumi ${version} …`, ko: `Pulumi ${version} 내려받는 중 …` });
    await unpackInto(cliRelease(version), cliFolder(version));
    addToPath(cliCommands(version));
    await haveCli();
  }
  for (const name of plugins) {
    say({
      en: `Downloading the ${name} plugin ${packageVersion(name)} …`,
      ko: `${name} 플러그인 ${packageVersion(name)} 내려받는 중 …`,
    });
    await unpackInto(pluginRelease(name, packageVersion(name)), pluginFolder(name));
  }
}

/** What a run needs. */
export interface Need {
  labs: LabName[];
  /** Images that Docker has to have: those that the labs run or build upon; none for a preview. */
  images: string[];
  /** Whether Docker is needed although no lab runs on it: the cluster does. @default false */
  docker?: boolean;
  /** Work to begin while this process waits for the Pulumi CLI, which takes a third of a second to tell its version. */
  meanwhile?: () => void;
}

/**
 * Finds Docker, the Pulumi CLI, the plugins and the images, or gets them: official releases where they can be
 * reached, else from package registries.
 * @throws LabError that says what a person has to do
 */
export async function toolchain({ labs, images, docker = false, meanwhile }: Need): Promise<void> {
  const labsOnDocker = usesDocker(labs);
  const onDocker = labsOnDocker || docker;
  const onCluster = labs.includes("kubernetes");
  const plugins = ["random", ...(labsOnDocker ? ["docker"] : []), ...(onCluster ? ["kubernetes"] : [])];

  const [pulumi, ...have] = await Promise.all([haveCli(meanwhile), ...plugins.map(havePlugin)]);
  const without = plugins.filter((_, i) => !have[i]);
  const fromRegistries = async () => {
    const { env } = await prepare({ docker: onDocker, images, plugins: without, report: say });
    Object.assign(process.env, env);
    await haveCli(meanwhile);
  };

  let prepared = false;
  if (!pulumi || without.length > 0) {
    if (await inClosedNetwork()) {
      await fromRegistries();
      prepared = true;
    } else {
      await getOfficial(!pulumi, without);
    }
  }
  if (!onDocker) return;

  try {
    await useDocker();
  } catch (error) {
    const mayStart = process.platform === "linux" && process.getuid?.() === 0;
    const startable = error instanceof NoDocker && error.problem.startable;
    if (prepared || !startable || !mayStart || !(await inClosedNetwork())) throw error;
    await fromRegistries();
    await useDocker();
  }

  const here = await imagesHere(images);
  for (const image of images.filter((name) => !here.includes(name))) {
    say({ en: `Pulling ${image} …`, ko: `${image} 이미지 내려받는 중 …` });
    try {
      await pull(image);
    } catch (error) {
      if (await inClosedNetwork()) {
        await fromRegistries();
        break;
      }
      const said = (error as Error).message;
      const { why, next } = pullProblem(said, { image, written: imageSettings, make: "npm run up" });
      throw new LabError({
        en: `Image ${image} cannot be pulled. ${why.en} ${next.en}\n    ${said}`,
        ko: `${image} 이미지를 내려받을 수 없습니다. ${why.ko} ${next.ko}\n    ${said}`,
      });
    }
  }
}
