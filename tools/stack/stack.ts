import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { classComponent, dockerLabelKeys, labComponents } from "../../components/names";
import { LabName, labNames, project } from "../../config";
import { Outputs } from "../../outputs";
import { LabError } from "../../text";
import { exported, select } from "../install/pulumi";
import { stackFile, withoutSalt } from "./settings";

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
 * Makes the stack when it is new, unless that is not wanted. Project, program, settings and state are those of plain `pulumi`.
 * @throws LabError where the state cannot be kept, or there is no such stack
 */
export async function openStack(name: string, make = true): Promise<void> {
  refuseFolder(process.cwd());
  // Every command names its stack: to select it first is one more process, a fifth of a second, for nothing.
  if (!stateIsHere() || !existsSync(stateFile(name))) await select(name, make);
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
export async function stateOf(stack: string): Promise<State> {
  const file = stateFile(stack);
  const read = () =>
    (JSON.parse(readFileSync(file, "utf8")) as { checkpoint?: { latest?: Partial<State> | null } }).checkpoint?.latest;
  const deployment =
    stateIsHere() && existsSync(file) ? read() : ((await exported(stack)).deployment as Partial<State> | null);
  return { ...deployment, resources: deployment?.resources ?? [] };
}

/** The outputs of the program, as the state has them. */
export const outputsIn = ({ resources }: State): Partial<Outputs> =>
  resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};

/** The labs that the state has something of; a class is on the Kubernetes lab's cluster, and goes with it. */
export function labsIn(state: State): LabName[] {
  const types = new Set(state.resources.map(({ type }) => (type === classComponent ? labComponents.kubernetes : type)));
  return labNames.filter((lab) => types.has(labComponents[lab]));
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
