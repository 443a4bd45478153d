import assert from "node:assert/strict";
import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { diagnose } from "../../tools/causes/kubernetes";
import { Cause, inOneLine } from "../../tools/causes/problem";
import { brief, eventsOf, LabObjects, lastLines, titleOf } from "../../tools/causes/objects";
import { isDefaultClass } from "../../tools/causes/storage";
import { healthy, pod, unreadyMysql } from "../checks/kubernetes-fakes";

/** The pod of MySQL while it is not ready, with its container in some state. */
const mysql = (status: Partial<V1ContainerStatus>, more: V1Pod["status"] = {}): V1Pod =>
  pod("mysql", "1", {
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [unreadyMysql({ state: { running: {} }, ...status })],
    ...more,
  });
const ended = (exitCode: number, restartCount: number, reason = "Error") =>
  mysql({ restartCount, lastState: { terminated: { exitCode, reason } } });
/** MySQL's pod that was killed for its memory, with a limit or without; another container has another limit. */
const limited = (memory?: string): V1Pod => {
  const killed = ended(137, 1, "OOMKilled");
  const other = { name: "exporter", resources: { limits: { memory: "1Ti" } } };
  return {
    ...killed,
    spec: { containers: [other, { name: "mysql", resources: { limits: memory ? { memory } : {} } }] },
  };
};
const waiting = (reason: string, message?: string) => mysql({ state: { waiting: { reason, message } } });
const unscheduled = (message: string) =>
  pod("mysql", "1", {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", message }],
    containerStatuses: [],
  });

let second = 0;
const event = (name: string, reason: string, message = "", more: Partial<CoreV1Event> = {}): CoreV1Event => ({
  metadata: {},
  involvedObject: { kind: name.endsWith("-data") ? "PersistentVolumeClaim" : "Pod", name },
  reason,
  message,
  lastTimestamp: new Date(Date.UTC(2026, 10, 22, 12, 0, second++)),
  ...more,
});
const own = "mysql-7d9c8b-1";
const standard = (volumeBindingMode: string, isDefault = "true") => ({
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": isDefault } },
  provisioner: "some/provisioner",
  volumeBindingMode,
});
const pending = [{ metadata: { name: "mysql-data" }, spec: {}, status: { phase: "Pending" } }];

