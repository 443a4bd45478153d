import { Text } from "../../../text";
import { Inputs } from "../resources/model";
import { cutTo, differences, shown } from "../resources/values";
import { Opening, security } from "./opening";
import { podPath } from "./pod";

const any = (...paths: string[]) => new RegExp(`^(${paths.join("|")})(\\.|$)`);

/** What rules look at, or what opens nothing whatever it says. Of a type that is not here, a rule of its own tells. */
const known: Record<string, RegExp> = {
  "docker:index/container:Container": any(
    "attach|capabilities|cgroupnsMode|command|cpu\\w*|destroyGraceSeconds|device(Read|Write)\\w+|dns(Opts|Searches)|domainname",
    "devices.(containerPath|permissions)|entrypoints|envs|healthcheck|hostname|image|init|ipcMode|labels|log\\w+|maxRetryCount|memory\\w*",
    "mounts|mustRun|name|network(Mode|sAdvanced)|pidMode|platform|ports|privileged|publishAllPorts|readOnly|removeVolumes",
    "restart|rm|securityOpts|shmSize|start|stdinOpen|stop\\w+|tmpfs|tty|ulimits|uploads.(content\\w*|executable|file|permissions)",
    "user|usernsMode|volumes.(containerPath|hostPath|readOnly|volumeName)|wait|waitTimeout|workingDir|containerRead\\w+",
  ),
  "docker:index/network:Network": any("attachable|checkDuplicate|driver|internal|ipam\\w+|ipv6|labels|name|options"),
  "docker:index/volume:Volume": any("driver|driverOpts|labels|name"),
  "docker:index/image:Image": any(
    "buildOnPreview|imageName|skipPush|build.(args|builderVersion|context|dockerfile|platform|target)",
  ),
  "docker:index/remoteImage:RemoteImage": any("name|platform|keepLocally|forceRemove|repoDigest|pullTriggers|triggers"),
  "kubernetes:core/v1:Service": any(
    "spec.(type|selector|ports|clusterIPs?|external(IPs|TrafficPolicy)|healthCheckNodePort|internalTrafficPolicy)",
    "spec.(ip\\w+|loadBalancer\\w+|allocateLoad\\w+|publishNotReadyAddresses|sessionAffinity\\w*|trafficDistribution)",
  ),
  "kubernetes:core/v1:Secret": any("data|immutable|stringData"),
  "kubernetes:core/v1:ResourceQuota": any("spec.hard"),
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": any(
    "spec.(auditAnnotations|failurePolicy|matchConstraints.(matchPolicy|resourceRules)|validations|variables)",
  ),
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": any(
    "spec.(matchResources|policyName|validationActions)",
  ),
};

const inContainer =
  "args|command|env|envFrom|image|imagePullPolicy|lifecycle|(liveness|readiness|startup)Probe|name|ports|resizePolicy|" +
  "resources|restartPolicy|stdin\\w*|termination\\w+|tty|volumeMounts.(mountPath|name|readOnly|recursiveReadOnly|subPath\\w*)|workingDir|securityContext.(allowPrivilegeEscalation|" +
  "appArmorProfile|capabilities|privileged|procMount|readOnlyRootFilesystem|runAs(Group|NonRoot|User)|se\\w+)";
const inPod = any(
  "activeDeadlineSeconds|affinity|automountServiceAccountToken|dnsConfig.(options|searches)|dnsPolicy|enableServiceLinks",
  "host(IPC|Network|PID|Users|name)|imagePullSecrets|node(Name|Selector)|overhead|preemptionPolicy|priority\\w*",
  "readinessGates|restartPolicy|scheduler\\w+|schedulingGates|serviceAccount(Name)?|setHostnameAsFQDN",
  "securityContext.(appArmorProfile|fsGroup\\w*|runAs(Group|NonRoot|User)|se\\w+|supplementalGroups\\w*|sysctls)",
  "shareProcessNamespace|subdomain|terminationGracePeriodSeconds|tolerations|topologySpreadConstraints",
  "volumes.(\\w+.readOnly|configMap|downwardAPI|emptyDir|ephemeral|hostPath|image|name|persistentVolumeClaim|projected|secret)",
  `(initC|c)ontainers.(${inContainer})`,
);

