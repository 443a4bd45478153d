import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse, parseDocument } from "yaml";
import { project, Settings } from "../../config";
import { LabError, Text } from "../../text";

/** Which cluster: a context of a kubeconfig. */
export type ClusterChoice = Pick<Settings, "kubeconfig" | "kubeContext">;

/** An entry of a list: a cluster, a context or a user, with its settings. */
interface Entry {
  name: string;
  cluster?: Record<string, unknown>;
  context?: Record<string, unknown>;
  user?: Record<string, unknown>;
}
type Kubeconfig = Partial<Record<"clusters" | "contexts" | "users", Entry[] | null>>;

/** The files that kubectl reads. @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
export function kubeconfigFiles(kubeconfig?: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const listed = ((kubeconfig ?? env.KUBECONFIG)?.split(delimiter) ?? [])
    .filter(Boolean)
    .map((file) => file.replace(/^~(?=[/\\])/, homedir()));
  return listed.length > 0 ? listed : [join(homedir(), ".kube", "config")];
}

function unusable(file: string, { en, ko }: Text): LabError {
  return new LabError({
    en: `${file} ${en} Or specify another file in the stack's settings file: ${project}:kubeconfig: ~/other. To continue without the Kubernetes lab, add: -- --labs redis,registry,compose`,
    ko: `${file} ${ko} 또는 스택 설정 파일에서 다른 파일을 지정하세요: ${project}:kubeconfig: ~/other. 쿠버네티스 실습을 빼고 계속하려면 명령 끝에 다음을 붙이세요: -- --labs redis,registry,compose`,
  });
}

/** The content of a kubeconfig file, or of a file that it refers to. @throws LabError if it cannot be read */
function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES" || code === "EPERM") {
      throw unusable(file, {
        en: `cannot be read, because you have no permission; running minikube or kubectl with sudo causes this. Change the owner back: sudo chown $USER ${file}.`,
        ko: `파일을 읽을 권한이 없습니다. sudo로 minikube나 kubectl을 실행하면 이렇게 됩니다. 소유자를 되돌리세요: sudo chown $USER ${file}.`,
      });
    }
    throw unusable(file, { en: `cannot be read (${message}).`, ko: `파일을 읽을 수 없습니다(${message}).` });
  }
}

/** Parses a kubeconfig file. @throws LabError if it is invalid */
export function readKubeconfig(file: string): Kubeconfig {
  let content: unknown;
  try {
    content = parse(contentOf(file)?.toString("utf8") ?? "") ?? {};
  } catch (error) {
    if (error instanceof LabError) throw error;
    const reason = (error as Error).message.split("\n")[0]?.replace(/:$/, "") ?? "";
    throw unusable(file, {
      en: `is not valid YAML, or is incomplete: ${reason}. Fix this line or restore the file; minikube update-context restores the entries of minikube.`,
      ko: `파일의 YAML 형식이 올바르지 않거나 내용이 중간에 잘렸습니다: ${reason}. 해당 줄을 고치거나 파일을 복원하세요. minikube의 항목은 minikube update-context로 복원할 수 있습니다.`,
    });
  }
  const parts = Object.entries(content as object).filter(([key]) => ["clusters", "contexts", "users"].includes(key));
  const isEntry = (entry: unknown) => typeof entry === "object" && entry !== null && "name" in entry;
  const isList = (value: unknown) => value === null || (Array.isArray(value) && value.every(isEntry));
  if (typeof content === "object" && !Array.isArray(content) && parts.every(([, value]) => isList(value))) {
    return content as Kubeconfig;
  }
  throw unusable(file, {
    en: "is not a kubeconfig: clusters, contexts and users must be lists of entries with names. Restore the file.",
    ko: "파일이 kubeconfig 형식이 아닙니다. clusters, contexts, users는 이름이 있는 항목의 목록이어야 합니다. 파일을 복원하세요.",
  });
}

export function contextsIn({ kubeconfig }: ClusterChoice): string[] {
  return kubeconfigFiles(kubeconfig).flatMap((file) => (readKubeconfig(file).contexts ?? []).map(({ name }) => name));
}

/**
 * Remembers the current context, because minikube always selects its own when a stopped cluster is started.
 * @returns a function that restores the current context
 */
export function selectedContexts({ kubeconfig }: ClusterChoice): () => void {
  const key = "current-context";
  const documents = () =>
    kubeconfigFiles(kubeconfig)
      .filter((file) => existsSync(file))
      // Unreadable files were refused earlier.
      .map((file) => ({ file, document: parseDocument(contentOf(file)?.toString("utf8") ?? "") }));
  const before = new Map(documents().map(({ file, document }) => [file, document.get(key)]));
  return () => {
    for (const { file, document } of documents()) {
      const selected = before.get(file) ?? "";
      if ((document.get(key) ?? "") === selected) continue;
      document.set(key, selected);
      writeFileSync(file, document.toString());
    }
  };
}

export interface Access {
  server: string;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  token?: string;
  rejectUnauthorized: boolean;
  /** The login needs more than these fields: a program, a password, a proxy. */
  loginTakesMore: boolean;
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** The settings that {@link accessTo} reads; `extensions` are metadata of other tools. */
const understood = [
  ...["server", "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify", "extensions"],
  ...["client-certificate", "client-certificate-data", "client-key", "client-key-data", "token"],
];

/**
 * The access to the cluster of a context, read without the Kubernetes library, which takes half a second to load.
 * @returns undefined if the kubeconfig has no such context, or no cluster for it
 */
export function accessTo({ kubeconfig, kubeContext }: ClusterChoice): Access | undefined {
  const files = kubeconfigFiles(kubeconfig).map((file) => ({
    folder: dirname(resolve(file)),
    config: readKubeconfig(file),
  }));
  /** The first entry with a name is used. Its file paths are relative to the file it is in. */
  const find = (list: keyof Kubeconfig, wanted: unknown) =>
    files
      .flatMap(({ folder, config }) => (config[list] ?? []).map((entry) => ({ folder, ...entry })))
      .find(({ name }) => name === wanted);
  const { context } = find("contexts", kubeContext) ?? {};
  const { cluster, folder = "" } = find("clusters", context?.cluster) ?? {};
  const server = text(cluster?.server);
  if (!cluster || !server) return undefined;
  const { user = {}, folder: ofUser = "" } = find("users", context?.user) ?? {};
  const content = (folder: string, part: Record<string, unknown>, key: string) => {
    const [data, file] = [text(part[`${key}-data`]), text(part[key])];
    if (data) return Buffer.from(data, "base64");
    return file === undefined ? undefined : contentOf(resolve(folder, file));
  };
  return {
    server,
    ca: content(folder, cluster, "certificate-authority"),
    cert: content(ofUser, user, "client-certificate"),
    key: content(ofUser, user, "client-key"),
    token: text(user.token),
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    loginTakesMore: Object.keys({ ...cluster, ...user }).some((key) => !understood.includes(key)),
  };
}
