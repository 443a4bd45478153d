import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { ownProfile, Settings } from "../../config";
import { LabError, same, Text } from "../../text";
import { imageSettings, PullCause, pullCause } from "../causes/pulls";
import { docker, reason, saveImages } from "../docker/docker";
import { say } from "../terminal/language";
import { commandInto, minikubeFolder, minikubeRelease, minikubeVersion } from "../install/official";
import { checkOwnMinikube } from "../install/own-programs";
import { addToPath, hiddenFolder, onPath } from "../install/path";
import { downloadedTools, inClosedNetwork } from "../install/toolchain";
import { ClusterChoice, kubeconfigFiles, selectedContexts } from "./kubeconfig";
import { lacking } from "../docker/image-names";
import { Heard, heard } from "./minikube-events";
import { creationArguments, forceArguments, Machine, mappingProblem, needsMapping } from "./start-arguments";

function profileFile(env: NodeJS.ProcessEnv): string {
  const given = env.MINIKUBE_HOME || homedir();
  const home = basename(given) === ".minikube" ? given : join(given, ".minikube");
  return join(home, "profiles", ownProfile, "config.json");
}

/** Reports whether the cluster of the labs exists, running or not. */
export function profileExists(env: NodeJS.ProcessEnv = process.env): boolean {
  return existsSync(profileFile(env));
}

/** Possible names of the node image in Docker: without the digest if minikube loaded it from a file. */
export function nodeImageNames(env: NodeJS.ProcessEnv = process.env): string[] {
  try {
    const { KicBaseImage: image } = JSON.parse(readFileSync(profileFile(env), "utf8")) as { KicBaseImage?: string };
    return image ? [...new Set([image, image.replace(/@.*/, "")])] : [];
  } catch {
    // The start that would have written it was killed.
    return [];
  }
}

interface Failure extends Error {
  heard?: Extract<Heard, { kind: "error" }>;
}

async function minikube(
  choice: ClusterChoice,
  [command, ...args]: string[],
  onLine: (line: string) => void = () => undefined,
): Promise<string> {
  const file = choice.kubeconfig && kubeconfigFiles(choice.kubeconfig)[0];
  const env = { ...process.env, ...(file ? { KUBECONFIG: file } : {}), MINIKUBE_IN_STYLE: "false" };
  const child = spawn("minikube", [command as string, "--profile", ownProfile, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  const said: string[] = [];
  let error: Failure["heard"];
  const printed: string[] = [];
  const each = (stream: NodeJS.ReadableStream, keep: (line: string) => void) =>
    createInterface({ input: stream }).on("line", keep);
  each(child.stdout, (line) => {
    printed.push(line);
    const what = heard(line);
    if (what?.kind === "error") error = what;
    onLine(line);
  });
  each(child.stderr, (line) => said.push(line));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code === 0) return printed.join("\n");
  const last = (said.length > 0 ? said : printed).slice(-5).join("\n");
  throw Object.assign(new Error(last || `exit code ${code}`), { heard: error }) satisfies Failure;
}

/**
 * Puts `minikube` on PATH: the user's own, a downloaded one, or in a closed network one that is built from source.
 * @param make whether a cluster is to be created, which in a closed network needs a node image, too
 * @returns additional arguments for `minikube start`
 */
export async function minikubeTool(make: boolean): Promise<string[]> {
  await downloadedTools();
  const found = await onPath("minikube");
  if (found && !make) return [];
  if (await inClosedNetwork()) {
    const { cluster } = await import("../install/closed-network");
    const { bin, startArgs } = await cluster({ report: say });
    addToPath(bin);
    return startArgs;
  }
  if (!found) {
    say({ en: `Downloading minikube ${minikubeVersion} …`, ko: `minikube ${minikubeVersion} 내려받는 중 …` });
    await commandInto(minikubeRelease(), minikubeFolder(), "minikube");
    addToPath(minikubeFolder());
  } else {
    await checkOwnMinikube();
  }
  return [];
}

export async function machine(): Promise<Machine> {
  const info = JSON.parse(await docker("info", "--format", "{{json .}}")) as {
    NCPU: number;
    MemTotal: number;
    OperatingSystem: string;
  };
  return {
    platform: process.platform,
    cpus: info.NCPU,
    memory: Math.floor(info.MemTotal / 2 ** 20),
    system: info.OperatingSystem,
  };
}

/**
 * Starts the cluster of the labs, and creates it if there is none. The current context of kubectl does not change.
 * @param settings `nodePort` is used only for a new cluster
 * @throws LabError with minikube's message and the next step
 */
export async function start(settings: ClusterChoice & Partial<Pick<Settings, "nodePort">>): Promise<void> {
  const made = profileExists();
  const creation = made ? [] : creationArguments(await machine(), settings);
  const needed = await minikubeTool(!made);
  const forced = await forceArguments(process.getuid?.() === 0, inClosedNetwork);
  const args = [...new Set([...creation, ...needed, ...forced])];
  say(
    made
      ? { en: `Starting the cluster ${ownProfile} …`, ko: `${ownProfile} 클러스터를 시작하는 중 …` }
      : {
          en: `Creating the cluster ${ownProfile} with minikube, which takes a few minutes …`,
          ko: `${ownProfile} 클러스터를 만드는 중입니다 (minikube, 몇 분 걸립니다) …`,
        },
  );
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 1000);
  let step: { name: string; text: Text } = { name: "", text: same("") };
  const tell = ({ text }: typeof step) =>
    say({ en: `  … ${text.en} (after ${seconds()} s)`, ko: `  … ${text.ko} (${seconds()}초 경과)` });
  const heartbeat = setInterval(() => tell(step), 20_000);
  const selectAgain = selectedContexts(settings);
  try {
    await minikube(settings, ["start", "--keep-context", "--interactive=false", "--output=json", ...args], (line) => {
      const what = heard(line);
      if (what?.kind !== "step" || what.name === step.name) return;
      step = what;
      tell(step);
      heartbeat.refresh();
    });
  } catch (error) {
    throw failed("start", error as Failure);
  } finally {
    clearInterval(heartbeat);
    selectAgain();
  }
  say({ en: `  the cluster is running (${seconds()} s)`, ko: `  클러스터가 시작되었습니다 (${seconds()}초)` });
  if (!made && (await hiddenFolder("minikube"))) {
    say({
      en: `  to use minikube --profile ${ownProfile} yourself: npm run shell says how to put it on your PATH`,
      ko: `  minikube --profile ${ownProfile} 명령을 직접 쓰려면: npm run shell에 나오는 대로 PATH에 추가하세요`,
    });
  }
}

