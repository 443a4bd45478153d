import assert from "node:assert/strict";
import { provisioned } from "../../tools/causes/edition";
import { endingOf, Left } from "../../tools/see/ending";
import type { Thing } from "../../tools/see/objects";

const lab = { namespace: "wordpress", context: "course-labs", nodePort: 30080 };
const labels = { "app.kubernetes.io/name": "web", "pod-template-hash": "1" };

/** A Deployment of one pod, with what was made for it. */
function made(pod: object | undefined, more: object[] = []): Left {
  const meta = (name: string, rest: object = {}) => ({ name, namespace: "wordpress", uid: name, ...rest });
  const owner = (kind: string, name: string) => ({
    ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid: name, controller: true }],
  });
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };
  const things = [
    {
      ...{ kind: "Deployment", metadata: meta("web", { generation: 1 }), spec: { replicas: 1, template } },
      status: { observedGeneration: 1, replicas: 1, readyReplicas: pod && "ready" in pod ? 1 : 0 },
    },
    { kind: "ReplicaSet", metadata: meta("web-1", owner("Deployment", "web")), spec: { replicas: 1, template } },
    ...(pod
      ? [
          {
            kind: "Pod",
            metadata: meta("web-1-a", { labels, ...owner("ReplicaSet", "web-1") }),
            spec: template.spec,
            ...pod,
          },
        ]
      : []),
    ...more,
  ] as unknown as Thing[];
  return { things, storageClasses: [], lab, edition: provisioned };
}

const ready = { ready: true, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } };
const event = (kind: string, name: string, reason: string, message: string) => ({
  ...{
    kind: "Event",
    metadata: { name: `${name}.1`, uid: `${name}.1` },
    involvedObject: { kind, name },
    reason,
    message,
  },
});
const unplaced = (message: string) => ({
  status: {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
  },
});
const waiting = (reason: string, message = "") => ({
  status: {
    phase: "Pending",
    containerStatuses: [
      {
        name: "web",
        image: "web:1",
        restartCount: 3,
        state: { waiting: { reason, message } },
        lastState: { terminated: { exitCode: 3 } },
      },
    ],
  },
});

const pulling = {
  status: {
    phase: "Pending",
    containerStatuses: [
      { name: "web", image: "web:1", restartCount: 0, state: { waiting: { reason: "ContainerCreating" } } },
    ],
  },
};
const ended = (terminated: object) => ({
  status: {
    phase: "Running",
    containerStatuses: [
      {
        ...{ name: "web", image: "web:1", restartCount: 3, state: { waiting: { reason: "CrashLoopBackOff" } } },
        lastState: { terminated },
      },
    ],
  },
});

