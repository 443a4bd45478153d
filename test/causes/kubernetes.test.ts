import assert from "node:assert/strict";
import type {
  CoreV1Event,
  V1ContainerState,
  V1ContainerStatus,
  V1PersistentVolumeClaim,
  V1Pod,
} from "@kubernetes/client-node";
import { Cause, clusterCauses, problemText } from "../../tools/causes/problem";
import { diagnose } from "../../tools/causes/kubernetes";
import { LabObjects, titleOf } from "../../tools/causes/objects";

const container = (workload: string, state: V1ContainerState, more: Partial<V1ContainerStatus> = {}) => ({
  name: workload,
  image: `${workload}:1`,
  imageID: "",
  ready: false,
  restartCount: 0,
  state,
  ...more,
});

/** A pod of a workload, in some state of its only container. */
const pod = (workload: string, state: V1ContainerState, more: Partial<V1ContainerStatus> = {}): V1Pod => ({
  metadata: { name: `${workload}-1`, labels: { "app.kubernetes.io/name": workload } },
  spec: {
    containers: [
      {
        name: workload,
        resources: { limits: { memory: "512Mi" } },
        env: [{ name: workload === "mysql" ? "MYSQL_USER" : "WORDPRESS_DB_USER", value: "wordpress" }],
      },
    ],
  },
  status: {
    phase: "Running",
    conditions: [{ type: "Ready", status: more.ready ? "True" : "False" }],
    containerStatuses: [container(workload, state, more)],
  },
});
const running: V1ContainerState = { running: {} };
const wellPod = (workload: string) => pod(workload, running, { ready: true });
const waiting = (reason: string, message?: string): V1ContainerState => ({ waiting: { reason, message } });
const ended = (exitCode: number, reason = "Error") => ({
  restartCount: 3,
  lastState: { terminated: { exitCode, reason } },
});
const pending = (message: string): V1Pod => ({
  metadata: { name: "mysql-1", labels: { "app.kubernetes.io/name": "mysql" } },
  status: {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
  },
});

let minute = 0;
const event = (kind: string, name: string, reason: string, message: string): CoreV1Event => ({
  metadata: {},
  involvedObject: { kind, name },
  reason,
  message,
  lastTimestamp: new Date(Date.UTC(2026, 10, 22, 12, minute++)),
});

const standard = {
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "k8s.io/minikube-hostpath",
  volumeBindingMode: "Immediate",
};
const claim = (phase: string, name = "mysql-data", storageClassName?: string): V1PersistentVolumeClaim => ({
  metadata: { name },
  spec: { storageClassName },
  status: { phase },
});

const well: LabObjects = {
  lab: { namespace: "wordpress", context: "course-labs", nodePort: 30080 },
  pods: [wellPod("mysql"), wellPod("wordpress")],
  events: [],
  claims: [claim("Bound"), claim("Bound", "wordpress-data")],
  storageClasses: [standard],
  services: [],
  nodes: [],
  logs: {},
};

interface Case {
  what: string;
  objects: Partial<LabObjects>;
  cause: Cause;
  en: RegExp[];
  ko: RegExp;
  evidence?: string[];
}

const pull = (message: string) => [wellPod("mysql"), pod("wordpress", waiting("ImagePullBackOff", message))];
const denied = "PHP Warning: mysqli_real_connect(): (HY000/1045): Access denied for user 'wordpress'@'10.244.0.5'";