/** An annotation by which a pod was let out of its walls before there was a field for that. */
const unconfines = /\bannotations\.container\.(apparmor|seccomp)\..+/;

/** What every object has, and what Pulumi notes of every resource. */
const everywhere = /^(apiVersion|kind|metadata|replacementTrigger)/;

/** What is so anyway, or only says what is inside. */
const usual = /^(|\[\]|\{\}|runc|None|Opaque|kubernetes\.io\/(basic-auth|dockerc\w+|ssh-auth|tls))$/;

function isKnown(type: string, path: string, value: unknown): boolean {
  if (unconfines.test(path)) return !/unconfined/.test(shown(value));
  if (value === false || usual.test(shown(value)) || everywhere.test(path)) return true;
  const pod = podPath(type);
  if (pod !== undefined) return !path.startsWith(`${pod}.`) || inPod.test(path.slice(pod.length + 1));
  return known[type]?.test(path) ?? true;
}

/** What is known of some of them, by how their paths begin or go on. */
const reasons: [RegExp, Text][] = [
  [unconfines, { en: "that lets it out of what confines it", ko: "컨테이너를 가두던 제한이 풀립니다" }],
  [/^devices/, { en: "it gets a device of this machine", ko: "이 컴퓨터의 장치를 씁니다" }],
  [/(^|\.)(dns|dnsConfig\.nameservers)$/, { en: "it looks up all names there", ko: "모든 이름을 그 서버에 묻습니다" }],
  [/^gpus/, { en: "it gets this machine's GPUs", ko: "이 컴퓨터의 GPU를 씁니다" }],
  [/^groupAdds/, { en: "it may do what that group may", ko: "그 그룹의 권한을 갖습니다" }],
  [
    /(^hosts|\.hostAliases)\./,
    {
      en: "it finds names elsewhere, whatever the network says",
      ko: "네트워크와 상관없이 이름이 다른 주소로 연결됩니다",
    },
  ],
  [
    /(^|\.)runtime(ClassName)?$/,
    { en: "that decides what keeps it apart from the machine", ko: "그 런타임이 컴퓨터와의 격리를 결정합니다" },
  ],
  [/^sysctls/, { en: "it sets the kernel of this machine", ko: "이 컴퓨터의 커널 값을 바꿉니다" }],
  [/^uploads/, { en: "it gets a copy of this machine's files", ko: "이 컴퓨터의 파일 사본을 받습니다" }],
];
const noReason: Text = {
  en: "the review does not know what that opens. Find out",
  ko: "무엇을 여는지 검토가 알지 못합니다. 확인하세요",
};

/** Properties that open something, or of which nobody taught this review whether they do. */
export const strange = (type: string, inputs: Inputs): Opening[] =>
  differences({}, inputs)
    .map(({ path, new: value }) => ({ path: path.replace(/\[[^\]]*\]/g, ""), value }))
    .filter(({ path, value }) => !isKnown(type, path, value))
    .map(({ path, value }) => {
      const { en, ko } = reasons.find(([is]) => is.test(path))?.[1] ?? noReason;
      // An address and its names are one.
      const [, whole] = /(?:^|\.)(hosts|hostAliases)\./.exec(path) ?? [];
      const where = path.replace(/^spec\.(jobTemplate\.spec\.)?template\.(spec|metadata)\./, "");
      const is = whole ? `\`${whole}\`` : `\`${where}: ${cutTo(shown(value), 60)}\``;
      return security(`strange ${path} ${shown(value)}`, { en: `${is}: ${en}`, ko: `${is}: ${ko}` });
    });