describe("where a story ends", () => {
  it("is with nobody if the desired state is reached", () => {
    const ending = endingOf(made(ready));
    assert.deepEqual([ending.ok, ending.at, ending.cause], [true, undefined, undefined]);
    assert.match(ending.what.en, /1 pod is ready\./);
  });

  const stops: [string, Left, string, string, RegExp][] = [
    [
      "the ReplicaSet controller if the API server refuses the pod",
      made(undefined, [
        event("ReplicaSet", "web-1", "FailedCreate", 'pods "web-1-x" is forbidden: exceeded quota: none'),
      ]),
      ...(["replicaset-controller", "pod refused", /the quota \(ResourceQuota\)/] as const),
    ],
    [
      "the scheduler if no node has enough memory",
      made(unplaced("0/1 nodes are available: 1 Insufficient memory.")),
      ...(["default-scheduler", "too little memory", /too little memory left/] as const),
    ],
    [
      "the kubelet if the image cannot be pulled",
      made(waiting("ImagePullBackOff")),
      "kubelet",
      "image cannot be pulled",
      /./,
    ],
    [
      "the kubelet while the image is being pulled",
      made(pulling, [event("Pod", "web-1-a", "Pulling", 'Pulling image "web:1"')]),
      ...(["kubelet", "image still being pulled", /./] as const),
    ],
    [
      "the kubelet if a volume cannot be mounted",
      made(pulling, [event("Pod", "web-1-a", "FailedMount", "MountVolume.SetUp failed")]),
      ...(["kubelet", "volume cannot be mounted", /./] as const),
    ],
    [
      "the kubelet if the container was killed",
      made(ended({ exitCode: 137, reason: "Error" })),
      ...(["kubelet", "killed", /./] as const),
    ],
    [
      "the kubelet if the container ran out of memory",
      made(ended({ exitCode: 137, reason: "OOMKilled" })),
      ...(["kubelet", "out of memory", /memory/] as const),
    ],
    [
      "the kubelet if the container keeps ending",
      made(waiting("CrashLoopBackOff")),
      "kubelet",
      "crash loop",
      /log says why/,
    ],
  ];
  for (const [where, left, at, cause, why] of stops) {
    it(`is with ${where}`, () => {
      const ending = endingOf(left);
      assert.deepEqual([ending.ok, ending.at?.id, ending.cause], [false, at, cause]);
      assert.match(ending.why?.en ?? "", why);
      assert.ok(ending.waits.length > 0);
      for (const { en, ko } of ending.waits) assert.ok(/[a-z]/.test(en) && /[가-힣]/.test(ko));
    });
  }

  it("is with the volume controller, and not with the scheduler that waits for it", () => {
    const pod = {
      ...unplaced("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
      spec: { containers: [{ name: "web" }], volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }] },
    };
    const claim = {
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", uid: "data" },
      spec: { storageClassName: "no" },
      status: { phase: "Pending" },
    };
    const left = made(pod, [claim]);
    assert.deepEqual(
      [endingOf(left).at?.id, endingOf(left).cause],
      ["persistentvolume-controller", "no storage class"],
    );
    // Somebody who may read the namespace only.
    const blind = endingOf({ ...left, storageClasses: undefined });
    assert.deepEqual([blind.at?.id, blind.cause], ["persistentvolume-controller", "no volume"]);
    // A class that there is has to make a volume first.
    const classes = [{ metadata: { name: "no" }, provisioner: "some/provisioner" }];
    assert.equal(endingOf({ ...left, storageClasses: classes }).cause, "no volume");
    // A claim that no pod waits for is nobody's matter.
    assert.ok(endingOf(made(ready, [claim])).ok);
  });

  it("is with the EndpointSlice controller if a Service selects labels that no pod has", () => {
    const service = (selector: object) => ({
      kind: "Service",
      metadata: { name: "web", uid: "s" },
      spec: { selector },
    });
    const ending = endingOf(made(ready, [service({ "app.kubernetes.io/name": "wbe" })]));
    assert.deepEqual([ending.at?.id, ending.cause], ["endpointslice-controller", "selector"]);
    assert.match(
      ending.why?.en ?? "",
      /selects pods with app\.kubernetes\.io\/name=wbe.*has app\.kubernetes\.io\/name=web\./,
    );
    assert.match(ending.next?.en ?? "", /--namespace wordpress edit service web$/);
    assert.ok(endingOf(made(ready, [service({ "app.kubernetes.io/name": "web" })])).ok);
    // It may lead to what no Deployment makes.
    const alone = { ...ready, metadata: { name: "alone", labels: { app: "alone" } } };
    assert.ok(endingOf(made(ready, [{ kind: "Pod", ...alone }, service({ app: "alone" })])).ok);
    // One without a selector has its addresses from somebody else.
    assert.ok(endingOf(made(ready, [service({})])).ok);
  });

  it("covers only one workload on request", () => {
    const left = made(waiting("ImagePullBackOff"));
    assert.ok(endingOf({ ...left, workload: "another" }).ok);
    assert.equal(endingOf({ ...left, workload: "web" }).ok, false);
    const message = 'pods "web-1-x" is forbidden: exceeded quota: none';
    const refused = made(undefined, [event("ReplicaSet", "web-1", "FailedCreate", message)]);
    assert.deepEqual(
      ["web", "another"].map((workload) => endingOf({ ...refused, workload }).cause),
      ["pod refused", undefined],
    );
  });

  it("is not reached while controllers are behind", () => {
    const left = made(ready);
    Object.assign(left.things[0]!, { status: { observedGeneration: 0, readyReplicas: 1 } });
    const ending = endingOf(left);
    assert.deepEqual([ending.ok, ending.cause], [false, undefined]);
    const usual = { ...(left.things[0]!.spec as object), replicas: undefined };
    Object.assign(left.things[0]!, { spec: usual, status: {} });
    assert.match(endingOf(left).what.en, /has 0 of 1 pods ready\./);
    assert.match(endingOf(left).what.ko, /파드는 1개인데 지금은 0개입니다\./);
    Object.assign(left.things[0]!, { spec: { ...usual, replicas: 3 }, status: { readyReplicas: 2 } });
    assert.match(endingOf(left).what.en, /has 2 of 3 pods ready\./);
    assert.match(endingOf(left).what.ko, /파드는 3개인데 지금은 2개입니다\./);
  });

  it("is with nobody if replicas is unset and one pod is ready", () => {
    const left = made(ready);
    Object.assign(left.things[0]!.spec as object, { replicas: undefined });
    assert.ok(endingOf(left).ok);
  });

  it("is with nobody if no pod is wanted and none exists", () => {
    const left = made(undefined);
    for (const thing of left.things) Object.assign(thing.spec as object, { replicas: 0 });
    Object.assign(left.things[0]!, { status: { observedGeneration: 1 } });
    assert.match(endingOf(left).what.en, /0 pods are ready\./);
  });

  /** Everything that an ending says, line by line. */
  const words = (left: Left, lang: "en" | "ko" = "en") => {
    const { ok, cause, at, what, why, waits, evidence } = endingOf(left);
    return [
      `${ok ? "✔" : "✘"} ${cause ?? "-"}, ${at?.id ?? "-"}`,
      what[lang],
      why?.[lang] ?? "-",
      ...waits.map((text) => text[lang]),
      ...evidence,
    ];
  };
  const claim = (status: object, name = "data") => ({
    ...{ kind: "PersistentVolumeClaim", metadata: { name, uid: name }, spec: { storageClassName: "no" }, status },
  });
  const mounting = (name: string) => ({
    ...unplaced("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
    spec: { containers: [{ name: "web" }], volumes: [{ name: "d", persistentVolumeClaim: { claimName: name } }] },
  });

  const told: [what: string, left: Left, says: (string | RegExp)[]][] = [
    [
      "who waits for the API server",
      made(undefined, [
        event("ReplicaSet", "web-1", "FailedCreate", 'pods "web-1-x" is forbidden: exceeded quota: none'),
      ]),
      [
        "✘ pod refused, replicaset-controller",
        /web/,
        /quota/,
        /^The ReplicaSet controller waits for the API server/,
        /^The scheduler and the kubelet have nothing to do/,
        /exceeded quota/,
      ],
    ],
    [
      "who waits for a volume",
      made(mounting("data"), [claim({ phase: "Pending" })]),
      [
        "✘ no storage class, persistentvolume-controller",
        /^Claim data has no volume/,
        /"no"/,
        /^The scheduler waits until the claim has a volume/,
        /^The kubelet waits for a pod that is assigned to its node/,
      ],
    ],
    [
      "who waits for a node",
      made(unplaced("0/1 nodes are available: 1 Insufficient memory.")),
      [
        "✘ too little memory, default-scheduler",
        /^No node can run web/,
        /./,
        /^The scheduler waits for a node that fits/,
        /^The kubelet waits for a pod that is assigned to its node/,
        /Insufficient memory/,
      ],
    ],
    [
      "who waits for a node that takes the pod",
      made(unplaced("0/1 nodes are available: 1 node(s) had untolerated taint.")),
      [
        "✘ unschedulable, default-scheduler",
        /^No node can run web/,
        /./,
        /^The scheduler waits for a node that fits/,
        /^The kubelet waits/,
        /taint/,
      ],
    ],
    [
      "who waits for an image",
      made(waiting("ImagePullBackOff", "Back-off pulling image web:1, no such image")),
      [
        "✘ image cannot be pulled, kubelet",
        /web:1 cannot be pulled/,
        /./,
        /^The kubelet waits for the image/,
        /^The controllers and the scheduler have done/,
        /no such image/,
      ],
    ],
    [
      "who waits for a container that keeps ending",
      made(waiting("CrashLoopBackOff")),
      [
        "✘ crash loop, kubelet",
        /exit code 3/,
        /./,
        /^Each time the container ends, the kubelet waits longer/,
        /^The Service waits for a ready pod/,
      ],
    ],
    [
      "who waits for a container that starts",
      made(waiting("CreateContainerConfigError", 'secret "x" not found')),
      [
        "✘ cannot start, kubelet",
        /cannot be started/,
        /./,
        /^The kubelet keeps trying until the pod is ready\. The controllers and the scheduler have done/,
        /^The Service waits for a ready pod/,
        /not found/,
      ],
    ],
    [
      "who waits for a pod that was evicted",
      made({ status: { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." } }),
      [
        "✘ evicted, default-scheduler",
        /was evicted/,
        /memory/,
        /^The scheduler waits for a node that fits/,
        /^The kubelet waits for a pod that is assigned/,
        /low on resource/,
      ],
    ],
    [
      "who waits for a probe",
      made({
        status: {
          phase: "Running",
          containerStatuses: [{ name: "web", image: "web:1", restartCount: 0, state: { running: {} } }],
        },
      }),
      [
        "✘ not ready, kubelet",
        /runs, but is not ready/,
        /./,
        /^The kubelet keeps trying until the pod is ready\. The controllers and the scheduler have done/,
        /^The Service waits for a ready pod/,
      ],
    ],
    [
      "that nothing waits if the desired state is reached",
      made(ready),
      ["✔ -, -", "1 pod is ready.", "-", /^Nothing is waiting/],
    ],
  ];
  for (const [what, left, says] of told) {
    it(`tells ${what}`, () => {
      const lines = words(left);
      assert.equal(lines.length, says.length, lines.join("\n"));
      for (const [i, say] of says.entries())
        assert.match(lines[i]!, typeof say === "string" ? new RegExp(`^${say}$`) : say);
      for (const line of words(left, "ko").slice(1, 2)) assert.match(line, /[가-힣]/);
    });
  }

  it("quotes the cluster about a claim if storage classes cannot be read", () => {
    const left = made(mounting("data"), [
      claim({ phase: "Pending" }, "other"),
      claim({ phase: "Pending" }),
      event("PersistentVolumeClaim", "data", "ProvisioningFailed", "first"),
      event("PersistentVolumeClaim", "data", "ProvisioningFailed", "storageclass not found"),
      event("PersistentVolumeClaim", "other", "ProvisioningFailed", "of another"),
    ]);
    const ending = endingOf({ ...left, storageClasses: undefined });
    assert.deepEqual(ending.evidence, ["storageclass not found"]);
    assert.match(ending.next?.en ?? "", /describe pvc data$/);
    const bound = made({ ...ready, spec: mounting("data").spec }, [claim({ phase: "Bound" })]);
    assert.ok(endingOf({ ...bound, storageClasses: undefined }).ok);
  });

  it("names the first problem in the chain if there are several", () => {
    const left = made(waiting("ImagePullBackOff"), [
      event("ReplicaSet", "web-1", "FailedCreate", 'pods "x" is forbidden: exceeded quota: none'),
    ]);
    // The pod is there, so that what was refused is past.
    assert.equal(endingOf(left).at?.id, "kubelet");
    const sets = left.things.filter(({ kind }) => kind === "ReplicaSet");
    Object.assign(sets[0]!, { spec: { ...(sets[0]!.spec as object), replicas: 2 } });
    assert.equal(endingOf(left).at?.id, "replicaset-controller");
  });

  it("names the surest problem if several stop at the same place", () => {
    const left = made({
      status: {
        phase: "Running",
        containerStatuses: [{ name: "web", image: "web:1", restartCount: 0, state: { running: {} } }],
      },
    });
    const [crashing] = made(waiting("CrashLoopBackOff")).things.filter(({ kind }) => kind === "Pod");
    const other = { ...crashing!, metadata: { ...crashing!.metadata, name: "web-1-b", uid: "b" } };
    assert.equal(endingOf(left).cause, "not ready");
    assert.equal(endingOf({ ...left, things: [...left.things, other] }).cause, "crash loop");
  });

  it("counts a refused pod as missing, whatever pods another ReplicaSet has", () => {
    const left = made(undefined, [
      event("ReplicaSet", "web-1", "FailedCreate", 'pods "web-1-x" is forbidden: exceeded quota: none'),
    ]);
    const [pod] = made(ready).things.filter(({ kind }) => kind === "Pod");
    const other = structuredClone(pod!);
    Object.assign(other.metadata, { ownerReferences: [{ kind: "ReplicaSet", name: "old-1", uid: "old-1" }] });
    assert.equal(endingOf({ ...left, things: [...left.things, other] }).cause, "pod refused");
    assert.ok(endingOf({ ...left, things: [...left.things, pod!] }).cause === undefined);
  });

  it("counts ready pods, and says whether a Service routes to them", () => {
    const two = made(ready);
    const [first, set, pod] = two.things as [Thing, Thing, Thing];
    Object.assign(first, {
      spec: { ...(first.spec as object), replicas: 2 },
      status: { observedGeneration: 1, readyReplicas: 2 },
    });
    const other = { ...pod, metadata: { ...pod.metadata, name: "web-1-b", uid: "b" } };
    const over = { ...pod, metadata: { ...pod.metadata, name: "web-1-c", uid: "c" }, status: { phase: "Succeeded" } };
    const slice = (ready: boolean) =>
      ({ kind: "EndpointSlice", metadata: { name: "s" }, endpoints: [{ conditions: { ready } }] }) as unknown as Thing;
    const things = [first, set, pod, other, over];
    assert.match(
      endingOf({ ...two, things: [...things, slice(true)] }).what.en,
      /2 pods are ready, and a Service routes to them\.$/,
    );
    assert.match(endingOf({ ...two, things: [...things, slice(true)] }).what.ko, /파드: 2개, 서비스가/);
    assert.match(endingOf({ ...two, things: [...things, slice(false)] }).what.en, /2 pods are ready\.$/);
  });

  const behind: [what: string, change: object, says: RegExp][] = [
    [
      "has too few",
      { spec: { replicas: 2 }, status: { observedGeneration: 1, readyReplicas: 1 } },
      /has 1 of 2 pods ready\.$/,
    ],
    ["has none, with replicas unset", { spec: {}, status: { observedGeneration: 1 } }, /has 0 of 1 pods ready\.$/],
    [
      "was not seen by its controller",
      { status: { observedGeneration: 0, readyReplicas: 1 } },
      /has 1 of 1 pods ready\.$/,
    ],
    ["has no status yet", { status: undefined }, /has 0 of 1 pods ready\.$/],
  ];
  for (const [what, change, says] of behind) {
    it(`is still to come for a Deployment that ${what}`, () => {
      const left = made(ready);
      const [deployment] = left.things as [Thing];
      const { spec } = change as { spec?: object };
      const template = (deployment.spec as { template: object }).template;
      Object.assign(deployment, change, spec ? { spec: { ...spec, template } } : {});
      const ending = endingOf(left);
      assert.deepEqual([ending.ok, ending.cause, ending.at], [false, undefined, undefined]);
      assert.match(ending.what.en, says);
    });
  }

  const astray: [what: string, selector: object, more: object[], found: boolean][] = [
    ["one label of two that no pod has", { "app.kubernetes.io/name": "web", tier: "front" }, [], true],
    [
      "labels that pods to come will have",
      { "app.kubernetes.io/name": "soon" },
      [
        {
          kind: "Deployment",
          metadata: { name: "soon", generation: 1 },
          spec: { replicas: 0, template: { metadata: { labels: { "app.kubernetes.io/name": "soon" } } } },
          status: { observedGeneration: 1 },
        },
      ],
      false,
    ],
  ];
  for (const [what, selector, more, found] of astray) {
    it(`${found ? "is" : "is not"} with a Service that looks for ${what}`, () => {
      const service = { kind: "Service", metadata: { name: "web", uid: "s" }, spec: { selector } };
      const ending = endingOf(made(ready, [service, ...more]));
      assert.equal(ending.cause, found ? "selector" : undefined);
      if (found) {
        assert.match(ending.why?.en ?? "", /name=web, tier=front, but no pod matches\. Pod web-1-a has tier=–\.$/);
        assert.equal(ending.waits.length, 2);
      }
    });
  }

  it("is not with a Service before there is any pod", () => {
    const service = { kind: "Service", metadata: { name: "web" }, spec: { selector: { a: "b" } } };
    assert.equal(endingOf({ ...made(undefined), things: [service as unknown as Thing] }).ok, true);
  });

  it("names the pod that a Service is meant for, and only one workload's Service", () => {
    const service = (name: string) => ({
      kind: "Service",
      metadata: { name, uid: name },
      spec: { selector: { "app.kubernetes.io/name": "x" } },
    });
    const left = made(ready, [service("web")]);
    const other = {
      kind: "Pod",
      metadata: { name: "a-other", labels: { "app.kubernetes.io/name": "other" } },
      ...ready,
    } as unknown as Thing;
    assert.match(endingOf({ ...left, things: [other, ...left.things] }).why?.en ?? "", /Pod web-1-a has/);
    // Where none is meant, it is the first one.
    assert.match(endingOf({ ...made(ready, [service("nobody")]) }).why?.en ?? "", /Pod web-1-a has/);
    assert.ok(endingOf({ ...made(ready, [service("another")]), workload: "web" }).ok);
  });
});