/** Stops the cluster and keeps its entry in the kubeconfig. */
export async function stop(choice: ClusterChoice): Promise<void> {
  say({ en: `Stopping the cluster ${ownProfile} …`, ko: `${ownProfile} 클러스터를 중지하는 중 …` });
  await minikube(choice, ["stop", "--keep-context-active"]).catch((error: Failure) => {
    throw failed("stop", error);
  });
}

/** Deletes the cluster with everything in it, and the kubeconfig if it is empty then. */
export async function remove(choice: ClusterChoice): Promise<void> {
  say({ en: `Deleting the cluster ${ownProfile} …`, ko: `${ownProfile} 클러스터를 삭제하는 중 …` });
  await minikubeTool(false);
  await minikube(choice, ["delete"]).catch((error: Failure) => {
    throw failed("delete", error);
  });
  const [file] = kubeconfigFiles(choice.kubeconfig);
  if (file && existsSync(file) && holdsNothing(readFileSync(file, "utf8"))) rmSync(file);
}

export function holdsNothing(kubeconfig: string): boolean {
  const { clusters, contexts, users } = (parse(kubeconfig) ?? {}) as Record<string, unknown[] | null | undefined>;
  return [clusters, contexts, users].every((list) => !list?.length);
}

/** @throws LabError with minikube's message, or that it is too old to be asked */
export async function imagesInNode(choice: ClusterChoice): Promise<string[]> {
  try {
    const printed = await minikube(choice, ["image", "ls", "--format=json"]);
    const [list] = /\[.*\]/s.exec(printed) ?? [];
    if (list === undefined) {
      throw new LabError(printed ? same(printed) : { en: "it printed nothing", ko: "출력이 없습니다" });
    }
    return (JSON.parse(list) as { repoTags?: string[] }[]).flatMap(({ repoTags }) => repoTags ?? []);
  } catch (error) {
    // An old one does not have the option, and says only that.
    await checkOwnMinikube();
    const why = error instanceof LabError ? error.text : same(saidBy(error as Failure));
    const restart = `minikube stop --profile ${ownProfile}; minikube start --profile ${ownProfile}`;
    throw new LabError({
      en: `minikube could not list the images in the cluster: ${why.en}\nIf this happens again, restart the cluster (stored data is kept): ${restart}`,
      ko: `클러스터의 이미지 목록을 가져오지 못했습니다 (minikube): ${why.ko}\n같은 오류가 계속되면 클러스터를 다시 시작하세요 (저장된 데이터는 유지됩니다): ${restart}`,
    });
  }
}

