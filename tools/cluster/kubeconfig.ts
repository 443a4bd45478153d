import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse, parseDocument } from "yaml";
import { project, Settings } from "../../config";
import { LabError } from "../../text";

/** Which cluster: a context of a kubeconfig. */
export type ClusterChoice = Pick<Settings, "kubeconfig" | "kubeContext">;

interface Named {
  name: string;
}
interface Kubeconfig {
  clusters?: (Named & {
    cluster?: {
      server?: string;
      "certificate-authority"?: string;
      "certificate-authority-data"?: string;
      "insecure-skip-tls-verify"?: boolean;
    };
  })[];
  contexts?: (Named & { context?: { cluster?: string; user?: string } })[];
  users?: (Named & {
    user?: {
      "client-certificate"?: string;
      "client-certificate-data"?: string;
      "client-key"?: string;
      "client-key-data"?: string;
      token?: string;
    };
  })[];
}

/** The files that kubectl would read. @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
export function kubeconfigFiles(kubeconfig?: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const listed = ((kubeconfig ?? env.KUBECONFIG)?.split(delimiter) ?? [])
    .filter(Boolean)
    .map((file) => file.replace(/^~(?=[/\\])/, homedir()));
  return listed.length > 0 ? listed : [join(homedir(), ".kube", "config")];
}

/** That a file of the kubeconfig cannot be used, and the ways out. */
function unusable(file: string, en: string, ko: string): LabError {
  return new LabError({
    en: `${file} ${en} Or name another file in the stack's file: ${project}:kubeconfig: ~/other. To go on without the Kubernetes lab, add: -- --labs redis,registry,compose`,
    ko: `${file} ${ko} 또는 스택 파일에서 다른 파일을 지정하세요: ${project}:kubeconfig: ~/other. 쿠버네티스 실습을 빼고 계속하려면 명령 끝에: -- --labs redis,registry,compose`,
  });
}

/** A file of the kubeconfig, or one that it names. @throws LabError where it may not be read, or is none */
function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EISDIR") {
      throw unusable(
        file,
        `is a folder, and must be the kubeconfig's file; docker run -v makes one where there is no file. Remove it where it is empty: rmdir ${file}.`,
        `경로가 kubeconfig 파일이 아니라 폴더입니다. 파일이 없을 때 docker run -v 를 쓰면 폴더가 생깁니다. 비어 있으면 지우세요: rmdir ${file}.`,
      );
    }
    if (code === "EACCES" || code === "EPERM") {
      throw unusable(
        file,
        `may not be read by you; minikube or kubectl under sudo leaves it so. Take it back: sudo chown $USER ${file}.`,
        `파일을 읽을 권한이 없습니다. sudo로 minikube나 kubectl을 실행하면 이렇게 됩니다. 소유자를 되돌리세요: sudo chown $USER ${file}.`,
      );
    }
    throw unusable(file, `cannot be read (${message}).`, `파일을 읽을 수 없습니다 (${message}).`);
  }
}

/** What a file of the kubeconfig holds. @throws LabError where that is no kubeconfig */
export function readKubeconfig(file: string): Kubeconfig {
  let content: unknown;
  try {
    content = parse(contentOf(file)?.toString("utf8") ?? "") ?? {};
  } catch (error) {
    if (error instanceof LabError) throw error;
    const reason = (error as Error).message.split("\n")[0]?.replace(/:$/, "") ?? "";
    throw unusable(
      file,
      `is not YAML, or was cut off: ${reason}. Mend that line or restore the file; minikube update-context writes its own part anew.`,
      `파일이 YAML 형식이 아니거나 중간에 잘렸습니다: ${reason}. 그 줄을 고치거나 파일을 복원하세요. minikube의 부분은 minikube update-context 로 다시 쓸 수 있습니다.`,
    );
  }
  const parts = Object.entries(content as object).filter(([key]) => ["clusters", "contexts", "users"].includes(key));
  const isEntry = (entry: unknown) => typeof entry === "object" && entry !== null && "name" in entry;
  const isList = (value: unknown) => value === null || (Array.isArray(value) && value.every(isEntry));
  if (typeof content === "object" && !Array.isArray(content) && parts.every(([, value]) => isList(value))) {
    return content as Kubeconfig;
  }
  throw unusable(
    file,
    "is not a kubeconfig: it must have lists of clusters, contexts and users, each with a name. Restore the file.",
    "파일이 kubeconfig 형식이 아닙니다: 이름이 있는 clusters, contexts, users 목록이 있어야 합니다. 파일을 복원하세요.",
  );
}

