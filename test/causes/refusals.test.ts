import assert from "node:assert/strict";
import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import { unreached } from "../../tools/commands/visit";
import { checksOf } from "../../tools/checks/labs";
import { runChecks } from "../../tools/checks/check";
import { KubernetesFacts } from "../../tools/checks/facts/kubernetes";
import { Unreachable } from "../../tools/checks/facts/unreachable";
import { targetOf } from "../../tools/checks/target";
import { parseSettings } from "../../config";
import { Cause, clusterCauses } from "../../tools/causes/problem";
import { diagnose } from "../../tools/causes/kubernetes";
import { answering } from "../checks/fakes";
import { clusterWith, healthy, pod, unreadyMysql } from "../checks/kubernetes-fakes";

const event = (kind: string, name: string, reason: string, message: string): CoreV1Event => ({
  metadata: {},
  involvedObject: { kind, name },
  reason,
  message,
});
const from = (change: (facts: KubernetesFacts) => void) => {
  const facts = healthy();
  change(facts);
  return facts;
};
const mysql = "mysql-7d9c8b-1";
const notReady = (more: V1Pod["status"] = {}): V1Pod["status"] => ({
  conditions: [{ type: "Ready", status: "False" }],
  containerStatuses: [],
  ...more,
});
/** The pod of MySQL in some state, with its events. */
const ofMysql =
  (status: V1Pod["status"], ...events: [reason: string, message: string][]) =>
  (facts: KubernetesFacts) => {
    facts.pods = [pod("mysql", "1", { ...notReady(), ...status }), pod("wordpress", "1")];
    facts.events = events.map(([reason, message]) => event("Pod", mysql, reason, message));
  };
const waits = (reason: string, message: string): V1Pod["status"] =>
  notReady({ containerStatuses: [unreadyMysql({ state: { waiting: { reason, message } } })] });
/** A pod whose containers have not started yet, with an event of its node. */
const starting = (reason: string, message: string) => ofMysql(waits("ContainerCreating", ""), [reason, message]);
const pending = (message: string): V1Pod["status"] => ({
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "False", message }],
});
/** No pod of MySQL is created. */
const refused = (message: string) => (facts: KubernetesFacts) => {
  facts.pods = [pod("wordpress", "1")];
  facts.events = [event("ReplicaSet", "mysql-7d9c8b", "FailedCreate", message)];
};
const creating = (said: string) => `Error creating: pods "mysql-7d9c8b-" is forbidden: ${said}`;
const nodes = (message: string) => `0/1 nodes are available: ${message}. preemption: not helpful`;

/** The step for a mistake in the definition of a pod. */
const made = /Data on the claims is kept.* delete deployment mysql; npm run up$/;

