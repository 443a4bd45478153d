// A cluster without machines: Kubernetes' own programs on this one, and kwok in the place of kubelets. Pods are only said to run.
import { ChildProcess, spawn } from "node:child_process";
import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { ClusterApi, clusterApi } from "../../tools/cluster/api";
import { cacheRoot } from "../../tools/install/closed-network/cache";
import { goTool, Tool, buildArguments } from "../../tools/install/closed-network/go";
import { etcd, kubernetes } from "../../tools/install/closed-network/kubernetes";
import { answerOf } from "../../tools/install/http";
import { say } from "../../tools/terminal/language";

const kwok: Tool = {
  name: "kwok",
  what: { en: "kwok", ko: "kwok" },
  minutes: 2,
  of: "sigs.k8s.io/kwok",
  folder: join(__dirname, "kwok"),
  args: () => buildArguments([], ["sigs.k8s.io/kwok/cmd/kwok"]),
};

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The context by which a control plane is known in its kubeconfig, and that of somebody who may do nothing. */
export const [context, powerless] = ["school", "visitor"];
export const nodeName = (i: number) => `node-${i}`;

export class ControlPlane {
  private readonly folder = mkdtempSync(join(tmpdir(), "course-labs-control-plane-"));
  private readonly processes: ChildProcess[] = [];
  private readonly key = generateKeyPairSync("rsa", { modulusLength: 2048 });
  private readonly token = randomBytes(16).toString("hex");
  private readonly killAll = () => this.processes.forEach((one) => one.kill("SIGKILL"));
  private server = "";
  private apiServer?: ChildProcess;
  readonly kubeconfig = join(this.folder, "kubeconfig");

  private start(program: string, ...args: string[]): ChildProcess {
    const log = openSync(join(this.folder, `${program.split("/").pop()}.log`), "a");
    // Its own flags alone: kwok reads a configuration in the home folder, too.
    const env = { PATH: process.env.PATH, HOME: this.folder };
    const child = spawn(program, args, { cwd: this.folder, env, stdio: ["ignore", log, log] });
    this.processes.push(child);
    return child;
  }

  /**
   * @param nodes how many, each with room for 110 pods
   * @param volumes how many claims there is storage for @default those of the teacher's own lab
   */
  static async of(nodes: number, volumes = 2): Promise<ControlPlane> {
    const plane = new ControlPlane();
    process.on("exit", plane.killAll);
    try {
      await plane.begin(nodes, volumes);
      return plane;
    } catch (error) {
      const last = (program: string) => readFileSync(join(plane.folder, `${program}.log`), "utf8").slice(-1500);
      const said = ["kube-apiserver", "kwok"].map((program) => {
        try {
          return last(program);
        } catch {
          // It was not started.
          return "";
        }
      });
      await plane.stop();
      throw new Error(`the control plane does not start: ${String(error)}\n${said.join("\n")}`, { cause: error });
    }
  }