/** Without a platform, Docker's containerd store lists missing ones in the file, which the node's containerd rejects. */
async function save(file: string, images: readonly string[]): Promise<void> {
  const saved = (...options: string[]) => saveImages(file, ...options, ...images);
  const store = await docker("info", "--format", "{{json .DriverStatus}}");
  if (!store.includes("io.containerd.snapshotter")) return void (await saved());
  const platform = await docker("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}");
  try {
    await saved(`--platform=${platform}`);
  } catch (error) {
    // The option was added in Docker 28.
    if (!/unknown flag|API version/i.test(reason(error))) throw error;
    await saved();
  }
}

/**
 * Copies images from this machine's Docker to the node through a file. If minikube reads them from Docker itself, it takes
 * four times as long and keeps a copy.
 * @throws LabError with the message of Docker or minikube
 */
export async function copyImages(choice: ClusterChoice, images: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "course-labs-images-"));
  const file = join(folder, "images.tar");
  let said = "";
  try {
    await save(file, images);
    await minikube(choice, ["image", "load", file]);
  } catch (error) {
    said = reason(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // minikube may report an error although the images were loaded.
  const left = lacking(images, await imagesInNode(choice));
  if (left.length === 0) return;
  throw new LabError({
    en: `Image ${left.join(", ")} could not be copied to the cluster: ${said}\nIf the disk is full, free up space (docker system df shows the usage). Then run the command again.`,
    ko: `${left.join(", ")} 이미지를 클러스터로 복사하지 못했습니다: ${said}\n디스크가 가득 찼다면 공간을 확보한 뒤(docker system df로 사용량 확인) 명령을 다시 실행하세요.`,
  });
}

/** Checks that the node port is mapped to this machine, if the node cannot be reached directly. */
export async function checkMapping(settings: Pick<Settings, "nodePort">): Promise<void> {
  if (!needsMapping({ platform: process.platform, system: "" })) return;
  // Without a node, there is nothing to check.
  const bindings = await docker("inspect", "--format", "{{json .HostConfig.PortBindings}}", ownProfile).catch(
    () => "{}",
  );
  if (bindings === "{}") return;
  const problem = mappingProblem(Object.keys(JSON.parse(bindings) as object), settings);
  if (problem) throw problem;
}

const saidBy = ({ message, heard }: Failure) =>
  heard ? `${heard.message}${heard.id ? ` (${heard.id})` : ""}` : message;

/** What keeps minikube from starting a cluster as it keeps images from coming. */
const outside: readonly PullCause["name"][] = ["disk full", "credential helper", "proxy"];

function failed(command: "start" | "stop" | "delete", failure: Failure): LabError {
  const why = saidBy(failure);
  const cause = pullCause(why);
  const told = cause && outside.includes(cause.name) ? cause : undefined;
  const step = told?.next({ image: "", written: imageSettings, make: "npm run up" });
  const { advice: said = "" } = failure.heard ?? {};
  // What minikube would delete is said below, with what it costs.
  const own = said && !/\b(?:delete|prune)\b/.test(said) ? `\n${said}` : "";
  const advice = told && step ? { en: `\n${told.why.en} ${step.en}`, ko: `\n${told.why.ko} ${step.ko}` } : same(own);
  const again = `minikube ${command} --profile ${ownProfile}${command === "start" ? " --keep-context" : ""} --alsologtostderr`;
  const whole = "npm run destroy -- --cluster --allow-data-loss";
  const fresh = command === "start" ? whole : `minikube delete --profile ${ownProfile}`;
  return new LabError({
    en: `minikube could not ${command} the cluster: ${why}${advice.en}\nFix this problem, then run the command again. To start over with a new cluster, and delete all data in this one: ${fresh}. To see all messages of minikube: ${again}`,
    ko: `minikube ${command} 명령이 실패했습니다: ${why}${advice.ko}\n문제를 해결한 뒤 명령을 다시 실행하세요. 클러스터를 삭제하고 새로 시작하려면(클러스터의 데이터도 모두 삭제됩니다): ${fresh}. minikube의 전체 메시지를 보려면: ${again}`,
  });
}