/** Messages about a pod that is not created, scheduled, started or ready, by who writes them. */
const said: Record<string, [change: (facts: KubernetesFacts) => void, cause: Cause, why: RegExp, next: RegExp][]> = {
  "from admission plugins, through the ReplicaSet": [
    [
      refused(
        creating(
          "exceeded quota: small, requested: limits.memory=512Mi, used: limits.memory=0, limited: limits.memory=100Mi",
        ),
      ),
      "pod refused",
      /exceed the quota \(ResourceQuota\) of its namespace/,
      /describe resourcequotas/,
    ],
    [
      refused(creating("failed quota: small: must specify limits.cpu for: mysql")),
      "pod refused",
      /requires requests and limits/,
      /resourcequotas/,
    ],
    [
      refused(creating("maximum memory usage per Container is 256Mi, but limit is 512Mi")),
      "pod refused",
      /LimitRange/,
      /limitranges/,
    ],
    [
      refused(
        creating('violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "mysql")'),
      ),
      "pod refused",
      /security rules of its namespace/,
      /--show-labels/,
    ],
    [
      refused(creating('error looking up service account wordpress/default: serviceaccount "default" not found')),
      "pod refused",
      /service account does not exist/,
      /get serviceaccounts/,
    ],
    [refused(creating("no PriorityClass with name urgent was found")), "pod refused", /priority class/, made],
    [refused('Error creating: pod rejected: RuntimeClass "kata" not found'), "pod refused", /runtime class/, made],
    [
      refused(
        'Error creating: Internal error occurred: failed calling webhook "v.example.org": no endpoints available for service "v"',
      ),
      "pod refused",
      /admission webhook.* does not answer/,
      /webhookconfigurations/,
    ],
    [
      refused('Error creating: admission webhook "v.example.org" denied the request: no'),
      "pod refused",
      /An admission policy/,
      /validatingwebhookconfigurations/,
    ],
    [
      refused(creating("unable to create new content in namespace wordpress because it is being terminated")),
      "pod refused",
      /namespace is being deleted/,
      /Wait until it is deleted/,
    ],
    [
      refused('Error creating: Pod "mysql" is invalid: spec.containers[0].image: Required value'),
      "pod refused",
      /rejects its definition/,
      /yaml/,
    ],
    [
      refused(creating("insufficient quota to match these scopes: [{PriorityClass In [high]}]")),
      "pod refused",
      /exceed the quota/,
      /resourcequotas/,
    ],
    [refused(creating("status unknown for quota: small, resources: pods")), "pod refused", /too busy/, /Wait a minute/],
    [refused("Error creating: dial tcp 10.96.0.1:443: connect: connection refused"), "pod refused", /too busy/, /Wait/],
    [refused('Error creating: namespaces "wordpress" not found'), "pod refused", /being deleted/, /Wait until/],
    [
      refused("Error creating: etcdserver: mvcc: database space exceeded"),
      "pod refused",
      /\(etcd\) is full/,
      /^Make room/,
    ],
    [refused("Error creating: etcdserver: request timed out"), "pod refused", /too busy/, /Wait a minute/],
    [refused(creating("something new")), "pod refused", /^The cluster reports:$/, /get events/],
  ],
  "from the kubelet, about a pod that it rejects": [
    [
      ofMysql({ phase: "Failed", reason: "OutOfmemory", message: "x" }),
      "pod refused",
      /too little memory/,
      /replicas 0 stops one and keeps its data/,
    ],
    [ofMysql({ phase: "Failed", reason: "OutOfpods" }), "pod refused", /no room left/, /replicas 0/],
    [ofMysql({ phase: "Failed", reason: "NodeShutdown" }), "pod refused", /shut down/, /Start the node/],
    [ofMysql({ phase: "Failed", reason: "Terminated" }), "pod refused", /shut down/, /Start the node/],
    [ofMysql({ phase: "Failed", reason: "Preempting" }), "pod refused", /of higher priority/, /replicas 0/],
    [ofMysql({ phase: "Failed", reason: "NodeAffinity" }), "pod refused", /no longer run on this node/, made],
    [ofMysql({ phase: "Failed", reason: "DeadlineExceeded" }), "pod refused", /activeDeadlineSeconds/, made],
    [
      ofMysql({ phase: "Failed", reason: "SysctlForbidden" }),
      "pod refused",
      /does not run pods of this kind/,
      /describe pods/,
    ],
    [ofMysql({ phase: "Failed", reason: "UnexpectedAdmissionError" }), "pod refused", /of this kind/, /describe pods/],
  ],
  "from the scheduler": [
    [
      ofMysql(pending('persistentvolumeclaim "mysql-data" not found')),
      "unschedulable",
      /Its claim does not exist/,
      /^Create it/,
    ],
    [
      ofMysql(pending('persistentvolumeclaim "mysql-data" is being deleted')),
      "unschedulable",
      /being deleted/,
      /^Create it/,
    ],
    [ofMysql(pending(nodes("1 Too many pods"))), "unschedulable", /as many pods or processes/, /replicas 0/],
    [ofMysql(pending(nodes("1 node(s) were unschedulable"))), "unschedulable", /cordoned/, /uncordon/],
    [
      ofMysql(pending(nodes("1 node(s) had untolerated taint {node.kubernetes.io/pid-pressure: }"))),
      "unschedulable",
      /as many pods or processes/,
      /replicas 0/,
    ],
    [
      ofMysql(pending(nodes("1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }"))),
      "unschedulable",
      /not ready/,
      /describe nodes/,
    ],
    [
      ofMysql(pending(nodes("1 node(s) had volume node affinity conflict"))),
      "unschedulable",
      /volume is on another node/,
      /get persistentvolumes/,
    ],
    [
      ofMysql(pending('running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded')),
      "unschedulable",
      /not created in time/,
      /get events/,
    ],
    [ofMysql(pending(nodes("1 Insufficient nvidia.com/gpu"))), "unschedulable", /No node matches/, made],
    [ofMysql(pending(nodes("1 Insufficient hugepages-2Mi"))), "unschedulable", /No node matches/, made],
    [
      ofMysql(pending(nodes("1 node(s) didn't match Pod's node affinity/selector"))),
      "unschedulable",
      /No node matches/,
      made,
    ],
    [
      ofMysql(pending(nodes("1 node(s) didn't have free ports for the requested pod ports"))),
      "unschedulable",
      /port of the node/,
      made,
    ],
    [
      ofMysql(pending("Scheduling is blocked due to non-empty scheduling gates")),
      "unschedulable",
      /gates hold it back/,
      made,
    ],
    [ofMysql(pending("no nodes available to schedule pods")), "unschedulable", /has no node/, /get nodes/],
    [
      ofMysql(pending(nodes("1 node(s) had something new"))),
      "unschedulable",
      /^The scheduler reports:$/,
      /describe nodes/,
    ],
    [
      ofMysql(pending(nodes("1 Insufficient ephemeral-storage"))),
      "unschedulable",
      /disk is full, or almost full/,
      /docker builder prune/,
    ],
  ],
  "from the kubelet, about a container": [
    [
      ofMysql(waits("CreateContainerConfigError", 'secret "mysql" not found')),
      "cannot start",
      /a key in it, is missing/,
      /Create it again: npm run up/,
    ],
    [
      ofMysql(waits("CreateContainerConfigError", "couldn't find key password in Secret wordpress/mysql")),
      "cannot start",
      /a key in it, is missing/,
      /npm run up/,
    ],
    [
      ofMysql(waits("CreateContainerConfigError", "container has runAsNonRoot and image will run as root")),
      "cannot start",
      /may not run as root/,
      made,
    ],
    [
      ofMysql(waits("CreateContainerError", 'failed to reserve container name "x"')),
      "cannot start",
      /too slow or too busy/,
      /Wait a few minutes/,
    ],
    [
      ofMysql(waits("CreateContainerConfigError", "configmap references non-existent config key: my.cnf")),
      "cannot start",
      /a key in it, is missing/,
      /npm run up/,
    ],
    [
      ofMysql(
        waits("CreateContainerConfigError", 'failed to prepare subPath for volumeMount "data" of container "mysql"'),
      ),
      "cannot start",
      /does not fit into its image/,
      made,
    ],
    [
      ofMysql(
        waits(
          "RunContainerError",
          'error during container init: error mounting "/var/lib/kubelet/pods/1/volumes/my.cnf" to rootfs at "/etc/mysql": not a directory: Are you trying to mount a directory onto a file (or vice-versa)?',
        ),
      ),
      "cannot start",
      /does not fit into its image/,
      made,
    ],
    [
      ofMysql(waits("RunContainerError", "container init was OOM-killed (memory limit too low?): unknown")),
      "cannot start",
      /memory limit is too low/,
      /^Raise the limit of mysql .*podMemory.*npm run up$/,
    ],
    [
      ofMysql(
        waits("CreateContainerError", "failed to create containerd container: write /run/x: no space left on device"),
      ),
      "cannot start",
      /disk is full/,
      /builder prune/,
    ],
    [
      ofMysql(waits("CreateContainerError", 'cannot load seccomp profile "/var/lib/kubelet/seccomp/x.json"')),
      "cannot start",
      /security settings/,
      made,
    ],
    [
      ofMysql(waits("CreateContainerError", "failed to get sandbox container task: no running task found: not found")),
      "cannot start",
      /container runtime is out of order/,
      /stored data is kept.*minikube stop/,
    ],
    [
      ofMysql(waits("PostStartHookError", "PostStartHookError: command failed")),
      "cannot start",
      /lifecycle hook\) failed/,
      made,
    ],
    [
      ofMysql(waits("SignatureValidationFailed", "image signature validation failed")),
      "image cannot be pulled",
      /^The error message was:$/,
      /^Follow the message/,
    ],
    [
      ofMysql(waits("ImageInspectError", "rpc error: no space left on device")),
      "image cannot be pulled",
      /disk is full/,
      /builder prune/,
    ],
  ],
  "from the kubelet, about a pod's network and volumes": [
    [
      starting(
        "FailedCreatePodSandBox",
        'Failed to create pod sandbox: plugin type="bridge" failed (add): cni config uninitialized',
      ),
      "cannot start",
      /network plugin \(CNI\) does not work/,
      /get pods --all-namespaces/,
    ],
    [starting("NetworkNotReady", "network is not ready"), "cannot start", /CNI/, /minikube start/],
    [starting("FailedCreatePodSandBox", "no space left on device"), "cannot start", /disk is full/, /builder prune/],
    [
      starting("FailedMount", 'MountVolume.SetUp failed: secret "mysql" not found'),
      "volume cannot be mounted",
      /it mounts is missing/,
      /Create it/,
    ],
    [
      starting(
        "FailedCreatePodSandBox",
        'Failed to create pod sandbox: failed to get sandbox image "registry.k8s.io/pause:3.10.1": dial tcp: no such host',
      ),
      "cannot start",
      /image that every pod begins with/,
      /network of the node/,
    ],
    [
      starting(
        "FailedCreatePodSandBox",
        "code = Unavailable desc = connection error: dial unix /run/containerd/containerd.sock: connect: connection refused",
      ),
      "cannot start",
      /container runtime is out of order/,
      /minikube stop/,
    ],
    [
      starting("FailedCreatePodSandBox", 'failed to get sandbox runtime: no runtime for "kata" is configured'),
      "cannot start",
      /runtime that the pod requests/,
      made,
    ],
    [
      starting(
        "FailedCreatePodSandBox",
        'plugin type="host-local" failed (add): write /var/lib/cni/1: no space left on device',
      ),
      "cannot start",
      /disk is full/,
      /builder prune/,
    ],
    [
      starting("FailedCreatePodSandBox", "rpc error: code = DeadlineExceeded desc = context deadline exceeded"),
      "cannot start",
      /too slow or too busy/,
      /Wait a few minutes/,
    ],
    [
      starting(
        "FailedMount",
        'MountVolume.SetUp failed for volume "kube-api-access-1" : configmap "kube-root-ca.crt" not found',
      ),
      "volume cannot be mounted",
      /puts into every namespace/,
      /kube-controller-manager is not running/,
    ],
    [
      starting(
        "FailedMount",
        'MountVolume.SetUp failed for volume "kube-api-access-1" : object "wordpress"/"kube-root-ca.crt" not registered',
      ),
      "volume cannot be mounted",
      /has not received/,
      /retries automatically/,
    ],
    [
      starting(
        "FailedMount",
        "MountVolume.MountDevice failed: driver name hostpath.csi.k8s.io not found in the list of registered CSI drivers",
      ),
      "volume cannot be mounted",
      /storage driver .* does not run/,
      /get pods --all-namespaces/,
    ],
    // Nothing says that its data is gone.
    [
      starting("FailedMount", "mount failed: fork/exec /sbin/mount.nfs: no such file or directory"),
      "volume cannot be mounted",
      /The node reports:/,
      /^Fix what the cluster reports, then: npm run up$/,
    ],
    [
      starting(
        "FailedMount",
        'error processing PVC wordpress/mysql-data: failed to fetch PVC from API server: persistentvolumeclaims "mysql-data" not found',
      ),
      "volume cannot be mounted",
      /claim has no volume/,
      /get persistentvolumeclaims/,
    ],
    [
      starting("FailedAttachVolume", "Multi-Attach error for volume"),
      "volume cannot be mounted",
      /still attached to another node/,
      /Wait until/,
    ],
    [
      starting("FailedMount", "hostPath type check failed: /data is not a directory"),
      "volume cannot be mounted",
      /folder of its volume is no longer on the node/,
      /start over with new volumes.*npm run destroy/,
    ],
  ],
};

