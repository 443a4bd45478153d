import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { LocalWorkspace, OutputMap, Stack } from "@pulumi/pulumi/automation";
import * as pulumi from "@pulumi/pulumi";
import { dockerLabelKeys } from "../components/lab-owner";
import { LabName, project } from "../config";
import { LabError } from "../text";
import { separateConnections } from "./engine-connections";
import { stackFile, withoutSalt } from "./settings";
import { pulumiCommand } from "./toolchain";

/** Where a stack's state is, when it is in this folder as Pulumi.yaml asks. */
export const stateFile = (stack: string) => `.pulumi/stacks/${project}/${stack}.json`;
const passphraseFile = ".pulumi/passphrase";

/** Whether the state is in this folder; PULUMI_BACKEND_URL may have it elsewhere. */
export const stateIsHere = () => !process.env.PULUMI_BACKEND_URL || process.env.PULUMI_BACKEND_URL === "file://.";

/**
 * Gives Pulumi the passphrase that the stack's secrets are encrypted with: the user's own when there is one, else one
 * that is made once and kept in .pulumi, readable by this user only.
 * @throws LabError when the stack exists but its passphrase is unknown
 */
export function passphrase(stack: string): void {
  if (process.env.PULUMI_CONFIG_PASSPHRASE !== undefined || process.env.PULUMI_CONFIG_PASSPHRASE_FILE) return;
  if (!existsSync(passphraseFile)) {
    if (stateIsHere() && existsSync(stateFile(stack))) {
      throw new LabError({
        en:
          `Stack ${stack} exists, but its passphrase is not in ${passphraseFile}. If you chose one with plain pulumi, ` +
          "set it: export PULUMI_CONFIG_PASSPHRASE=…",
        ko:
          `${stack} 스택이 있지만 암호가 ${passphraseFile} 에 없습니다. pulumi 에서 직접 정한 암호가 있으면 ` +
          "지정하세요: export PULUMI_CONFIG_PASSPHRASE=…",
      });
    }
    mkdirSync(".pulumi", { recursive: true });
    writeFileSync(passphraseFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    forgetSalt(stack);
  }
  process.env.PULUMI_CONFIG_PASSPHRASE_FILE = passphraseFile;
}

/** Removes the salt that belongs to an earlier passphrase, whose state is gone. */
function forgetSalt(stack: string): void {
  const file = stackFile(stack);
  if (!stateIsHere() || !existsSync(file)) return;
  const content = readFileSync(file, "utf8");
  const without = withoutSalt(content);
  if (without !== content) writeFileSync(file, without);
}

/**
 * Loads the modules that the program will import, one at a time. To be started, and not waited for, when this process is
 * about to wait for others: loading takes as long as they take to start.
 */
export async function loadProgram(): Promise<void> {
  const components = join(__dirname, "..", "components");
  for (const file of readdirSync(components)) {
    await setImmediate();
    // One that cannot be loaded is an error of the program, told when that runs.
    await import(join(components, file)).catch(() => undefined);
  }
}

/** The program: index.ts, with the labs of this run. */
function program(labs: LabName[]) {
  // The SDK sends the engine three debug messages a resource, each only after the answer to the one before, and nobody
  // reads them here. Without them a preview takes a tenth less.
  Object.assign(pulumi.log, { debug: () => Promise.resolve() });
  // eslint-disable-next-line @typescript-eslint/require-await
  return async (): Promise<Record<string, unknown>> => {
    pulumi.runtime.setConfig(`${project}:labs`, JSON.stringify(labs));
    // A module runs once a process, the program once an operation: from the cache it would ask for nothing, and the
    // engine would remove every lab.
    const index = require.resolve("../index");
    delete require.cache[index];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(index) as Record<string, unknown>;
  };
}

/**
 * Opens the stack, making it when it is new, unless that is not wanted. The program runs in this process, so that no language host is needed;
 * project, stack, settings and state are those of plain `pulumi`.
 * @throws LabError where the state cannot be kept
 * @see https://www.pulumi.com/docs/iac/automation-api/
 */
export async function openStack(name: string, labs: LabName[], make = true): Promise<Stack> {
  refuseFolder(process.cwd());
  separateConnections();
  const envVars = {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The salt in the stack's file may be gone after `git checkout`; the state has it, too.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  };
  const workspace = await LocalWorkspace.create({
    ...{ program: program(labs), workDir: process.cwd(), envVars },
    pulumiCommand: pulumiCommand(),
  });
  // Every command names its stack: to select it first is one more process, a fifth of a second, for nothing.
  if (stateIsHere() && existsSync(stateFile(name))) workspace.selectStack = () => Promise.resolve();
  const stack = await (make ? Stack.createOrSelect(name, workspace) : Stack.select(name, workspace));
  // After `up` the Automation API asks for the outputs twice, with secrets and without, and for the history: three more
  // processes. There are no secrets among the outputs, and nobody reads the history here.
  stack.outputs = async () => outputsIn(await stateOf(stack));
  stack.info = () => Promise.resolve(undefined);
  return stack;
}

/** Pulumi takes the state's folder for a URL, in which these characters mean something else. @throws LabError for them */
export function refuseFolder(folder: string): void {
  const found = /[#%?]/.exec(folder);
  if (!found || !stateIsHere()) return;
  throw new LabError({
    en: `Pulumi cannot keep its state in ${folder}, because of the ${found[0]} in its name. Move or rename that folder, then run the command again.`,
    ko: `폴더 이름에 ${found[0]} 이(가) 있어 Pulumi 가 ${folder} 에 상태를 저장할 수 없습니다. 폴더를 옮기거나 이름을 바꾼 뒤 명령을 다시 실행하세요.`,
  });
}

/** A resource as the state holds it. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** Why it did not become ready, where it did not. */
  initErrors?: string[];
}

/** The state of a stack, as `pulumi stack export` gives it. */
export interface State {
  resources: StateResource[];
  pending_operations?: { resource: StateResource; type: string }[];
}

/** Reads the state; where it is in this folder, without another process, and with its secrets as they are kept. */
export async function stateOf(stack: Stack): Promise<State> {
  const file = stateFile(stack.name);
  const read = () =>
    (JSON.parse(readFileSync(file, "utf8")) as { checkpoint?: { latest?: Partial<State> | null } }).checkpoint?.latest;
  const deployment =
    stateIsHere() && existsSync(file) ? read() : ((await stack.exportStack()).deployment as Partial<State> | null);
  return { ...deployment, resources: deployment?.resources ?? [] };
}

/** The outputs of the program, as the state has them. */
function outputsIn({ resources }: State): OutputMap {
  const { outputs = {} } = resources.find(({ type }) => type === "pulumi:pulumi:Stack") ?? {};
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value, secret: false }]));
}

/** The labs that the state has something of. */
export function labsIn(state: State): LabName[] {
  const components: Record<LabName, string> = {
    redis: "course:labs:RedisLab",
    registry: "course:labs:RegistryLab",
    compose: "course:labs:ComposeWordPress",
    kubernetes: "course:labs:KubernetesWordPress",
  };
  return (Object.keys(components) as LabName[]).filter((lab) =>
    state.resources.some((resource) => resource.type === components[lab]),
  );
}

/** The id that everything this stack made is labelled with, once there is a state. */
export function ownerId(state: State): string | undefined {
  const id = state.resources.find((resource) => resource.type === "random:index/randomId:RandomId")?.outputs?.hex;
  return typeof id === "string" ? id : undefined;
}

/** The label that marks everything this stack made, once there is a state. */
export function ownerLabel(state: State): string | undefined {
  const id = ownerId(state);
  return id && `${dockerLabelKeys.id}=${id}`;
}
