import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseSettings } from "../../config";
import { docker } from "./harness";
import { context, kubectl, nodeAddress, startCluster, until } from "./minikube";

// What a cluster on the node that is made here does, and minikube's own node does as well. That it keeps all of it when it
// is stopped, and goes without a trace, is for the suite that has all labs.
const namespace = "cn-cluster";
const image = parseSettings({}).wordpressImage;
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
  const inLab = (...args: string[]) => kubectl("--namespace", namespace, ...args);

  before(async () => {
    await startCluster();
    kubectl("create", "namespace", namespace);
  });
  after(() => void kubectl("delete", "namespace", namespace, "--ignore-not-found", "--timeout=120s"));

  it("has the node in the sizes that were asked for, and everything on it started", () => {
    const limits = docker("inspect", "--format", "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}", context);
    const home = process.env.MINIKUBE_HOME ?? join(homedir(), ".minikube");
    const asked = JSON.parse(readFileSync(join(home, "profiles", context, "config.json"), "utf8")) as {
      Memory: number;
      CPUs: number;
    };
    assert.equal(limits, `${asked.Memory * 2 ** 20} ${asked.CPUs * 1e9}`);
    assert.equal(docker("exec", context, "systemctl", "--failed", "--quiet"), "");
  });

  it("runs a server as anyone on a volume of the default class, and shows it to the host", async () => {
    const args = ["--context", context, "--namespace", namespace, "apply", "--filename", "-"];
    const applied = spawnSync("kubectl", args, { input: manifest, encoding: "utf8" });
    assert.equal(applied.status, 0, applied.stderr);
    inLab("rollout", "status", "deployment/server", "--timeout=90s");
    let served = "";
    const asked = async () => (served = await (await fetch(`http://${nodeAddress()}:30999/`)).text()) !== "";
    await until(asked, "the node's port leads to the server", 20);
    assert.equal(served, "start\n");
    assert.equal(inLab("get", "pvc", "kept", "--output", "jsonpath={.spec.storageClassName}"), "standard");
  });

  it("lets pods find each other, and answers for names that are not there", async () => {
    const inPod = (name: string) => {
      const args = ["--context", context, "--namespace", namespace, "exec", "deployment/server", "--"];
      return spawnSync("kubectl", [...args, "getent", "hosts", name], { encoding: "utf8" });
    };
    const address = inLab("get", "service", "server", "--output", "jsonpath={.spec.clusterIP}");
    // The cluster's DNS may be ready later than the first pods are.
    await until(() => inPod("server").stdout.startsWith(address), "a pod finds the Service by its name", 60);
    assert.equal(inPod("no-such-name.invalid").status, 2, "not found, at once");
  });

  it("kills a container that exceeds its memory limit", () => {
    inLab("wait", "--for=jsonpath={.status.phase}=Failed", "pod/greedy", "--timeout=90s");
    const ended = (what: string) => {
      const path = `jsonpath={.status.containerStatuses[0].state.terminated.${what}}`;
      return inLab("get", "pod", "greedy", "--output", path);
    };
    assert.equal(ended("exitCode"), "137", "killed, not ended by itself");
    // containerd tells of the kill and of the end apart: where the end comes first, the kubelet knows no reason.
    assert.match(ended("reason"), /^(OOMKilled|Error)$/);
  });

  it("removes a volume with its claim", () => {
    const folder = `/tmp/hostpath-provisioner/${namespace}`;
    const volumes = () => docker("exec", context, "sh", "-c", `ls ${folder} 2>/dev/null || true`);
    assert.equal(volumes(), "kept");
    const volume = inLab("get", "pvc", "kept", "--output", "jsonpath={.spec.volumeName}");
    inLab("delete", "deployment/server", "pod/greedy", "pvc/kept", "--grace-period=1");
    kubectl("wait", "--for=delete", `persistentvolume/${volume}`, "--timeout=60s");
    assert.equal(volumes(), "");
  });
});