describe("the reason that Kubernetes gives for a pod that is not ready", () => {
  for (const [who, all] of Object.entries(said)) {
    describe(who, () => {
      for (const [change, cause, why, next] of all) {
        it(`${cause}: ${String(why)}`, () => {
          const found = diagnose(from(change));
          assert.deepEqual(
            found.map((one) => `${one.cause} ${one.workload}`),
            [`${cause} mysql`],
          );
          assert.match(found[0]!.why!.en, why);
          assert.match(found[0]!.next!.en, next);
          assert.ok(found[0]!.why!.ko && found[0]!.next!.ko);
          assert.doesNotMatch(JSON.stringify(found), /undefined|null|NaN/);
          assert.ok((clusterCauses as readonly Cause[]).includes(cause));
        });
      }
    });
  }

  it("is not reported if the workload has a pod by now", () => {
    const facts = from(refused(creating("exceeded quota: small")));
    facts.pods.push(pod("mysql", "2"));
    assert.deepEqual(diagnose(facts), []);
  });
});

/** The cluster's own parts, as minikube has them. */
const system = (): V1Pod[] =>
  (
    [
      ["coredns-1", { "k8s-app": "kube-dns" }],
      ["kube-proxy-1", { "k8s-app": "kube-proxy" }],
      ["storage-provisioner", {}],
      ["kube-scheduler-course-labs", { component: "kube-scheduler" }],
      ["kube-controller-manager-course-labs", { component: "kube-controller-manager" }],
      ["kindnet-x", { app: "kindnet" }],
    ] as [string, Record<string, string>][]
  ).map(([name, labels]) => ({
    metadata: { name, namespace: "kube-system", labels },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  }));

