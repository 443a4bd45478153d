import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { ownProfile, Settings } from "../../config";
import { LabError, Text } from "../../text";
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

/** The file in which minikube keeps what the cluster of the labs is made of. */
function profileFile(env: NodeJS.ProcessEnv): string {
  const given = env.MINIKUBE_HOME;
  const home = given
    ? basename(given) === ".minikube"
      ? given
      : join(given, ".minikube")
    : join(homedir(), ".minikube");
  return join(home, "profiles", ownProfile, "config.json");
}

/** Whether the cluster of the labs has been made, running or not. */
export function profileExists(env: NodeJS.ProcessEnv = process.env): boolean {
  return existsSync(profileFile(env));
}

/**
 * What Docker may call the image of the node; without its digest where minikube had it from a file. None where that
 * cannot be read, as after a start that was killed.
 */
export function nodeImageNames(env: NodeJS.ProcessEnv = process.env): string[] {
  try {
    const { KicBaseImage: image } = JSON.parse(readFileSync(profileFile(env), "utf8")) as { KicBaseImage?: string };
    return image ? [...new Set([image, image.replace(/@.*/, "")])] : [];
  } catch {
    return [];
  }
}

/** minikube's own message, where it has one for a person. */
interface Failure extends Error {
  heard?: Extract<Heard, { kind: "error" }>;
}

/** Runs minikube for the labs' profile; rejects with what it said. */
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
 * Makes `minikube` a command of this run: the learner's own, one that was downloaded before, the official release, or
 * in a closed network one that is made.
 * @param make whether a cluster is to be made, which in a closed network takes more than the command
 * @returns what `minikube start` needs here beyond the usual
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

/** What Docker has. */
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
 * Starts the cluster of the labs, making it when there is none; `nodePort` matters only then. The context that the learner has selected stays.
 * @throws LabError with what minikube said and the next step
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
          en: `Making the cluster ${ownProfile}: Kubernetes on minikube, takes minutes …`,
          ko: `${ownProfile} 클러스터를 만드는 중: minikube 위의 쿠버네티스, 몇 분 걸립니다 …`,
        },
  );
  const begun = Date.now();
  const seconds = () => Math.round((Date.now() - begun) / 1000);
  let step: Text = { en: "", ko: "" };
  const tell = ({ en, ko }: Text) => say({ en: `  … ${en} (${seconds()} s)`, ko: `  … ${ko} (${seconds()}초)` });
  const heartbeat = setInterval(() => tell(step), 20_000);
  const selectAgain = selectedContexts(settings);
  try {
    await minikube(settings, ["start", "--keep-context", "--interactive=false", "--output=json", ...args], (line) => {
      const what = heard(line);
      if (what?.kind !== "step" || what.text.en === step.en) return;
      step = what.text;
      tell(step);
      heartbeat.refresh();
    });
  } catch (error) {
    throw failed("start", error as Failure);
  } finally {
    clearInterval(heartbeat);
    selectAgain();
  }
  say({ en: `  cluster is running (${seconds()} s)`, ko: `  클러스터 실행 중 (${seconds()}초)` });
  const folder = made ? undefined : await hiddenFolder("minikube");
  if (folder) {
    say({
      en: `  to use minikube yourself: ${join(folder, "minikube")} --profile ${ownProfile}`,
      ko: `  minikube 를 직접 쓰려면: ${join(folder, "minikube")} --profile ${ownProfile}`,
    });
  }
}

/** Stops the cluster; its entry in the kubeconfig stays. */
export async function stop(choice: ClusterChoice): Promise<void> {
  say({ en: `Stopping the cluster ${ownProfile} …`, ko: `${ownProfile} 클러스터를 멈추는 중 …` });
  await minikube(choice, ["stop", "--keep-context-active"]).catch((error: Failure) => {
    throw failed("stop", error);
  });
}

