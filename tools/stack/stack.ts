import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { classComponent, dockerLabelKeys, labComponents } from "../../components/names";
import { LabName, labNames, project } from "../../config";
import { Outputs } from "../../outputs";
import { LabError } from "../../text";
import { exported, select } from "../install/pulumi";
import { stackFile, withoutSalt } from "./settings";

/** The state file of a stack, if the state is stored in this folder. */
export const stateFile = (stack: string) => `.pulumi/stacks/${project}/${stack}.json`;
const passphraseFile = ".pulumi/passphrase";

/** Reports whether the state is stored in this folder. PULUMI_BACKEND_URL may set another place. */
export const stateIsHere = () => !process.env.PULUMI_BACKEND_URL || process.env.PULUMI_BACKEND_URL === "file://.";

/**
 * Sets the passphrase that encrypts the secrets of the stack: the one of the user, or else a generated one in .pulumi that
 * only this user can read.
 * @throws LabError if the stack exists but its passphrase is unknown
 */
export function passphrase(stack: string): void {
  if (used.size === 0) process.once("exit", () => used.forEach(forgetSalt));
  used.add(stack);
  forgetSalt(stack);
  if (process.env.PULUMI_CONFIG_PASSPHRASE !== undefined || process.env.PULUMI_CONFIG_PASSPHRASE_FILE) return;
  if (!existsSync(passphraseFile)) {
    if (stateIsHere() && existsSync(stateFile(stack))) {
      throw new LabError({
        en:
          `Stack ${stack} exists, but ${passphraseFile} with its passphrase is missing. If you chose a passphrase with plain ` +
          "pulumi, set it: export PULUMI_CONFIG_PASSPHRASE=…",
        ko:
          `${stack} 스택은 있지만 스택 암호(passphrase) 파일이 없습니다: ${passphraseFile}. pulumi 명령을 쓸 때 직접 정한 ` +
          "스택 암호가 있으면 지정하세요: export PULUMI_CONFIG_PASSPHRASE=…",
      });
    }
    makePassphrase();
  }
  process.env.PULUMI_CONFIG_PASSPHRASE_FILE = passphraseFile;
}

function makePassphrase(): void {
  mkdirSync(".pulumi", { recursive: true });
  try {
    writeFileSync(passphraseFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    // Another run created it at the same moment.
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    // On a full disk an empty file is left, which the next run would take for the passphrase.
    rmSync(passphraseFile, { force: true });
    throw error;
  }
}

/** Stacks that this process has opened, for which Pulumi writes a salt to the settings file. */
const used = new Set<string>();

/**
 * Removes the salt from a settings file, which is committed. The salt belongs to the passphrase of one machine, so nobody
 * else could use the stack. It is also in the state, from which Pulumi reads it.
 */
function forgetSalt(stack: string): void {
  const file = stackFile(stack);
  if (!existsSync(file)) return;
  const content = readFileSync(file, "utf8");
  const without = withoutSalt(content);
  if (without === content) return;
  try {
    writeFileSync(file, without);
  } catch {
    // If the file is not writable, Pulumi cannot have added the salt.
  }
}

/**
 * Selects the stack, and creates it if requested. Project, program, settings and state are the same as with plain `pulumi`.
 * @throws LabError if the state cannot be stored, or there is no such stack
 */
export async function openStack(name: string, make = true): Promise<void> {
  refuseFolder(process.cwd());
  // Every command passes --stack, so an existing stack need not be selected, which would take 0.2 s.
  if (!stateIsHere() || !existsSync(stateFile(name))) await select(name, make);
}

/** Pulumi parses the folder of the state as a URL, in which these characters have a meaning. @throws LabError for them */
export function refuseFolder(folder: string): void {
  const found = /[#%?]/.exec(folder);
  if (!found || !stateIsHere()) return;
  throw new LabError({
    en: `Pulumi cannot store its state in ${folder}, because its name contains ${found[0]}. Move or rename the folder, then run the command again.`,
    ko: `폴더 이름에 '${found[0]}' 문자가 있어 Pulumi가 상태를 저장할 수 없습니다: ${folder}. 폴더를 옮기거나 이름을 바꾼 뒤 명령을 다시 실행하세요.`,
  });
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** Why it did not become ready. */
  initErrors?: string[];
}

/** The state of a stack, as in `pulumi stack export`. */
export interface State {
  resources: StateResource[];
  pending_operations?: { resource: StateResource; type: string }[];
}

/** The state is cut off. */
export class CutOff extends LabError {}

function stored(stack: string): Partial<State> | null | undefined {
  const file = stateFile(stack);
  try {
    const content = JSON.parse(readFileSync(file, "utf8")) as { checkpoint?: { latest?: Partial<State> | null } };
    return content.checkpoint?.latest;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CutOff({
      en: `The state in ${file} is not complete, as after a killed run or on a full disk. npm run up goes on with ${file}.bak. If that is not complete either, copy the newest file of .pulumi/backups/${project}/${stack} over it.`,
      ko: `상태 파일이 온전하지 않습니다: ${file}. 실행이 강제로 종료되거나 디스크가 가득 차면 이렇게 됩니다. npm run up은 백업(${file}.bak)으로 계속합니다. 백업도 온전하지 않으면 .pulumi/backups/${project}/${stack} 폴더의 가장 최근 파일을 그 자리에 복사하세요.`,
    });
  }
}

/** Reads the state with its secrets encrypted; without starting a process if it is stored in this folder. */
export async function stateOf(stack: string): Promise<State> {
  const deployment =
    stateIsHere() && existsSync(stateFile(stack))
      ? stored(stack)
      : ((await exported(stack)).deployment as Partial<State> | null);
  return { ...deployment, resources: deployment?.resources ?? [] };
}

/**
 * Reports whether the program may have been edited since the state was written. A preview does not report everything that
 * the state records about a resource, such as its dependencies.
 */
export function isEdited(stack: string): boolean {
  const file = stateFile(stack);
  if (!stateIsHere() || !existsSync(file)) return true;
  const written = statSync(file).mtimeMs;
  // The clock has been set back since: what is edited now seems to be older.
  if (written > Date.now()) return true;
  const root = join(__dirname, "../..");
  return ["", "config", "components"]
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .some((name) => /\.ts$|package-lock\.json$/.test(name) && statSync(name).mtimeMs > written);
}

export const outputsIn = ({ resources }: State): Partial<Outputs> =>
  resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};

/** The labs in the state. A class is on the cluster of the Kubernetes lab, and belongs to it. */
export function labsIn(state: State): LabName[] {
  const types = new Set(state.resources.map(({ type }) => (type === classComponent ? labComponents.kubernetes : type)));
  return labNames.filter((lab) => types.has(labComponents[lab]));
}

/** The id in the labels of all objects of the stack; undefined before the first `up`. */
export function ownerId(state: State): string | undefined {
  const id = state.resources.find((resource) => resource.type === "random:index/randomId:RandomId")?.outputs?.hex;
  return typeof id === "string" ? id : undefined;
}

/** The label of all objects of the stack; undefined before the first `up`. */
export function ownerLabel(state: State): string | undefined {
  const id = ownerId(state);
  return id && `${dockerLabelKeys.id}=${id}`;
}
