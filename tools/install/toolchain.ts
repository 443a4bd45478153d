import { realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { LabName, usesDocker } from "../../config";
import { imageSettings, pullProblem } from "../causes/pulls";
import { LabError } from "../../text";
import { imagesHere, NoDocker, pull, useDocker } from "../docker/docker";
import { byTheClock, statusOf } from "./http";
import { say } from "../terminal/language";
import { cliCommands, cliFolder, cliRelease, minikubeFolder, pluginRelease, unpackInto } from "./official";
import { checkOwnPlugin, isOlder } from "./own-programs";
import { addToPath, exists, folderOf, onPath } from "./path";
import { version } from "./pulumi";

/** The oldest supported version of the Pulumi CLI. */
const oldestCli = "3.200.0";

/** The version of a package in node_modules, which is also the version of its plugin. */
function packageVersion(name: string): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(`@pulumi/${name}/package.json`) as { version: string }).version;
}

/** Reports whether a version of the CLI is supported. A CLI built from source may have no version. */
export function worksWith(version: string | undefined): boolean {
  return version === undefined || (parseInt(version) === parseInt(oldestCli) && !isOlder(version, oldestCli));
}

/** Reports whether the user has the Pulumi CLI with its language host, which is in the same folder in the official release. */
async function ownCli(): Promise<boolean> {
  const folder = await folderOf("pulumi");
  if (folder === undefined) return false;
  const beside = async () => exists(join(dirname(await realpath(join(folder, "pulumi"))), "pulumi-language-nodejs"));
  if (process.platform !== "win32" && !(await onPath("pulumi-language-nodejs")) && !(await beside())) return false;
  return worksWith(await version());
}

let cli: Promise<boolean> | undefined;

const haveCli = (): Promise<boolean> => (cli ??= findCli());

async function findCli(): Promise<boolean> {
  if (await ownCli()) return true;
  const downloaded = cliCommands(packageVersion("pulumi"));
  if (!(await exists(downloaded))) return false;
  addToPath(downloaded);
  return true;
}

/** Puts downloaded tools on PATH that the user has not installed. */
export async function downloadedTools(): Promise<void> {
  await haveCli();
  if (!(await onPath("minikube")) && (await exists(minikubeFolder()))) addToPath(minikubeFolder());
}

const pluginFolder = (name: string) =>
  join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins", `resource-${name}-v${packageVersion(name)}`);

/** Plugins that were built here are on PATH, and need no check of their versions. */
let madeHere = false;

async function havePlugin(name: string): Promise<boolean> {
  if (!(await onPath(`pulumi-resource-${name}`))) return exists(pluginFolder(name));
  if (!madeHere) await checkOwnPlugin(name, packageVersion(name));
  return true;
}

/**
 * Reports whether the official releases can be reached, with a second attempt for slow networks. Those that only the clock
 * keeps from being trusted would be reached.
 */
export async function releasesAnswer(
  asked = () => statusOf("https://get.pulumi.com/", 8000, { method: "HEAD" }),
): Promise<boolean> {
  return asked()
    .catch((error: Error) => (error.name === "AbortError" ? asked() : Promise.reject(error)))
    .then(() => true, byTheClock);
}

/**
 * Reports whether this machine can build what it cannot download. On other machines, and with a proxy that Node.js does not
 * use, the download should fail with its own message.
 */
async function couldMake(env = process.env): Promise<boolean> {
  const passedOver = (env.HTTPS_PROXY ?? env.https_proxy) && !env.NODE_USE_ENV_PROXY;
  if (process.platform !== "linux" || passedOver || !(await onPath("apt-get"))) return false;
  return process.getuid?.() === 0 || (await onPath("go"));
}

let closed: Promise<boolean> | undefined;

export const inClosedNetwork = (): Promise<boolean> => (closed ??= lookForReleases());

const lookForReleases = async (): Promise<boolean> => (await couldMake()) && !(await releasesAnswer());

async function getOfficial(withCli: boolean, plugins: string[]): Promise<void> {
  const release = packageVersion("pulumi");
  if (withCli) {
    say({ en: `Downloading Pulumi ${release} …`, ko: `Pulumi ${release} 내려받는 중 …` });
    await unpackInto(cliRelease(release), cliFolder(release));
    addToPath(cliCommands(release));
    cli = Promise.resolve(true);
  }
  for (const name of plugins) {
    say({
      en: `Downloading the ${name} plugin ${packageVersion(name)} …`,
      ko: `${name} 플러그인 ${packageVersion(name)} 내려받는 중 …`,
    });
    await unpackInto(pluginRelease(name, packageVersion(name)), pluginFolder(name));
  }
}