/** The names of the contexts that there are. */
export function contextsIn({ kubeconfig }: ClusterChoice): string[] {
  return kubeconfigFiles(kubeconfig).flatMap((file) => (readKubeconfig(file).contexts ?? []).map(({ name }) => name));
}

/**
 * Notes which context is selected: a minikube that was stopped selects its own when it starts again, whatever it is told.
 * @returns what selects it again
 */
export function selectedContexts({ kubeconfig }: ClusterChoice): () => void {
  const key = "current-context";
  const documents = () =>
    kubeconfigFiles(kubeconfig)
      .filter((file) => existsSync(file))
      // One that cannot be read was refused when the cluster was looked for.
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

/** Where a cluster is, and who may ask it. */
export interface Access {
  server: string;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  token?: string;
  rejectUnauthorized: boolean;
  /** Whether it takes more than this to be let in: a program that logs in, a password, a proxy. */
  loginTakesMore: boolean;
}

/** The settings of a cluster and of a user that {@link accessTo} reads; `extensions` are notes of tools. */
const understood = {
  cluster: ["server", "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify", "extensions"],
  user: ["client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "extensions"],
};

/**
 * How to reach a context's cluster, read without the Kubernetes library, which takes half a second to load.
 * @returns undefined when the kubeconfig has no such context, or no cluster for it
 */
export function accessTo({ kubeconfig, kubeContext }: ClusterChoice): Access | undefined {
  const files = kubeconfigFiles(kubeconfig).map((file) => ({
    folder: dirname(resolve(file)),
    config: readKubeconfig(file),
  }));
  /** The first entry of a name counts, and the files that it names are beside its own. */
  const find = <T extends Named>(list: (config: Kubeconfig) => T[] | null | undefined, name: string | undefined) =>
    files
      .flatMap(({ folder, config }) => (list(config) ?? []).map((entry) => ({ folder, entry })))
      .find(({ entry }) => entry.name === name);
  const content = (folder: string, file?: string, data?: string) => {
    if (data) return Buffer.from(data, "base64");
    return file ? contentOf(resolve(folder, file)) : undefined;
  };

  const context = find(({ contexts }) => contexts, kubeContext)?.entry.context;
  const cluster = find(({ clusters }) => clusters, context?.cluster);
  const server = cluster?.entry.cluster?.server;
  if (!context || !cluster || !server) return undefined;
  const user = find(({ users }) => users, context.user);
  const { folder, entry } = cluster;
  const beyond = (part: object | undefined, keys: string[]) =>
    Object.keys(part ?? {}).some((key) => !keys.includes(key));
  const {
    "client-certificate": cert,
    "client-certificate-data": certData,
    "client-key": key,
    "client-key-data": keyData,
    token,
  } = user?.entry.user ?? {};
  return {
    server,
    ca: content(folder, entry.cluster?.["certificate-authority"], entry.cluster?.["certificate-authority-data"]),
    cert: user && content(user.folder, cert, certData),
    key: user && content(user.folder, key, keyData),
    token,
    rejectUnauthorized: entry.cluster?.["insecure-skip-tls-verify"] !== true,
    loginTakesMore: beyond(entry.cluster, understood.cluster) || beyond(user?.entry.user, understood.user),
  };
}
