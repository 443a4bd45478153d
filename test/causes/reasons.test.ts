import assert from "node:assert/strict";
import type { CoreV1Event, V1ContainerState, V1Pod } from "@kubernetes/client-node";
import { diagnose } from "../../tools/causes/kubernetes";
import { LabObjects } from "../../tools/causes/objects";
import { Cause } from "../../tools/causes/problem";
import { healthy, pod, unreadyMysql } from "../checks/kubernetes-fakes";

// The reasons that Kubernetes 1.36 has for events and states of pods, claims and their owners, by the source files that
// list them, and what each means for the lab: a cause, or why it is none.

/** What a reason that is no failure of the lab is about. */
type Not =
  | "no failure"
  | "the node, whose conditions show it"
  | "a pod that is being deleted or keeps running"
  | "a container, whose state shows it"
  | "a pod, whose state shows it"
  | "objects that the lab does not have";

const page = "https://github.com/kubernetes/kubernetes/blob/v1.36.4/pkg/";
const unready = { conditions: [{ type: "Ready", status: "False" }], containerStatuses: [] };
const mysql = (status: V1Pod["status"] = {}) => pod("mysql", "1", { ...unready, phase: "Pending", ...status });
const container = (state: V1ContainerState, lastState?: V1ContainerState) =>
  mysql({ containerStatuses: [unreadyMysql({ state, lastState, restartCount: 3 })] });
const event = (kind: string, name: string, reason: string): CoreV1Event => ({
  metadata: {},
  involvedObject: { kind, name },
  reason,
  message: "what the cluster says",
});

/** The problems found with these pods of MySQL and these events, while WordPress is ready. */
const found = (pods: V1Pod[], events: CoreV1Event[] = [], more: Partial<LabObjects> = {}) =>
  diagnose({ ...healthy(), ...more, pods: [...pods, pod("wordpress", "1")], events });

/** An event of MySQL's pod, which has no container yet. */
const ofPod = (reason: string) =>
  found([container({ waiting: { reason: "ContainerCreating" } })], [event("Pod", "mysql-7d9c8b-1", reason)]);
const claim = (phase: string, spec: object = {}) => [{ metadata: { name: "mysql-data" }, spec, status: { phase } }];
const standard = {
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "some/provisioner",
};
/** An event of MySQL's claim, which has no volume and names one. */
const ofClaim = (reason: string) =>
  found(
    [
      mysql({
        conditions: [
          { type: "PodScheduled", status: "False", message: "pod has unbound immediate PersistentVolumeClaims" },
        ],
      }),
    ],
    [event("PersistentVolumeClaim", "mysql-data", reason)],
    {
      claims: claim(reason === "ClaimLost" ? "Lost" : "Pending", { volumeName: "mine" }),
      storageClasses: [standard],
    },
  );
const ofOwner = (kind: string, name: string) => (reason: string) => found([], [event(kind, name, reason)]);
const rejected = (reason: string) => found([mysql({ phase: "Failed", reason })]);
const waits = (reason: string) => found([container({ waiting: { reason, message: "what the cluster says" } })]);
const ends = (reason: string) =>
  found([
    container(
      { waiting: { reason: "CrashLoopBackOff" } },
      { terminated: { exitCode: 128, reason, message: "what the cluster says" } },
    ),
  ]);
const unscheduled = (said: string) =>
  found([
    mysql({ conditions: [{ type: "PodScheduled", status: "False", message: `0/1 nodes are available: 1 ${said}.` }] }),
  ]);

/** Source files with lists of reasons, how each reason shows in the lab, and what it means there. */
const lists: Record<
  string,
  [shown: (reason: string) => ReturnType<typeof diagnose>, reasons: Partial<Record<Cause | Not, string>>]
