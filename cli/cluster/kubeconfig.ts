import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse, parseDocument } from "yaml";
import { Settings } from "../../config";

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

function read(file: string): Kubeconfig {
  return existsSync(file) ? ((parse(readFileSync(file, "utf8")) as Kubeconfig | null) ?? {}) : {};
}

/** The names of the contexts that there are. */
export function contextsIn({ kubeconfig }: ClusterChoice): string[] {
  return kubeconfigFiles(kubeconfig).flatMap((file) => (read(file).contexts ?? []).map(({ name }) => name));
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
      .map((file) => ({ file, document: parseDocument(readFileSync(file, "utf8")) }));
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
  const files = kubeconfigFiles(kubeconfig).map((file) => ({ folder: dirname(resolve(file)), config: read(file) }));
  /** The first entry of a name counts, and the files that it names are beside its own. */
  const find = <T extends Named>(list: (config: Kubeconfig) => T[] | null | undefined, name: string | undefined) =>
    files
      .flatMap(({ folder, config }) => (list(config) ?? []).map((entry) => ({ folder, entry })))
      .find(({ entry }) => entry.name === name);
  const content = (folder: string, file?: string, data?: string) => {
    if (data) return Buffer.from(data, "base64");
    return file && existsSync(resolve(folder, file)) ? readFileSync(resolve(folder, file)) : undefined;
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