const cases: Case[] = [
  {
    what: "an image that does not exist",
    objects: { pods: pull('Back-off pulling image "x": ErrImagePull: docker.io/library/wordpress:1: not found') },
    cause: "image cannot be pulled",
    en: [
      /^WordPress does not start: its image wordpress:1 cannot be pulled\. The registry has no such image, or/,
      /\n {2}Correct the setting course-labs:wordpressImage in the stack's file, then: npm run up\n/,
    ],
    ko: /레지스트리에 그런 이미지가 없거나.*course-labs:wordpressImage/s,
    evidence: ['Back-off pulling image "x": ErrImagePull: docker.io/library/wordpress:1: not found'],
  },
  {
    what: "an image that is not public",
    objects: { pods: pull("pull access denied, repository does not exist or may require authorization") },
    cause: "image cannot be pulled",
    en: [/no such image, or it is not public/],
    ko: /공개되지 않은 이미지/,
  },
  {
    what: "a registry that cannot be reached",
    objects: { pods: pull('failed to do request: Head "https://r/v2/": dial tcp: lookup r: no such host') },
    cause: "image cannot be pulled",
    en: [/its registry cannot be reached/],
    ko: /레지스트리에 접속할 수 없거나/,
  },
  {
    what: "a registry's pull limit",
    objects: { pods: pull("429 Too Many Requests: toomanyrequests: You have reached your pull rate limit") },
    cause: "image cannot be pulled",
    en: [/pull limit is reached/, /or wait a few hours, then: npm run up/],
    ko: /한도에 도달했습니다/,
  },
  {
    what: "an image for other processors",
    objects: { pods: pull("no match for platform in manifest: not found") },
    cause: "image cannot be pulled",
    en: [/no image for this kind of processor/],
    ko: /프로세서에 맞는 이미지가 없거나/,
  },
  {
    what: "the reason for a failed pull that only an event contains",
    objects: {
      pods: pull("short"),
      events: [event("Pod", "wordpress-1", "Failed", "Failed to pull image: manifest unknown for wordpress:1")],
    },
    cause: "image cannot be pulled",
    en: [/The registry has no such image/],
    ko: /그런 이미지가 없거나/,
    evidence: ["Failed to pull image: manifest unknown for wordpress:1"],
  },
  {
    what: "an invalid image name",
    objects: { pods: [pod("mysql", waiting("InvalidImageName", 'couldn\'t parse image name "My SQL"'))] },
    cause: "image cannot be pulled",
    en: [/^MySQL .*This is not a valid image name\./, /course-labs:mysqlImage/],
    ko: /형식이 잘못되었습니다/,
  },
  {
    what: "a missing default storage class, reported once for both claims",
    objects: {
      pods: [pending("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.")],
      claims: [claim("Pending"), claim("Pending", "wordpress-data")],
      storageClasses: [],
      events: ["mysql-data", "wordpress-data"].map((name) =>
        event(
          "PersistentVolumeClaim",
          name,
          "FailedBinding",
          "no persistent volumes available and no storage class is set",
        ),
      ),
    },
    cause: "no storage class",
    en: [/^Claim mysql-data has no volume, .* no default storage class\./, /addons enable default-storageclass/],
    ko: /기본 스토리지 클래스가 없습니다/,
    evidence: ["no persistent volumes available and no storage class is set"],
  },
  {
    what: "a claim for a storage class that no longer exists",
    objects: { claims: [claim("Pending", "mysql-data", "fast")] },
    cause: "no storage class",
    en: [/has no storage class "fast"/],
    ko: /"fast" 스토리지 클래스가 없습니다/,
  },
  {
    what: "a claim that the provisioner ignores",
    objects: {
      claims: [claim("Pending", "mysql-data", "standard")],
      events: [event("PersistentVolumeClaim", "mysql-data", "ExternalProvisioning", "Waiting for a volume")],
    },
    cause: "no volume",
    en: [
      /k8s\.io\/minikube-hostpath does not create one/,
      /minikube --profile course-labs addons enable storage-provisioner/,
    ],
    ko: /만들지 않고 있습니다/,
    evidence: ["Waiting for a volume"],
  },
  {
    what: "a claim that does not fit on the disk",
    objects: {
      claims: [claim("Pending", "mysql-data", "standard")],
      events: [event("PersistentVolumeClaim", "mysql-data", "ProvisioningFailed", "mkdir /x: no space left on device")],
    },
    cause: "no volume",
    en: [/minikube-hostpath could not create one/, /Free disk space: .*no volume\. Then: npm run up/],
    ko: /만들지 못했습니다/,
    evidence: ["mkdir /x: no space left on device"],
  },
  {
    what: "too little memory",
    objects: { pods: [pending("0/1 nodes are available: 1 Insufficient memory. preemption: none")] },
    cause: "too little memory",
    en: [/^No node can run MySQL\. The node has too little memory left\./, /get pods --all-namespaces/],
    ko: /메모리가 부족/,
    evidence: ["0/1 nodes are available: 1 Insufficient memory. preemption: none"],
  },
  {
    what: "a node with a taint",
    objects: { pods: [pending("0/1 nodes are available: 1 node(s) had untolerated taint")] },
    cause: "unschedulable",
    en: [/has a taint that the pod does not tolerate/, /describe nodes/],
    ko: /테인트/,
  },
  {
    what: "a wrong password on an old volume, from WordPress's log",
    objects: {
      pods: [wellPod("mysql"), pod("wordpress", running)],
      logs: { "wordpress-1/wordpress": `a\n${denied}\nb` },
    },
    cause: "wrong password",
    en: [/^WordPress cannot log in to its database\./, /npm run destroy -- --labs kubernetes; npm run up$/m],
    ko: /다른 암호가 저장되어 있습니다/,
    evidence: [denied],
  },
  {
    what: "a wrong password on an old volume, from MySQL's probe, reported once",
    objects: {
      pods: [pod("mysql", running), pod("wordpress", running)],
      logs: { "wordpress-1/wordpress": denied },
      events: [
        event(
          "Pod",
          "mysql-1",
          "Unhealthy",
          "Startup probe failed: ERROR 1045: Access denied for user 'wordpress'@'localhost'",
        ),
      ],
    },
    cause: "wrong password",
    en: [/cannot log in/],
    ko: /로그인하지 못합니다/,
  },
  {
    what: "a probe that fails because it logs in as another user",
    objects: {
      pods: [pod("mysql", running), wellPod("wordpress")],
      events: [
        event(
          "Pod",
          "mysql-1",
          "Unhealthy",
          "Readiness probe failed: ERROR 1045: Access denied for user 'nobody'@'localhost'",
        ),
      ],
    },
    cause: "not ready",
    en: [/^MySQL runs, but is not ready\. It does not answer its probe yet\./],
    ko: /응답하지 않습니다/,
    evidence: ["Readiness probe failed: ERROR 1045: Access denied for user 'nobody'@'localhost'"],
  },
  {
    what: "a full volume",
    objects: {
      pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(1))],
      logs: { "mysql-1/mysql": "starting\n[ERROR] [MY-012639] Write to file failed: No space left on device\nbye" },
    },
    cause: "volume full",
    en: [/^MySQL does not work\. Its volume is full\./, /docker system df/],
    ko: /볼륨이 가득 찼습니다/,
    evidence: ["[ERROR] [MY-012639] Write to file failed: No space left on device"],
  },
  {
    what: "a database whose first start was interrupted",
    objects: {
      pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(1))],
      logs: {
        "mysql-1/mysql":
          "[ERROR] [MY-010457] [Server] --initialize specified but the data directory has files in it. Aborting.\nbye",
      },
    },
    cause: "half-made database",
    en: [/^MySQL does not work\. Its first start did not finish/, /npm run destroy -- --labs kubernetes/],
    ko: /초기화가 끝나기 전에/,
  },
  {
    what: "a database of a newer version",
    objects: {
      pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(1))],
      logs: { "mysql-1/mysql": "[ERROR] Invalid MySQL server downgrade: Cannot downgrade from 90702 to 80411." },
    },
    cause: "older database",
    en: [
      /written by a newer version/,
      /Change the setting course-labs:mysqlImage in the stack's file back to the newer version, then: npm run up$/m,
    ],
    ko: /더 최신 버전/,
  },
  {
    what: "a container that was killed at its memory limit",
    objects: { pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(137, "OOMKilled"))] },
    cause: "out of memory",
    en: [/^MySQL was killed \(exit code 137\)\. It needed more memory than its limit \(512Mi\)\./],
    ko: /메모리 한도\(512Mi\)/,
  },
  {
    what: "a container that was killed for an unknown reason",
    objects: { pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(137))] },
    cause: "killed",
    en: [
      /^MySQL was killed \(exit code 137\)\. 137 is 128 \+ 9 \(SIGKILL\): the node was stopped or restarted, /,
      /kubectl --context course-labs --namespace wordpress describe pod mysql-1$/,
    ],
    ko: /종료 코드 137.*노드가 멈추거나/,
  },
  {
    what: "a container whose exit the node missed",
    objects: { pods: [pod("mysql", running, { ...ended(137, "ContainerStatusUnknown"), restartCount: 1 })] },
    cause: "killed",
    en: [/^MySQL was killed/],
    ko: /강제 종료/,
  },
  {
    what: "a container that has exited for the first time",
    objects: { pods: [pod("wordpress", { terminated: { exitCode: 3 } })] },
    cause: "crash loop",
    en: [/^WordPress starts and ends again \(exit code 3\)/],
    ko: /종료 코드 3/,
  },
  ...[0, 255].map((exitCode): Case => ({
    what: `a container that starts after a restart of its node, which is no crash loop (exit code ${exitCode})`,
    objects: { pods: [pod("mysql", running, { ...ended(exitCode), restartCount: 1 }), wellPod("wordpress")] },
    cause: "not ready",
    en: [/^MySQL runs, but is not ready\. It is still starting\./],
    ko: /아직 시작하는 중/,
  })),
  {
    what: "a pod that waits for a node with free disk space",
    objects: {
      pods: [pending("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.")],
    },
    cause: "unschedulable",
    en: [/^No node can run MySQL\. The node's disk is full, or almost full\./, /docker system df/],
    ko: /디스크가 가득 찼거나/,
  },
  {
    what: "a crash loop, with the last lines of its log",
    objects: {
      pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(3))],
      logs: { "mysql-1/mysql": "1\n2\n3\n\n4\n5\n6\n" },
    },
    cause: "crash loop",
    en: [/^MySQL starts and ends again \(exit code 3\), image mysql:1\./],
    ko: /종료 코드 3/,
    evidence: ["2", "3", "4", "5", "6"],
  },
  {
    what: "a command added to the Deployment of WordPress, which up does not remove",
    objects: {
      pods: [
        {
          ...pod("wordpress", waiting("CrashLoopBackOff"), ended(3)),
          spec: { containers: [{ name: "wordpress", command: ["sh"], args: ["-c", "exit 3"] }] },
        },
      ],
    },
    cause: "crash loop",
    en: [
      /It runs another command than the image's own: sh -c exit 3/,
      /is kept.*: kubectl --context \S+ --namespace \S+ delete deployment wordpress; npm run up$/,
    ],
    ko: /다른 명령을 실행합니다: sh -c exit 3/,
  },
  {
    what: "a container that was killed by its probe, not for lack of memory",
    objects: {
      pods: [pod("wordpress", running, ended(137))],
      events: [event("Pod", "wordpress-1", "Killing", "Container wordpress failed liveness probe, will be restarted")],
    },
    cause: "crash loop",
    en: [/restarts it because it does not answer/],
    ko: /응답하지 않아/,
  },
  {
    what: "an evicted pod",
    objects: {
      pods: [
        {
          ...pod("mysql", running),
          status: { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." },
        },
      ],
    },
    cause: "evicted",
    en: [/MySQL was evicted from its node\. The node has too little memory left/],
    ko: /축출\(evict\)되었습니다/,
    evidence: ["The node was low on resource: memory."],
  },
  {
    what: "a container that cannot be started",
    objects: { pods: [pod("mysql", waiting("CreateContainerError", "exec: no such file"))] },
    cause: "cannot start",
    en: [/container of MySQL cannot be started/],
    ko: /컨테이너를 시작할 수 없습니다/,
    evidence: ["exec: no such file"],
  },
  {
    what: "a volume that cannot be mounted",
    objects: {
      pods: [pod("mysql", waiting("ContainerCreating"))],
      events: [event("Pod", "mysql-1", "FailedMount", "MountVolume.SetUp failed")],
    },
    cause: "volume cannot be mounted",
    en: [/Its volume cannot be mounted/],
    ko: /볼륨을 마운트할 수 없습니다/,
    evidence: ["MountVolume.SetUp failed"],
  },
  {
    what: "an image that is still being pulled",
    objects: {
      pods: [wellPod("mysql"), pod("wordpress", waiting("ContainerCreating"))],
      events: [
        event("Pod", "wordpress-1", "Scheduled", "assigned"),
        event("Pod", "wordpress-1", "Pulling", 'Pulling image "wordpress:1"'),
      ],
    },
    cause: "image still being pulled",
    en: [/The image of WordPress is still being pulled\./, /Continue where this stopped: npm run up/],
    ko: /아직 내려받는 중/,
  },
  {
    what: "a failing probe of MySQL, and not WordPress, which only waits for it",
    objects: {
      pods: [pod("mysql", running), pod("wordpress", running)],
      events: [event("Pod", "mysql-1", "Unhealthy", "Startup probe failed: ERROR 2003")],
      logs: { "mysql-1/mysql": "ready for nothing" },
    },
    cause: "not ready",
    en: [/^MySQL runs, but is not ready\. It does not answer its probe yet\./],
    ko: /준비되지 않았습니다/,
    evidence: ["Startup probe failed: ERROR 2003", "ready for nothing"],
  },
  ...[
    {
      what: "a MySQL image for another kind of processor",
      log: "exec /usr/local/bin/docker-entrypoint.sh: exec format error",
      cause: "another processor" as const,
      en: [
        /^MySQL does not work\. Its image is for another kind of processor/,
        /docker pull mysql\S*; minikube --profile course-labs image load mysql\S*\), or choose .*course-labs:mysqlImage/s,
      ],
      ko: /다른 종류의 프로세서용/,
    },
    {
      what: "a MySQL image for newer processors",
      log: "Fatal glibc error: CPU does not support x86-64-v2",
      cause: "another processor" as const,
      en: [/needs a newer processor/, /virtual machine.*oraclelinux8/],
      ko: /가상 머신이라면/,
    },
    {
      what: "an upgrade of MySQL that skips a version",
      log: "[ERROR] [MY-014060] [Server] Invalid MySQL server upgrade: Cannot upgrade from 80036 to 90000.",
      cause: "too old a database" as const,
      en: [/written by an older version/, /back to the version before; nothing was changed.*5\.7, 8\.0, 8\.4, 9\.7/],
      ko: /한 단계씩/,
    },
    {
      what: "an upgrade of MySQL after a crash",
      log: "[ERROR] [MY-012526] [InnoDB] Upgrade is not supported after a crash or shutdown with innodb_fast_shutdown = 2.",
      cause: "too old a database" as const,
      en: [/only after a clean stop/],
      ko: /정상 종료된/,
    },
    {
      what: "two MySQL servers on one volume",
      log: "[ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11",
      cause: "shared volume" as const,
      en: [
        /Another MySQL uses the same volume/,
        /keeps its data \(docker ps, or kubectl get pods --all-namespaces, lists what runs\)/,
      ],
      ko: /같은 볼륨을 사용/,
    },
  ].map(({ log, ...row }): Case => ({
    ...row,
    objects: {
      pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(1)), wellPod("wordpress")],
      logs: { "mysql-1/mysql": `first\n${log}\nlast` },
    },
    evidence: [log],
  })),
  {
    what: "a node port that another Service uses",
    objects: {
      services: [{ metadata: { namespace: "shop", name: "web" }, spec: { ports: [{ port: 80, nodePort: 30080 }] } }],
    },
    cause: "node port taken",
    en: [/^Node port 30080 cannot be opened for WordPress\. Service shop\/web uses it\./, /course-labs:nodePort/],
    ko: /shop\/web 서비스/,
  },
];