> = {
  "kubelet/events/event.go": [
    ofPod,
    {
      "cannot start":
        "Failed FailedCreatePodContainer NetworkNotReady FailedCreatePodSandBox FailedPodSandBoxStatus FailedPrepareDynamicResources FailedSync FailedPostStartHook",
      "volume cannot be mounted":
        "FailedAttachVolume FailedMount VolumeResizeFailed FileSystemResizeFailed FailedMapVolume FailedMountOnFilesystemMismatch",
      "image still being pulled": "Pulling",
      "no failure":
        "Created Started Pulled ResizeCompleted ResizeStarted NodeReady NodeSchedulable Starting VolumeResizeSuccessful VolumePermissionChangeInProgress FileSystemResizeSuccessful AlreadyMountedVolume SuccessfulAttachVolume SuccessfulMountVolume NodeAllocatableEnforced SandboxChanged PossibleMemoryBackedVolumesOnDisk ProbeWarning",
      "the node, whose conditions show it":
        "NodeNotReady NodeNotSchedulable KubeletSetupFailed Rebooted Shutdown ContainerGCFailed ImageGCFailed FailedNodeAllocatableEnforcement CgroupV1 InvalidImageID InvalidDiskCapacity FreeDiskSpaceFailed",
      "a pod that is being deleted or keeps running":
        "Killing ExceededGracePeriod FailedKillPod FailedPreStopHook ResizeDeferred ResizeInfeasible ResizeError",
      "a container, whose state shows it": "BackOff InspectFailed ErrImageNeverPull Unhealthy",
      "a pod, whose state shows it": "Preempting FailedNodeDeclaredFeaturesCheck FailedValidation",
    },
  ],
  "controller/volume/events/event.go": [
    ofClaim,
    {
      "no volume": "FailedBinding VolumeMismatch ProvisioningFailed ClaimLost ExternalProvisioning",
      "no failure":
        "ProvisioningSucceeded WaitForFirstConsumer WaitForPodScheduled ExternalExpanding VolumeDelete VolumeRecycled RecyclerPod",
      "objects that the lab does not have": "VolumeFailedRecycle VolumeFailedDelete ProvisioningCleanupFailed",
    },
  ],
  "controller/controller_utils.go": [
    ofOwner("ReplicaSet", "mysql-7d9c8b"),
    {
      "pod refused": "FailedCreate",
      "a pod that is being deleted or keeps running": "FailedDelete SuccessfulDelete",
      "no failure": "SuccessfulCreate",
    },
  ],
  "controller/deployment/util/deployment_util.go": [
    ofOwner("Deployment", "mysql"),
    {
      "pod refused": "ReplicaSetCreateError",
      "no failure":
        "ScalingReplicaSet NewReplicaSetCreated FoundNewReplicaSet ReplicaSetUpdated NewReplicaSetAvailable",
    },
  ],
  "kubelet/images/types.go and cri-api's errors.go": [
    waits,
    {
      "image cannot be pulled":
        "ImagePullBackOff ImageInspectError ErrImagePull ErrImageNeverPull InvalidImageName RegistryUnavailable SignatureValidationFailed PullQPSExceeded",
      "cannot start": "RROUnsupported ImageVolumeMountFailed",
    },
  ],
  "kubelet/container/sync_result.go and kubelet/kuberuntime/kuberuntime_container.go": [
    waits,
    {
      "cannot start":
        "RunContainerError CreatePodSandboxError ConfigPodSandboxError CreateContainerConfigError PreCreateHookError CreateContainerError PreStartHookError PostStartHookError",
    },
  ],
  "what a container runtime says of the end of a container": [
    ends,
    { "cannot start": "StartError ContainerCannotRun", "crash loop": "Error Completed", "out of memory": "OOMKilled" },
  ],
  "kubelet/lifecycle, kubelet/cm, kubelet/sysctl, kubelet/nodeshutdown, kubelet/eviction": [
    rejected,
    {
      "pod refused":
        "AppArmor PodLevelResourcesNotSupported PodFeatureUnsupported PodOSSelectorNodeLabelDoesNotMatch PodOSNotSupported InvalidNodeInfo InitContainerRestartPolicyForbidden SupplementalGroupsPolicyNotSupported UnexpectedAdmissionError UnknownReason UnexpectedPredicateFailureType OutOfcpu OutOfmemory OutOfephemeral-storage OutOfpods EmptyPodSharedPoolError SysctlForbidden NodeShutdown Terminated VolumeAttachmentLimitExceeded TopologyAffinityError SMTAlignmentError Preempting DeadlineExceeded NodeAffinity NodeName NodePorts",
      evicted: "Evicted",
    },
  ],
};