/** What the cluster shows, its cause, and what both languages say. */
const rows: [what: string, seen: Partial<LabObjects>, cause: Cause | undefined, says?: [RegExp, RegExp]][] = [
  ["a third restart", { pods: [ended(1, 3)] }, "crash loop"],
  ["a second restart", { pods: [ended(1, 2)] }, "not ready"],
  [
    "a back-off after the first end",
    {
      pods: [
        mysql({ ...ended(1, 1).status!.containerStatuses![0]!, state: { waiting: { reason: "CrashLoopBackOff" } } }),
      ],
    },
    "crash loop",
  ],
  ["a kill by the kernel", { pods: [ended(137, 1, "OOMKilled")] }, "out of memory"],
  ["a kill at the memory limit", { pods: [limited("300Mi")] }, "out of memory", [/300Mi/, /300Mi/]],
  ["a kill for lack of memory, without a limit", { pods: [limited()] }, "out of memory", [/the node/, /노드/]],
  ["a kill for an unknown reason", { pods: [ended(137, 1)] }, "killed"],
  [
    "a single kill by a probe",
    { pods: [ended(137, 1)], events: [event(own, "Killing", "Container mysql failed startup probe")] },
    "not ready",
  ],
  [
    "a kill after a request to stop",
    { pods: [ended(137, 1)], events: [event(own, "Killing", "Stopping container")] },
    "killed",
  ],
  ["no memory left", { pods: [unscheduled("1 Insufficient memory.")] }, "too little memory", [/memory/, /메모리/]],
  ["no processor left", { pods: [unscheduled("1 Insufficient cpu.")] }, "too little memory", [/processor/, /CPU/]],
  [
    "memory pressure",
    { pods: [unscheduled("taint {node.kubernetes.io/memory-pressure: }")] },
    "unschedulable",
    [/memory/, /메모리/],
  ],
  [
    "disk pressure",
    { pods: [unscheduled("taint {node.kubernetes.io/disk-pressure: }")] },
    "unschedulable",
    [/disk/, /디스크/],
  ],
  [
    "a pod that waits for its claim",
    { pods: [unscheduled("pod has unbound immediate PersistentVolumeClaims")] },
    undefined,
  ],
  [
    "an eviction for the disk",
    {
      pods: [
        pod("mysql", "1", { phase: "Failed", reason: "Evicted", message: "low on resource: inodes", conditions: [] }),
      ],
    },
    "evicted",
    [/disk/, /디스크/],
  ],
  [
    "a volume that cannot be attached",
    { pods: [waiting("ContainerCreating")], events: [event(own, "FailedAttachVolume", "in use")] },
    "volume cannot be mounted",
  ],
  [
    "a volume that could not be mounted at first",
    { pods: [mysql({})], events: [event(own, "FailedMount", "in use")] },
    "not ready",
  ],
  [
    "a volume that could not be mounted at first, while the image is being pulled",
    { pods: [waiting("ContainerCreating")], events: [event(own, "FailedMount", "in use"), event(own, "Pulling")] },
    "image still being pulled",
  ],
  [
    "a network that was not ready at first",
    {
      pods: [waiting("ContainerCreating")],
      events: [event(own, "NetworkNotReady", "cni"), event(own, "Pulled"), event(own, "Created")],
    },
    "not ready",
  ],
  [
    "a hook that failed before the last start",
    { pods: [mysql({})], events: [event(own, "FailedPostStartHook", "no"), event(own, "Started")] },
    "not ready",
  ],
  [
    "a command that the image does not have",
    {
      pods: [
        mysql({
          restartCount: 4,
          state: { waiting: { reason: "CrashLoopBackOff" } },
          lastState: {
            terminated: { exitCode: 128, reason: "StartError", message: 'exec: "mysqld": executable file not found' },
          },
        }),
      ],
    },
    "cannot start",
    [/image is not the kind.*Check the setting/s, /이미지/],
  ],
  [
    "a command that an earlier image did not have",
    { pods: [mysql({ restartCount: 2, lastState: { terminated: { exitCode: 128, reason: "StartError" } } })] },
    "not ready",
  ],
  [
    "a claim without a class, for which no volume is created",
    { claims: [{ ...pending[0], spec: { storageClassName: "" } }], storageClasses: [standard("Immediate")] },
    "no volume",
    [/storageClassName is "".*which stores nothing yet.*delete persistentvolumeclaim mysql-data/s, /""이라서/],
  ],
  [
    "a claim for a volume that does not fit",
    {
      claims: [{ ...pending[0], spec: { volumeName: "mine" } }],
      storageClasses: [standard("Immediate")],
      events: [event("mysql-data", "VolumeMismatch", "storageClassName does not match")],
    },
    "no volume",
    [/volume mine, which is not there or does not fit/, /볼륨\(mine\)이 없거나/],
  ],
  [
    "a claim whose volume was deleted",
    { claims: [{ ...pending[0], status: { phase: "Lost" } }], storageClasses: [standard("Immediate")] },
    "no volume",
    [
      /data that was on it is gone.*deleted, too\): npm run destroy -- --labs kubernetes; npm run up/s,
      /데이터도 사라졌습니다/,
    ],
  ],
  [
    "an ongoing pull",
    { pods: [waiting("ContainerCreating")], events: [event(own, "Pulling")] },
    "image still being pulled",
  ],
  [
    "a finished pull",
    { pods: [waiting("ContainerCreating")], events: [event(own, "Pulling"), event(own, "Pulled")] },
    "not ready",
  ],
  ...["CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"].map(
    (reason): (typeof rows)[number] => [reason, { pods: [waiting(reason, "no such file")] }, "cannot start"],
  ),
  ...["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable"].map(
    (reason): (typeof rows)[number] => [reason, { pods: [waiting(reason)] }, "image cannot be pulled"],
  ),
  [
    "a class that is not the default",
    { claims: pending, storageClasses: [standard("Immediate", "false")] },
    "no storage class",
  ],
  [
    "a default class with the old annotation",
    {
      claims: pending,
      storageClasses: [
        {
          ...standard("Immediate"),
          metadata: { name: "s", annotations: { "storageclass.beta.kubernetes.io/is-default-class": "true" } },
        },
      ],
    },
    "no volume",
    [/some\/provisioner/, /some\/provisioner/],
  ],
  [
    "a claim that waits for its first consumer",
    { claims: pending, storageClasses: [standard("WaitForFirstConsumer")] },
    undefined,
  ],
  [
    "a claim whose volume could not be created for its first consumer",
    {
      claims: pending,
      storageClasses: [standard("WaitForFirstConsumer")],
      events: [event("mysql-data", "ProvisioningFailed", "no space")],
    },
    "no volume",
    [/could not create/, /만들지 못했습니다/],
  ],
  [
    "a Service with the same name and port in another namespace",
    {
      services: [
        { metadata: { namespace: "other", name: "wordpress" }, spec: { ports: [{ port: 80, nodePort: 30080 }] } },
      ],
    },
    "node port taken",
    [/other\/wordpress/, /other\/wordpress/],
  ],
  [
    "another Service with the same port in the lab's namespace",
    {
      services: [
        { metadata: { namespace: "wordpress", name: "site" }, spec: { ports: [{ port: 80, nodePort: 30080 }] } },
      ],
    },
    "node port taken",
    [/wordpress\/site/, /wordpress\/site/],
  ],
  ["a Service without ports", { services: [{ metadata: { namespace: "other", name: "x" }, spec: {} }] }, undefined],
];

