import { Inputs } from "../resources/model";
import { cutTo, differences, shown } from "../resources/values";
import { Opening, security } from "./opening";
import { podPath } from "./pod";

const any = (...paths: string[]) => new RegExp(`^(${paths.join("|")})(\\.|$)`);

/** What other rules look at, or what opens nothing whatever it says. Of a type that is not here, a rule of its own tells. */
const known: Record<string, RegExp> = {
  "docker:index/container:Container": any(
    "attach|capabilities.drops|command|containerRead\\w+|cpu\\w*|destroyGraceSeconds|device(Read|Write)\\w+|devices.(containerPath|permissions)",
    "dns(Opts|Searches)|domainname|entrypoints|envs|healthcheck|hostname|image|init|labels|logOpts|logs|maxRetryCount|memory\\w*",
    "mounts|mustRun|name|network(Mode|sAdvanced)|platform|ports|publishAllPorts|readOnly|removeVolumes|restart|rm|shmSize",
    "start|stdinOpen|stop\\w+|tmpfs|tty|ulimits|uploads.(content\\w*|executable|file|permissions)|user",
    "volumes.(containerPath|hostPath|readOnly|volumeName)|wait|waitTimeout|workingDir",
  ),
  "docker:index/network:Network": any(
    "attachable|checkDuplicate|internal|ipam\\w+|ipv6|labels|name|options.(?!.*(gateway_mode|host_binding|trusted))",
  ),
  "docker:index/volume:Volume": any("driverOpts.(?!device)\\w+|labels|name"),
  "docker:index/image:Image": any(
    "buildOnPreview|imageName|skipPush|build.(args|builderVersion|context(Digest)?|dockerfile|platform|target)",
  ),
  "docker:index/remoteImage:RemoteImage": any("forceRemove|keepLocally|name|platform|pullTriggers|repoDigest|triggers"),
  "kubernetes:core/v1:Service": any(
    "spec.(type|selector|ports|clusterIPs?|external(IPs|TrafficPolicy)|healthCheckNodePort|internalTrafficPolicy)",
    "spec.(ip\\w+|loadBalancer\\w+|allocateLoad\\w+|publishNotReadyAddresses|sessionAffinity\\w*|trafficDistribution)",
  ),
  "kubernetes:core/v1:Secret": any("data|immutable|stringData"),
  "kubernetes:core/v1:ResourceQuota": any("spec.hard"),
};

const inContainer = [
  "args|command|env|envFrom|image|imagePullPolicy|lifecycle|(liveness|readiness|startup)Probe|name|ports|resizePolicy",
  "resources|restartPolicy|stdin\\w*|termination\\w+|tty|workingDir|volumeMounts.(mountPath|name|\\w*[rR]eadOnly|subPath\\w*)",
  "securityContext.(allowPrivilegeEscalation|capabilities.drop|readOnlyRootFilesystem|runAs(Group|NonRoot|User)|seccompProfile)",
];
const inPod = any(
  "activeDeadlineSeconds|affinity|automountServiceAccountToken|dnsConfig.(options|searches)|dnsPolicy|enableServiceLinks",
  "host(Network|Users|name)|imagePullSecrets|node(Name|Selector)|overhead|preemptionPolicy|priority\\w*|readinessGates",
  "restartPolicy|scheduler\\w+|schedulingGates|serviceAccount(Name)?|setHostnameAsFQDN|subdomain",
  "securityContext.(fsGroup\\w*|runAs(Group|NonRoot|User)|seccompProfile|supplementalGroups\\w*)",
  "terminationGracePeriodSeconds|tolerations|topologySpreadConstraints|volumes.(\\w+.readOnly|configMap|downwardAPI)",
  "volumes.(emptyDir|ephemeral|hostPath.type|image|name|persistentVolumeClaim|projected|secret)",
  `(initC|c)ontainers.(${inContainer.join("|")})`,
);

/** What every object has, and what Pulumi notes of every resource. */
const everywhere = /^(apiVersion|kind|metadata|replacementTrigger)/;

/** An annotation by which a pod was let out of its walls before there was a field for that. */
const unconfines = /\bannotations\.container\.(apparmor|seccomp)\..+/;

/** What is so anyway, shuts more than it opens, or is a pod's own. */
const usual = new RegExp(
  [
    " (\\[\\]|\\{\\}|None)?$",
    "\\bappArmorProfile\\.(type (RuntimeDefault|Localhost)|localhostProfile .*)$|procMount Default$",
    "^\\w+Mode (private|shareable)$|^driver (local|bridge)$|^logDriver (json-file|local|journald|none)$|^driverOpts\\.device tmpfs$|^runtime runc$",
    "^securityOpts\\W*(\\d\\] )?(no-new-privileges([:=](true|false))?|seccomp\\W+builtin|apparmor\\W+docker-default)$",
    "sysctls\\[net\\.ipv4\\.(ip_unprivileged_port_start|ping_group_range|ip_local_port_range)\\]",
    "^type (Opaque|kubernetes\\.io/(basic-auth|dockerc\\w+|ssh-auth|tls))$",
  ].join("|"),
);

interface Leaf {
  /** As {@link differences} has it. */
  full: string;
  /** Without what stands in brackets. */
  path: string;
  value: unknown;
}

function isKnown(type: string, { full, path, value }: Leaf): boolean {
  if (unconfines.test(path)) return !shown(value).includes("unconfined");
  if (value === false || everywhere.test(path) || usual.test(`${full} ${shown(value)}`)) return true;
  const pod = podPath(type);
  if (pod !== undefined) return !path.startsWith(`${pod}.`) || inPod.test(path.slice(pod.length + 1));
  return known[type]?.test(path) ?? true;
}

/** Properties that open something, or of which nobody taught this review whether they do. */
export const strange = (type: string, inputs: Inputs): Opening[] =>
  differences({}, inputs)
    .map(({ path, new: value }): Leaf => ({ full: path, path: path.replace(/\[[^\]]*\]/g, ""), value }))
    .filter((leaf) => !isKnown(type, leaf))
    .map(({ full, value }) => {
      // Of the items of a list, only these are told apart.
      const where = full
        .replace(/((?:ontainers|sysctls|securityOpts)\[(?!\d+\])[^\]]*\])|\[[^\]]*\]/g, "$1")
        .replace(/^spec\.(jobTemplate\.spec\.)?template\.(spec|metadata)\./, "");
      const is = `\`${where}: ${cutTo(shown(value), 60)}\``;
      return security(`strange ${where} ${shown(value)}`, {
        en: `${is} may let it reach more of the machine, the network or the data than a lab needs. Find out what it allows`,
        ko: `${is} 설정으로 컴퓨터, 네트워크, 데이터에 실습에 필요한 것보다 많이 접근할 수 있습니다. 무엇을 허용하는지 확인하세요`,
      });
    });