  private async begin(nodes: number, volumes: number): Promise<void> {
    const root = cacheRoot();
    const bin = async (tool: Tool, program: string) => join(await goTool(root, tool, say), "bin", program);
    const file = (name: string, content: string) => {
      writeFileSync(join(this.folder, name), content, { mode: 0o600 });
      return join(this.folder, name);
    };
    const [store = 0, peers = 0, api = 0] = await freePorts(3);
    const [keyFile, publicFile] = [
      file("account.key", this.key.privateKey.export({ type: "pkcs1", format: "pem" }) as string),
      file("account.pub", this.key.publicKey.export({ type: "spki", format: "pem" }) as string),
    ];
    const users = `${this.token},admin,admin,"system:masters"\n${this.token}-visitor,visitor,visitor\n`;
    this.server = `https://127.0.0.1:${api}`;
    const certificate = join(this.folder, "apiserver.crt");
    const user = (name: string, token: string) => ({ name, user: { token } });
    file(
      "kubeconfig",
      stringify({
        ...{ apiVersion: "v1", kind: "Config", "current-context": context },
        clusters: [{ name: "c", cluster: { server: this.server, "certificate-authority": certificate } }],
        users: [user("admin", this.token), user("visitor", `${this.token}-visitor`)],
        contexts: [
          { name: context, context: { cluster: "c", user: "admin" } },
          { name: powerless, context: { cluster: "c", user: "visitor" } },
        ],
      }),
    );

    const [client, peer] = [`http://127.0.0.1:${store}`, `http://127.0.0.1:${peers}`];
    // It is thrown away in the end, so nothing waits for the disk.
    const data = ["--data-dir", join(this.folder, "etcd"), "--unsafe-no-fsync"];
    const urls = [
      ...["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer],
      ...["--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`],
    ];
    this.start(await bin(etcd, "etcd"), ...data, ...urls);
    this.apiServer = this.start(
      await bin(kubernetes, "kube-apiserver"),
      ...[`--etcd-servers=${client}`, "--bind-address=127.0.0.1", `--secure-port=${api}`, `--cert-dir=${this.folder}`],
      ...["--service-cluster-ip-range=10.0.0.0/16", "--endpoint-reconciler-type=none", "--authorization-mode=RBAC"],
      ...["--service-account-issuer=https://kubernetes.default.svc", `--service-account-key-file=${publicFile}`],
      `--service-account-signing-key-file=${keyFile}`,
      `--token-auth-file=${file("users.csv", users)}`,
    );
    await this.until(async () => (await this.get("/readyz")) === "ok", 60);
    const asAdmin = [`--kubeconfig=${this.kubeconfig}`, "--leader-elect=false", "--secure-port=0"];
    const accounts = [`--service-account-private-key-file=${keyFile}`, `--root-ca-file=${certificate}`];
    this.start(await bin(kubernetes, "kube-controller-manager"), ...asAdmin, ...accounts);
    this.start(await bin(kubernetes, "kube-scheduler"), ...asAdmin);
    const own = ["--manage-all-nodes=true", "--node-lease-duration-seconds=40", "--cidr=10.244.0.1/16"];
    const stages = ["--config", join(__dirname, "stages.yaml")];
    this.start(await bin(kwok, "kwok"), `--kubeconfig=${this.kubeconfig}`, ...own, ...stages);
    await this.furnish(nodes, volumes);
  }

  /** Nodes, and storage, which nothing here makes when it is asked for. */
  private async furnish(nodes: number, volumes: number): Promise<void> {
    const { core, storage } = this.api();
    const room = { cpu: "32", memory: "64Gi", pods: "110", "ephemeral-storage": "500Gi" };
    // The node ports of this machine: what listens there answers for the pods.
    const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
    for (let i = 0; i < nodes; i++) {
      const metadata = { name: nodeName(i), labels: { "kubernetes.io/hostname": nodeName(i) } };
      await core.createNode({ body: { metadata, status: { addresses, allocatable: room, capacity: room } } });
    }
    const standard = { "storageclass.kubernetes.io/is-default-class": "true" };
    await storage.createStorageClass({
      body: { metadata: { name: "standard", annotations: standard }, provisioner: "kubernetes.io/no-provisioner" },
    });
    for (let i = 0; i < volumes; i++) {
      const name = `volume-${i}`;
      const spec = {
        capacity: { storage: "5Gi" },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: `/volumes/${name}` },
      };
      await core.createPersistentVolume({
        body: { metadata: { name }, spec: { ...spec, storageClassName: "standard" } },
      });
    }
    await this.until(async () => {
      const { items } = await core.listNode();
      const ready = items.filter(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
      );
      return ready.length === nodes;
    }, 60);
  }

  api(): ClusterApi {
    return clusterApi({ kubeconfig: this.kubeconfig, kubeContext: context });
  }

  private async until(so: () => Promise<boolean>, seconds: number): Promise<void> {
    let last: unknown = "it is not so";
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
      if (await so().catch((error: unknown) => ((last = error), false))) return;
    }
    throw last instanceof Error ? last : new Error(String(last));
  }

  /** What the API server says at a path. @param token whose question it is @default the administrator's */
  async get(path: string, token = this.token): Promise<string> {
    return (await this.ask(path, token)).body;
  }

  async ask(path: string, token: string): Promise<{ status: number; body: string }> {
    const ca = readFileSync(join(this.folder, "apiserver.crt"));
    return answerOf(this.server + path, 15_000, { ca, headers: { authorization: `Bearer ${token}` } });
  }

  /** Memory of the API server, in MiB. */
  get memory(): number {
    return residentMemory(this.apiServer?.pid ?? 0);
  }

  /** The sum of one of the API server's metrics over those of its series that have all these labels. */
  async metric(name: string, labels: Record<string, RegExp> = {}): Promise<number> {
    const series = (await this.get("/metrics")).split("\n").filter((line) => line.startsWith(`${name}{`));
    const chosen = series.filter((line) =>
      Object.entries(labels).every(([key, value]) =>
        value.test(new RegExp(`\\b${key}="([^"]*)"`).exec(line)?.[1] ?? ""),
      ),
    );
    return chosen.reduce((sum, line) => sum + Number(line.split(" ").pop()), 0);
  }

  /** A token as the cluster itself would sign it. */
  signed(claims: object): string {
    const text = `${base64url({ alg: "RS256", typ: "JWT" })}.${base64url(claims)}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(this.key.privateKey, "base64url")}`;
  }

  async stop(): Promise<void> {
    // The store last: the others would complain.
    for (const one of this.processes.reverse()) {
      if (one.exitCode !== null || one.signalCode !== null || one.pid === undefined) continue;
      const over = new Promise((done) => one.on("exit", done));
      one.kill("SIGTERM");
      const late = setTimeout(() => one.kill("SIGKILL"), 5000);
      await over;
      clearTimeout(late);
    }
    process.off("exit", this.killAll);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Memory of a process, in MiB. */
export function residentMemory(pid: number): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kib ?? 0) / 1024;
  } catch {
    // It has ended.
    return 0;
  }
}