describe("the cause of a symptom in the cluster", () => {
  for (const [what, seen, cause, [english, korean] = [/./, /./]] of rows) {
    it(`${what}: ${cause ?? "nothing"}`, () => {
      const facts = healthy();
      const found = diagnose({ ...facts, ...seen, pods: seen.pods ?? facts.pods });
      assert.deepEqual(
        found.map((finding) => finding.cause),
        cause ? [cause] : [],
      );
      const [finding] = found;
      if (!finding) return;
      assert.doesNotMatch(JSON.stringify(finding), /undefined|null|NaN|\[object/);
      assert.match(inOneLine(finding).en, english);
      assert.match(inOneLine(finding).ko, korean);
    });
  }

  it("a problem of MySQL hides only that WordPress waits for it", () => {
    const site = (status: V1Pod["status"]) => pod("wordpress", "1", status);
    const notReady = site({ conditions: [{ type: "Ready", status: "False" }] });
    const causes = (...pods: V1Pod[]) =>
      diagnose({ ...healthy(), pods }).map(({ cause, workload }) => `${workload}: ${cause}`);
    assert.deepEqual(causes(ended(1, 3), notReady), ["mysql: crash loop"]);
    assert.deepEqual(causes(pod("mysql", "1"), notReady), ["wordpress: not ready"]);
    assert.deepEqual(causes(mysql({}), notReady), ["mysql: not ready"]);
    const evicted = site({ phase: "Failed", reason: "Evicted", conditions: [] });
    assert.deepEqual(causes(mysql({}), evicted), ["wordpress: evicted", "mysql: not ready"]);
  });
});

describe("the next step", () => {
  const next = (context: string, seen: Partial<LabObjects>, byHand = false) => {
    const facts = { ...healthy(), ...seen };
    const edition = { byHand, make: "MAKE", anew: "ANEW" };
    const [found] = diagnose({ ...facts, lab: { ...facts.lab, context } }, edition);
    return found?.next ?? assert.fail();
  };
  const noVolume = { claims: pending, storageClasses: [standard("Immediate")] };
  const noClass = { claims: pending, storageClasses: [] };
  const otherClass = { claims: pending, storageClasses: [standard("Immediate", "false")] };
  const grows = (allowVolumeExpansion?: boolean): Partial<LabObjects> => ({
    pods: [waiting("CrashLoopBackOff")],
    logs: { [`${own}/mysql`]: "No space left on device" },
    claims: [{ metadata: { name: "mysql-data" }, spec: { storageClassName: "standard" }, status: { phase: "Bound" } }],
    storageClasses: [{ ...standard("Immediate"), allowVolumeExpansion }],
  });

  /** What both languages contain, for a cluster of minikube and for another. */
  const steps: [what: string, seen: Partial<LabObjects>, minikube: string[], other: string[]][] = [
    [
      "for a volume that is not created",
      noVolume,
      ["minikube --profile minikube addons enable storage-provisioner", "MAKE"],
      ["some/provisioner", "kubectl --context kind-kind get pods --all-namespaces", "MAKE"],
    ],
    [
      "for a cluster without storage classes",
      noClass,
      [
        "minikube --profile minikube addons enable default-storageclass",
        "minikube --profile minikube addons enable storage-provisioner",
      ],
      ["https://kubernetes.io/docs/concepts/storage/storage-classes/"],
    ],
    [
      "for a cluster without a default class",
      otherClass,
      ["minikube --profile minikube addons enable default-storageclass"],
      ["kubectl --context kind-kind annotate storageclass standard storageclass.kubernetes.io/is-default-class=true"],
    ],
    ["for a full volume that can grow", grows(true), ["docker system df", "MAKE"], ["mysqlStorage: 5Gi", "MAKE"]],
    [
      "for a full volume that cannot grow",
      grows(),
      ["docker system df", "MAKE"],
      ["kubectl --context kind-kind --namespace wordpress exec deployment/mysql -- df -h", "MAKE"],
    ],
  ];
  for (const [what, seen, minikube, other] of steps) {
    it(`${what} depends on whether the cluster is one of minikube`, () => {
      for (const [context, named, others] of [
        ["minikube", minikube, other],
        ["kind-kind", other, minikube],
      ] as const) {
        const { en, ko } = next(context, seen);
        for (const part of named) assert.ok(en.includes(part) && ko.includes(part), `${en}\n${ko}: ${part}`);
        assert.ok(!en.includes(others[0]!), en);
      }
    });
  }

  it("for a full volume removes no stopped containers, and does not suggest a size that cannot be set", () => {
    assert.doesNotMatch(next("minikube", grows()).en, /system prune|prune --/);
    assert.doesNotMatch(next("kind-kind", grows()).en, /Storage/);
  });

  it("is to wait if the lab was created by hand, and to continue otherwise", () => {
    const slow = { pods: [mysql({})] };
    const watch = "kubectl --context c --namespace wordpress rollout status deployment mysql";
    assert.ok(next("c", slow, true).en.endsWith(watch) && next("c", slow, true).ko.endsWith(watch));
    assert.ok(next("c", slow).en.endsWith("MAKE") && next("c", slow).ko.endsWith("MAKE"));
  });

  it("comes with the longest message about a pull, because the back-off repeats only a part", () => {
    const short = "Back-off pulling image mysql:1 (a little)";
    const long = `Failed to pull image mysql:1: ${"a".repeat(40)} not found`;
    for (const [said, event1] of [
      [short, long],
      [long, short],
    ] as const) {
      const events = [event(own, "Failed", event1), event(own, "Pulling", `${long} and more`)];
      const facts = { ...healthy(), pods: [waiting("ImagePullBackOff", said)], events };
      assert.deepEqual(diagnose(facts)[0]?.evidence, [long]);
    }
  });
});

describe("the events of an object", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute));
  const dated = (reason: string, when: Partial<CoreV1Event>) =>
    event(own, reason, "", { lastTimestamp: undefined, ...when });
  it("are sorted by time, whichever time they have", () => {
    const events = [
      dated("third", { lastTimestamp: at(3), eventTime: at(0) }),
      dated("first", { metadata: { creationTimestamp: at(1) } }),
      dated("second", { eventTime: at(2), metadata: { creationTimestamp: at(9) } }),
      dated("undated", {}),
      event("another-pod", "other"),
      { ...event(own, "other kind"), involvedObject: { kind: "ReplicaSet", name: own } },
    ];
    assert.deepEqual(
      eventsOf({ ...healthy(), events }, "Pod", own).map(({ reason }) => reason),
      ["undated", "first", "second", "third"],
    );
  });

  it("name a workload by its title, if it has one", () =>
    assert.deepEqual(["mysql", "wordpress", "cache"].map(titleOf), ["MySQL", "WordPress", "cache"]));

  it("are cut to what fits on a screen", () => {
    assert.equal(brief("  a\n b  ", 4), "a b");
    assert.equal(brief("abcd", 4), "abcd");
    assert.equal(brief("abcde", 4), "abcd …");
    assert.equal(brief("x".repeat(301)), `${"x".repeat(300)} …`);
    assert.deepEqual(lastLines("1\n\n2\n3\n4\n5\n6\n"), ["2", "3", "4", "5", "6"]);
    assert.deepEqual(lastLines(`${"x".repeat(201)}\nb`, 2), [`${"x".repeat(200)} …`, "b"]);
  });

  it("decide a default class only by the annotations of Kubernetes", () => {
    const marked = (key: string, value = "true") =>
      isDefaultClass({ metadata: { annotations: { [key]: value } }, provisioner: "p" });
    assert.equal(marked("storageclass.kubernetes.io/is-default-class"), true);
    assert.equal(marked("storageclass.kubernetes.io/is-default-class", "false"), false);
    assert.equal(marked("storageclass.example.org/is-default-class"), false);
    assert.equal(isDefaultClass({ provisioner: "p" }), false);
  });
});