describe("the cluster's own parts", () => {
  const target = targetOf(parseSettings({}), {
    labs: ["kubernetes"],
    kubernetes: { namespace: "wordpress", ip: "192.168.49.2", port: 30080, url: "http://192.168.49.2:30080" },
  });
  const looked = (facts: KubernetesFacts) =>
    runChecks(
      checksOf(
        target,
        {
          kubernetes: {
            seen: { facts },
            cluster: clusterWith(facts, { exec: () => Promise.reject(new Unreachable("no answer")) }),
          },
        },
        answering({ get: () => Promise.reject(new Unreachable("ETIMEDOUT")) }),
      ),
    );

  const gone: [pod: string, part: RegExp, next: RegExp][] = [
    ["coredns", /name service \(CoreDNS\) is not running/, /scale deployment coredns --replicas 1/],
    ["kube-proxy", /proxy \(kube-proxy\) is not running/, /minikube start --profile course-labs/],
    ["storage-provisioner", /storage provisioner is not running/, /minikube start/],
    ["kube-scheduler", /scheduler \(kube-scheduler\) is not running/, /minikube start/],
    ["kube-controller-manager", /kube-controller-manager\) is not running/, /minikube start/],
  ];
  for (const [name, part, next] of gone) {
    it(`are reported by check and doctor if ${name} is missing`, async () => {
      const facts = from(
        (facts) => (facts.system = system().filter(({ metadata }) => !metadata?.name?.startsWith(name))),
      );
      const [first, ...more] = diagnose(facts);
      assert.deepEqual(more, []);
      assert.equal(first?.cause, "cluster part");
      assert.match(first.what.en, part);
      assert.match(first.next?.en ?? "", next);
      const failed = (await looked(facts)).find(({ status }) => status === "failed");
      assert.ok(failed?.status === "failed");
      assert.match(failed.why.en, part);
      assert.match(failed.next.en, next);
    });
  }

  it("are reported with their message if they are not ready; in another cluster, only if they exist", () => {
    const facts = from((facts) => {
      facts.lab = { ...facts.lab, context: "school" };
      facts.system = system().slice(-1);
      facts.system[0]!.status = {
        conditions: [{ type: "Ready", status: "False" }],
        containerStatuses: [
          {
            name: "c",
            image: "",
            imageID: "",
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: "CrashLoopBackOff" } },
          },
        ],
      };
    });
    const found = diagnose(facts);
    assert.deepEqual(
      found.map(({ what, evidence }) => `${what.en} ${evidence.join()}`),
      ["The cluster's network plugin (CNI) is not running. CrashLoopBackOff"],
    );
    facts.system = [];
    assert.deepEqual(diagnose(facts), []);
    const otherNetwork = from((facts) => (facts.system = system().slice(0, -1)));
    assert.deepEqual(diagnose(otherNetwork), [], "minikube's may have another network plugin");
    facts.services.push({ metadata: { namespace: "kube-system", name: "kube-dns" } });
    assert.match(diagnose(facts)[0]?.what.en ?? "", /CoreDNS/);
  });

  const conditions: [type: string, status: string, message: string, why: RegExp][] = [
    ["DiskPressure", "True", "kubelet has disk pressure", /disk is full, or almost full/],
    ["MemoryPressure", "True", "kubelet has insufficient memory available", /too little memory left/],
    ["PIDPressure", "True", "kubelet has insufficient PID available", /as many pods or processes/],
    ["NetworkUnavailable", "True", "", /network plugin \(CNI\) does not work/],
    ["Ready", "False", "container runtime network not ready: cni plugin not initialized", /CNI/],
    ["Ready", "Unknown", "Kubelet stopped posting node status.", /The node reports/],
  ];
  for (const [type, status, message, why] of conditions) {
    it(`include a node with ${type} ${status}: ${message}`, () => {
      const facts = from((facts) => {
        const own = facts.nodes[0]!.status!;
        own.conditions = [...(own.conditions ?? []).filter((one) => one.type !== type), { type, status, message }];
      });
      const [first] = diagnose(facts);
      assert.match(first?.what.en ?? "", /^Node course-labs /);
      assert.match(first?.why?.en ?? "", why);
    });
  }

  it("are restored with kubectl or minikube, where these can do it", () => {
    const next = (change: (facts: KubernetesFacts) => void) => diagnose(from(change))[0]?.next?.en;
    const names = (facts: KubernetesFacts) =>
      facts.services.push({ metadata: { namespace: "kube-system", name: "kube-dns" } });
    const elsewhere = (facts: KubernetesFacts) => (facts.lab = { ...facts.lab, context: "school" });
    const scale = (context: string) =>
      `Start it: kubectl --context ${context} --namespace kube-system scale deployment coredns --replicas 1`;
    const begin = "minikube start --profile course-labs";
    const unready = (pod: V1Pod) => (pod.status!.conditions = [{ type: "Ready", status: "False" }]);
    assert.equal(
      next((facts) => (facts.system = system().slice(1))),
      `${scale("course-labs")}; if there is no such Deployment: ${begin}`,
    );
    assert.equal(
      next((facts) => void [(facts.system = []), names(facts), elsewhere(facts)]),
      scale("school"),
    );
    assert.equal(
      next((facts) => unready((facts.system = system())[0]!)),
      `Let minikube restore it: ${begin}`,
    );
    assert.equal(
      next((facts) => void [elsewhere(facts), unready((facts.system = system())[0]!)]),
      "Find out why: kubectl --context school --namespace kube-system describe pods",
    );
    assert.deepEqual(
      diagnose(from((facts) => (facts.system = system().slice(0, 5)))),
      [],
      "without a plugin for networks",
    );
  });

  it("are reported with the messages of their first two containers", () => {
    const says = (message?: string) => ({
      ...{ name: "c", image: "", imageID: "", ready: false, restartCount: 0 },
      state: { ...(message !== undefined && { waiting: { reason: "ErrImagePull", message } }) },
    });
    const facts = from((facts) => (facts.system = system()));
    facts.system![0]!.status = {
      conditions: [{ type: "Ready", status: "False" }],
      initContainerStatuses: [says()],
      containerStatuses: [says("one"), says("two"), says("three")],
    };
    assert.deepEqual(diagnose(facts)[0]?.evidence, ["ErrImagePull: one", "ErrImagePull: two"]);
  });

  it("include a node that is not ready, which is restarted with minikube and inspected elsewhere", () => {
    const found = (context: string) =>
      diagnose(
        from((facts) => {
          facts.lab = { ...facts.lab, context };
          const message = "Kubelet stopped posting node status.";
          facts.nodes[0]!.status!.conditions = [{ type: "Ready", status: "Unknown", message }];
        }),
      )[0];
    const own = found("course-labs");
    assert.match(own?.next?.en ?? "", /^Restart the node \(stored data is kept\): minikube stop --profile course-labs/);
    assert.deepEqual(own?.evidence, ["Kubelet stopped posting node status."]);
    assert.match(
      found("school")?.next?.en ?? "",
      /^Find out what is wrong \(kubectl --context school describe nodes\)/,
    );
  });

  it("are not reported if all run; then an unreachable page is explained by the way to the node", async () => {
    const facts = from((facts) => (facts.system = system()));
    assert.deepEqual(diagnose(facts), []);
    const results = await runChecks(
      checksOf(
        target,
        { kubernetes: { seen: { facts }, cluster: clusterWith(facts) } },
        answering({ get: () => Promise.reject(new Unreachable("ETIMEDOUT")) }),
      ),
    );
    const page = results.find(({ id }) => id === "kubernetes.page");
    assert.ok(page?.status === "failed");
    assert.match(page.why.en, /ETIMEDOUT\. WordPress is ready in the cluster, but this machine cannot reach the node/);
    assert.match(page.next.en, /localhost:30080 .*: kubectl .* port-forward service\/wordpress 30080:80$/);
  });
});

describe("the advice for a site that does not answer", () => {
  it("names the setting of the labs' own cluster only for that cluster", () => {
    const other = unreached(
      "http://192.168.49.2:30080",
      parseSettings({ kubeContext: "minikube", nodePort: "30081" }),
      true,
    );
    assert.doesNotMatch(other.en, /if this works/);
    assert.match(other.en, /port-forward service\/wordpress 30081:80, then open http:\/\/localhost:30081/);
    assert.match(
      unreached("http://192.168.49.2:30080", parseSettings({}), true).en,
      /localhost:30080 \(if this works, set course-labs:kubernetesHost/,
    );
    assert.doesNotMatch(unreached("http://x:30080", parseSettings({ kubeContext: "school" }), false).en, /minikube/);
  });
});