export interface Whole {
  labs: readonly LabName[];
  images: string[];
  /** Whether it creates a cluster. */
  cluster: boolean;
}

let whole: (() => Whole) | undefined;

/** Announces at the start of a first run how long everything takes that the command needs. */
export const expect = (all: () => Whole) => void (whole = all);

/** Builds here what other machines download, and puts it on PATH. */
async function fromRegistries(needs: { docker?: boolean; images?: string[]; plugins?: string[] }): Promise<void> {
  const { expectSteps, prepare } = await import("./closed-network");
  if (whole) {
    const { labs, ...others } = whole();
    expectSteps({ ...others, plugins: pluginsOf(labs) });
    whole = undefined;
  }
  const { env } = await prepare({ docker: false, images: [], plugins: [], report: say, ...needs });
  Object.assign(process.env, env);
  cli = Promise.resolve(true);
  madeHere = true;
}

/** The plugins of labs, by short name. */
const pluginsOf = (labs: readonly LabName[]) => [
  "random",
  ...(usesDocker(labs) ? ["docker"] : []),
  ...(labs.includes("kubernetes") ? ["kubernetes"] : []),
];

/** Plugins that were found or installed; a plugin has to be started to report its version. */
const there = new Set<string>();

/**
 * Finds the Pulumi CLI and the plugins of labs, or installs them: from official releases if they can be reached, otherwise from
 * package registries.
 * @throws LabError that explains what to do
 */
export async function needPlugins(labs: readonly LabName[]): Promise<void> {
  const plugins = pluginsOf(labs).filter((name) => !there.has(name));
  const [pulumi, ...have] = await Promise.all([haveCli(), ...plugins.map(havePlugin)]);
  const without = plugins.filter((_, i) => !have[i]);
  if (!pulumi || without.length > 0) {
    if (await inClosedNetwork()) await fromRegistries({ plugins: without });
    else await getOfficial(!pulumi, without);
  }
  for (const name of plugins) there.add(name);
}

/** The Pulumi CLI, with what every stack needs. @see needPlugins */
export const needPulumi = () => needPlugins([]);

let docker: Promise<void> | undefined;

/**
 * Finds Docker. In a closed network, where its user could not install one, it is installed and started.
 * @throws LabError that explains what to do
 */
export async function needDocker(): Promise<void> {
  docker ??= findDocker();
  // One that is started meanwhile is found the next time.
  await docker.catch((error: unknown) => {
    docker = undefined;
    throw error;
  });
}

async function findDocker(): Promise<void> {
  try {
    await useDocker();
  } catch (error) {
    const mayStart = process.platform === "linux" && process.getuid?.() === 0;
    const startable = error instanceof NoDocker && error.problem.startable;
    if (!startable || !mayStart || !(await inClosedNetwork())) throw error;
    await fromRegistries({ docker: true });
    await useDocker();
  }
}

export async function needToolsOf(labs: readonly LabName[]): Promise<void> {
  await needPlugins(labs);
  if (usesDocker(labs)) await needDocker();
}

/**
 * Pulls the images that Docker does not have yet.
 * @param current also builds those again whose recipes have changed, where images are built here
 * @throws LabError that explains what to do
 */
export async function needImages(images: string[], current = false): Promise<void> {
  await needDocker();
  const here = current && madeHere ? [] : await imagesHere(images);
  for (const image of images.filter((name) => !here.includes(name))) {
    // If the tools were built from package registries, no image can be pulled either.
    if (madeHere) return fromRegistries({ docker: true, images });
    say({ en: `Pulling ${image} …`, ko: `${image} 이미지 내려받는 중 …` });
    try {
      await pull(image);
    } catch (error) {
      if (await inClosedNetwork()) return fromRegistries({ docker: true, images });
      const said = (error as Error).message;
      const { why, next } = pullProblem(said, { image, written: imageSettings, make: "npm run up" });
      throw new LabError({
        en: `Image ${image} cannot be pulled. ${why.en} ${next.en}\n    ${said}`,
        ko: `${image} 이미지를 내려받을 수 없습니다. ${why.ko} ${next.ko}\n    ${said}`,
      });
    }
  }
}