/** The messages of the scheduler's plugins. @see {@link page}scheduler/framework/plugins */
const plugins: [says: string, why: RegExp][] = [
  ["node(s) didn't find available persistent volumes to bind", /volume/],
  ["node(s) didn't match PersistentVolume's node affinity", /volume/],
  ["node(s) had volume node affinity conflict", /volume/],
  ["node(s) had no available volume zone", /volume/],
  ["node(s) had no available disk", /volume/],
  ["node(s) did not have enough free storage", /volume/],
  ["node(s) exceed max volume count", /volume/],
  [
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
    /volume/,
  ],
  ["node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)", /no longer exists, and the data/],
  ["node(s) didn't have free ports for the requested pod ports", /port of the node/],
  ["node(s) didn't match the requested node name", /No node matches what the pod requires/],
  ["node(s) didn't match pod affinity rules", /No node matches what the pod requires/],
  ["node(s) didn't match pod anti-affinity rules", /No node matches what the pod requires/],
  ["node(s) didn't satisfy existing pods anti-affinity rules", /No node matches what the pod requires/],
  ["pod affinity terms conflict", /No node matches what the pod requires/],
  ["node(s) didn't match pod topology spread constraints", /No node matches what the pod requires/],
  ["node(s) didn't match Pod's node affinity/selector", /No node matches what the pod requires/],
  ["node(s) didn't match scheduler-enforced node affinity", /No node matches what the pod requires/],
  ["node(s) didn't match Pod's required features", /No node matches what the pod requires/],
  ["node(s) had taints that the pod didn't tolerate", /taint/],
  ["node(s) had unknown conditions", /not ready/],
  ["node(s) were unschedulable", /cordoned/],
  ["Too many pods", /as many pods/],
  ["Insufficient cpu", /too little processor time/],
  ["Insufficient memory", /too little memory/],
  ["Insufficient ephemeral-storage", /disk/],
];

describe("each reason that Kubernetes names", () => {
  for (const [list, [shown, meanings]] of Object.entries(lists)) {
    for (const [meaning, reasons = ""] of Object.entries(meanings)) {
      const isCause = !["no failure", "the node,", "a pod", "a container,", "objects"].some((not) =>
        meaning.startsWith(not),
      );
      for (const reason of reasons.split(" ").filter(Boolean)) {
        it(`${reason} of ${page}${list}: ${meaning}`, () => {
          const problems = shown(reason);
          const causes = problems.map(({ cause, workload }) => `${cause} ${workload}`);
          if (!isCause)
            assert.deepEqual(
              causes,
              shown("NotAReasonAtAll").map(({ cause, workload }) => `${cause} ${workload}`),
            );
          else assert.deepEqual(causes, [meaning === "no volume" ? "no volume undefined" : `${meaning} mysql`]);
          const [{ why, next, evidence } = assert.fail()] = isCause ? problems : [{ why: "", next: "", evidence: [] }];
          assert.ok(!isCause || (why && next));
          // The message is shown, because it can be anything.
          if (shown === ofPod && isCause) assert.match(evidence.join(), /what the cluster says$/);
        });
      }
    }
  }

  it("reports FailedCreate of whatever makes pods", () => {
    const causes = (kind: string) => ofOwner(kind, "mysql")("FailedCreate").map(({ cause }) => cause);
    for (const kind of ["Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicationController"])
      assert.ok(causes(kind).includes("pod refused"), kind);
  });

  it("reports a volume that cannot be mounted, also before the init containers have run", () => {
    const waiting = { reason: "PodInitializing" };
    const [problem] = found([container({ waiting })], [event("Pod", "mysql-7d9c8b-1", "FailedMount")]);
    assert.equal(problem?.cause, "volume cannot be mounted");
  });

  for (const [says, why] of plugins) {
    it(`explains what the scheduler says: ${says}`, () => {
      const problems = unscheduled(says);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!.why!.en, why);
    });
  }
});