describe("the diagnosis of the Kubernetes lab", () => {
  it("finds nothing in a healthy cluster", () => assert.deepEqual(diagnose(well), []));

  for (const { what, objects, cause, en, ko, evidence } of cases) {
    it(`finds ${what}`, () => {
      const found = diagnose({ ...well, ...objects });
      assert.deepEqual(
        found.map((finding) => finding.cause),
        [cause],
      );
      const text = problemText(found[0]!);
      for (const expected of en) assert.match(text.en, expected);
      assert.match(text.ko, ko);
      if (evidence) assert.deepEqual(found[0]?.evidence, evidence);
      for (const name of ["mysql", "wordpress"]) {
        assert.equal(found[0]?.workload === name, found[0]?.what.en.includes(titleOf(name)), `is it about ${name}?`);
      }
    });
  }

  it("does not suggest settings or npm run up if the lab was created by hand", () => {
    const apply = "kubectl --context kind-kind apply --filename docker/kubernetes/wordpress-k8s.yml";
    const byHand = { byHand: true, make: apply, anew: "kubectl --context kind-kind delete namespace wordpress" };
    const lab = { ...well.lab, context: "kind-kind" };
    for (const { what, objects, cause } of cases) {
      const [found] = diagnose({ ...well, ...objects, lab }, byHand);
      assert.equal(found?.cause, cause, what);
      const { en, ko } = found.next!;
      for (const text of [en, ko]) {
        assert.doesNotMatch(text, /npm run|minikube -|minikube start|Image|Storage|components\//, what);
        // The port is looked for where the settings say.
        if (cause !== "node port taken") assert.doesNotMatch(text, /course-labs|stack's file|스택 파일/, what);
      }
    }
    const [image] = diagnose({ ...well, pods: pull("manifest unknown") }, byHand);
    assert.equal(
      image?.next?.en,
      `Correct the image of Deployment wordpress in docker/kubernetes/wordpress-k8s.yml, then: ${apply}`,
    );
  });

  it("refers to the manifest only if the lab was created by hand", () => {
    const manifest = "docker/kubernetes/wordpress-k8s.yml";
    const told = cases.filter(({ cause, en }) => cause === "node port taken" || /another command/.test(en.join()));
    assert.equal(told.length, 2);
    for (const { objects, what } of told) {
      for (const byHand of [true, false]) {
        const [found] = diagnose({ ...well, ...objects }, { byHand, make: "MAKE", anew: "ANEW" });
        for (const text of Object.values(found!.next!)) assert.equal(String(text).includes(manifest), byHand, what);
      }
    }
  });

  it("is tested with every cause that objects can show", () => {
    // Not an object's, as there is nothing to ask; and those of refusals.test.ts.
    const elsewhere: readonly Cause[] = ["cluster unreachable", "cluster part", "pod refused"];
    assert.deepEqual(
      new Set(cases.map(({ cause }) => cause)),
      new Set(clusterCauses.filter((cause) => !elsewhere.includes(cause))),
    );
  });

  it("reports one cause if a log shows several", () => {
    const [found] = diagnose({
      ...well,
      pods: [pod("mysql", waiting("CrashLoopBackOff"), ended(1)), wellPod("wordpress")],
      logs: { "mysql-1/mysql": `${denied}\nCannot downgrade\nNo space left on device` },
    });
    assert.equal(found?.cause, "volume full");
  });

  it("lists the most certain cause first", () => {
    const found = diagnose({
      ...well,
      pods: [pod("mysql", running), pod("wordpress", waiting("ErrImagePull", "not found"))],
    });
    assert.deepEqual(
      found.map(({ cause }) => cause),
      ["image cannot be pulled", "not ready"],
    );
  });

  it("ignores a pod that is being deleted", () => {
    const going = pod("mysql", waiting("CrashLoopBackOff"), ended(3));
    going.metadata!.deletionTimestamp = new Date();
    assert.deepEqual(diagnose({ ...well, pods: [going, ...well.pods] }), []);
  });

  const over = (phase: string, reason: string, exitCode = 137): V1Pod => ({
    ...wellPod("mysql"),
    status: {
      phase,
      reason,
      message: "The node was low on resource: ephemeral-storage.",
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [container("mysql", { terminated: { exitCode, reason: "Error" } })],
    },
  });

  it("ignores a finished pod that was replaced", () => {
    for (const reason of ["Evicted", "Terminated"]) {
      assert.deepEqual(diagnose({ ...well, pods: [over("Failed", reason), ...well.pods] }), []);
    }
    assert.deepEqual(
      diagnose({ ...well, pods: [over("Failed", "Evicted"), wellPod("wordpress")] }).map(({ cause }) => cause),
      ["evicted"],
    );
  });

  it("finds a full disk in MySQL's own words", () => {
    const log = "[ERROR] [MY-010934] Disk full (/tmp/#sql_1.MAI); waiting for someone to free some space";
    const pods = [pod("mysql", waiting("CrashLoopBackOff"), ended(1)), wellPod("wordpress")];
    const [found] = diagnose({ ...well, pods, logs: { "mysql-1/mysql": log } });
    assert.equal(found?.cause, "volume full");
  });

  it("ignores a completed pod", () =>
    assert.deepEqual(diagnose({ ...well, pods: [over("Succeeded", "Completed", 0)] }), []));

  for (const [exitCode, cause] of [
    [0, "not ready"],
    [3, "crash loop"],
  ] as const) {
    it(`tells an init container that is completed from one that failed: exit code ${exitCode}`, () => {
      const starting = pod("mysql", running);
      starting.status!.initContainerStatuses = [container("clean", { terminated: { exitCode } })];
      assert.deepEqual(
        diagnose({ ...well, pods: [starting] }).map((found) => found.cause),
        [cause],
      );
    });
  }

  it("names a pod after its Deployment, whatever its labels", () => {
    const mine = pod("wordpress", waiting("CrashLoopBackOff"), ended(3));
    mine.metadata = {
      name: "wordpress-7d9c8b-x2x4z",
      labels: { app: "site", "pod-template-hash": "7d9c8b" },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "wordpress-7d9c8b", uid: "1" }],
    };
    const [found] = diagnose({ ...well, pods: [mine, wellPod("mysql")] });
    assert.equal(found?.workload, "wordpress");
    assert.match(found.next?.en ?? "", /course-labs:wordpressImage/);
  });

  it("ignores a claim that waits for its first consumer", () =>
    assert.deepEqual(
      diagnose({
        ...well,
        claims: [claim("Pending")],
        storageClasses: [{ ...standard, volumeBindingMode: "WaitForFirstConsumer" }],
      }),
      [],
    ));
});
