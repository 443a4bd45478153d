import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { cluster, prepare } from "../../closed-network";
import { Text } from "../../text";
import { docker, remove } from "./harness";
import { until } from "./minikube";

// What a cluster on the node that is made here does, and minikube's own node does as well.
const profile = "cn-test";
const image = "debian:12";
const manifest = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: kept }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: server }
spec:
  selector: { matchLabels: { app: server } }
  template:
    metadata: { labels: { app: server } }
    spec:
      securityContext:
        runAsNonRoot: true
        runAsUser: 12345
        seccompProfile: { type: RuntimeDefault }
        sysctls: [{ name: net.ipv4.ip_unprivileged_port_start, value: "0" }]
      containers:
        - name: server
          image: ${image}
          # Ends when it is told to: Perl, which every Debian has, serves what the volume holds.
          command: [perl, -MIO::Socket::INET, -e]
          args:
            - |
              open(my $f, ">>", "/data/starts"); print $f "start\\n"; close $f;
              my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1) or die "port: $!";
              while (my $c = $s->accept) { <$c>; open(my $f, "/data/starts"); print $c "HTTP/1.0 200 OK\\r\\n\\r\\n", <$f>; close $c }
          readinessProbe: { exec: { command: [test, -s, /data/starts] }, periodSeconds: 1 }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          volumeMounts: [{ name: data, mountPath: /data }]
      volumes: [{ name: data, persistentVolumeClaim: { claimName: kept } }]
---
apiVersion: v1
kind: Service
metadata: { name: server }
spec: { type: NodePort, selector: { app: server }, ports: [{ port: 80, nodePort: 30999 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: greedy }
spec:
  restartPolicy: Never
  containers:
    - name: greedy
      image: ${image}
      command: [perl, -e, 'my $x = "a" x 300_000_000; sleep 60']
      resources: { limits: { memory: 32Mi } }
`;

describe("the cluster that is made here", () => {
  const folder = mkdtempSync(join(tmpdir(), "cn-cluster-"));
  const env: NodeJS.ProcessEnv = { ...process.env, KUBECONFIG: join(folder, "kubeconfig") };
  let start: string[] = [];

  function run(program: string, args: string[], input = ""): string {
    const { status, stdout, stderr } = spawnSync(program, args, { env, input, encoding: "utf8" });
    assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout.trim();
  }
  const minikube = (command: string, ...args: string[]) => run("minikube", [command, "--profile", profile, ...args]);
  const kubectl = (...args: string[]) => run("kubectl", ["--context", profile, ...args]);
  const ready = () => kubectl("rollout", "status", "deployment/server", "--timeout=90s");
  /** What the volume holds, asked for from outside. */
  async function served(): Promise<string> {
    let last: unknown;
    for (let tries = 0; tries < 100; tries++) {
      try {
        const answer = await fetch(`http://${minikube("ip")}:30999/`);
        return (await answer.text()).trim();
      } catch (error) {
        last = error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw last;
  }

  before(async function () {
    this.timeout(30 * 60_000);
    // With an empty cache this takes a while, and says so.
    const report = ({ en }: Text) => console.log(`    ${en}`);
    await prepare({ docker: true, images: [image], plugins: [], report });
    const { bin, startArgs } = await cluster({ report });
    env.PATH = `${bin}${delimiter}${process.env.PATH}`;
    start = ["start", "--keep-context", "--interactive=false", "--cpus=2", "--memory=2500m", ...startArgs];
    minikube(...(start as [string]));
    const file = join(folder, "image.tar");
    docker("save", "--output", file, image);
    minikube("image", "load", file);
  });
  after(function () {
    this.timeout(60_000);
    spawnSync("minikube", ["delete", "--profile", profile], { env });
    remove(folder);
  });

  it("has the node in the sizes that were asked for", () => {
    const limits = docker("inspect", "--format", "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}", profile);
    assert.equal(limits, `${2500 * 2 ** 20} 2000000000`);
    assert.equal(docker("exec", profile, "systemctl", "--failed", "--quiet"), "");
  });

  it("leaves the selected context alone", () => {
    const current = spawnSync("kubectl", ["config", "current-context"], { env, encoding: "utf8" });
    assert.notEqual(current.status, 0, current.stdout);
  });

  it("runs a server as anyone on a volume of the default class, and shows it to the host", async function () {
    this.timeout(120_000);
    run("kubectl", ["--context", profile, "apply", "--filename", "-"], manifest);
    ready();
    assert.equal(await served(), "start");
    assert.equal(kubectl("get", "pvc", "kept", "--output", "jsonpath={.spec.storageClassName}"), "standard");
  });

  it("lets pods find each other, and answers for names that are not there", async () => {
    const inPod = (name: string) =>
      spawnSync("kubectl", ["--context", profile, "exec", "deployment/server", "--", "getent", "hosts", name], { env });
    const address = kubectl("get", "service", "server", "--output", "jsonpath={.spec.clusterIP}");
    // The cluster's DNS may be ready later than the first pods are.
    await until(() => inPod("server").stdout.toString().startsWith(address), "a pod finds the Service by its name", 60);
    assert.equal(inPod("no-such-name.invalid").status, 2, "not found, at once");
    const restarts = "jsonpath={.items[*].status.containerStatuses[*].restartCount}";
    assert.equal(kubectl("--namespace=kube-system", "get", "pods", "--selector=k8s-app=kube-dns", "-o", restarts), "0");
  });

  it("ends a container that takes more memory than it may", function () {
    this.timeout(60_000);
    kubectl("wait", "--for=jsonpath={.status.phase}=Failed", "pod/greedy", "--timeout=45s");
    const reason = "jsonpath={.status.containerStatuses[0].state.terminated.reason}";
    assert.equal(kubectl("get", "pod", "greedy", "--output", reason), "OOMKilled");
  });

  it("has the same data, images and address after it was stopped", async function () {
    this.timeout(180_000);
    const address = minikube("ip");
    minikube("stop");
    minikube(...(start as [string]));
    ready();
    assert.equal(await served(), "start\nstart");
    assert.equal(minikube("ip"), address);
    assert.match(minikube("image", "ls"), /library\/debian:12/);
  });

  it("removes a volume with its claim, and itself without a trace", function () {
    this.timeout(120_000);
    const volumes = () => docker("exec", profile, "find", "/tmp/hostpath-provisioner", "-mindepth", "2");
    assert.match(volumes(), /^\/tmp\/hostpath-provisioner\/default\/kept$/m);
    kubectl("delete", "deployment/server", "pod/greedy", "pvc/kept", "--grace-period=1");
    kubectl("wait", "--for=delete", "persistentvolume", "--all", "--timeout=60s");
    assert.equal(volumes(), "");
    minikube("delete");
    assert.equal(docker("ps", "--all", "--quiet", "--filter", `name=^${profile}$`), "");
    assert.equal(docker("volume", "ls", "--quiet", "--filter", `name=^${profile}$`), "");
    assert.equal(docker("network", "ls", "--quiet", "--filter", `name=^${profile}$`), "");
  });
});