/** Removes the cluster with all that is in it, and a kubeconfig that holds nothing any more. */
export async function remove(choice: ClusterChoice): Promise<void> {
  say({ en: `Removing the cluster ${ownProfile} …`, ko: `${ownProfile} 클러스터를 지우는 중 …` });
  await minikubeTool(false);
  await minikube(choice, ["delete"]).catch((error: Failure) => {
    throw failed("delete", error);
  });
  const [file] = kubeconfigFiles(choice.kubeconfig);
  if (file && existsSync(file) && holdsNothing(readFileSync(file, "utf8"))) rmSync(file);
}

/** Whether a kubeconfig names no cluster, context or user. */
export function holdsNothing(kubeconfig: string): boolean {
  const { clusters, contexts, users } = (parse(kubeconfig) ?? {}) as Record<string, unknown[] | null | undefined>;
  return [clusters, contexts, users].every((list) => !list?.length);
}

/** Images in the node, by name. */
export async function imagesInNode(choice: ClusterChoice): Promise<string[]> {
  const printed = await minikube(choice, ["image", "ls", "--format=json"]);
  const list = JSON.parse(printed.slice(printed.indexOf("["))) as { repoTags?: string[] }[];
  return list.flatMap(({ repoTags }) => repoTags ?? []);
}

/**
 * Writes images into a file. Docker's containerd image store would name every platform's part in it, also those that it
 * does not have, and a node's containerd refuses such a file.
 */
async function save(file: string, images: readonly string[]): Promise<void> {
  const saved = (...options: string[]) => saveImages(file, ...options, ...images);
  const store = await docker("info", "--format", "{{json .DriverStatus}}");
  if (!store.includes("io.containerd.snapshotter")) return void (await saved());
  const platform = await docker("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}");
  try {
    await saved(`--platform=${platform}`);
  } catch (error) {
    // Docker has the option since version 28.
    if (!/unknown flag|API version/i.test(reason(error))) throw error;
    await saved();
  }
}

/**
 * Copies images from this machine's Docker into the node. By way of a file: minikube's own way from Docker takes four
 * times as long, and keeps a copy for ever.
 * @throws LabError with what Docker or minikube said
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
  // It may say that it could not, and yet end well.
  const left = lacking(images, await imagesInNode(choice));
  if (left.length === 0) return;
  throw new LabError({
    en: `Image ${left.join(", ")} could not be copied into the cluster: ${said}\nMake room if there is none left (docker system df), then run the command again.`,
    ko: `${left.join(", ")} 이미지를 클러스터에 넣지 못했습니다: ${said}\n디스크가 꽉 찼다면 비운 뒤 (docker system df) 명령을 다시 실행하세요.`,
  });
}

/** Checks that the node's port leads to this machine, where it can be reached in no other way. */
export async function checkMapping(settings: Pick<Settings, "nodePort">): Promise<void> {
  if (!needsMapping({ platform: process.platform, system: "" })) return;
  const bindings = await docker("inspect", "--format", "{{json .HostConfig.PortBindings}}", ownProfile).catch(
    () => "{}",
  );
  if (bindings === "{}") return;
  const problem = mappingProblem(Object.keys(JSON.parse(bindings) as object), settings);
  if (problem) throw problem;
}

/** What minikube could not do, in its own words, and the next step. */
function failed(command: "start" | "stop" | "delete", { message, heard }: Failure): LabError {
  const why = heard ? `${heard.message}${heard.id ? ` (${heard.id})` : ""}` : message;
  const advice = heard?.advice && `\n${heard.advice}`;
  const again = `minikube ${command} --profile ${ownProfile}${command === "start" ? " --keep-context" : ""} --alsologtostderr`;
  const whole = "npm run destroy -- --cluster --allow-data-loss";
  const fresh = command === "start" ? whole : `minikube delete --profile ${ownProfile}`;
  return new LabError({
    en: `minikube could not ${command} the cluster: ${why}${advice ?? ""}\nMend that, then run the command again. To begin with a new cluster, and lose what is stored in this one: ${fresh}. To see everything that minikube says: ${again}`,
    ko: `minikube ${command} 이(가) 실패했습니다: ${why}${advice ?? ""}\n문제를 고친 뒤 명령을 다시 실행하세요. 클러스터를 새로 만들려면(저장된 것은 사라집니다): ${fresh}. minikube 의 모든 메시지 보기: ${again}`,
  });
}
