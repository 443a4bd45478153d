const all = /./;
const none = /$^/;

/**
 * Which properties make a resource anew, as the plugins have it: what is asked where no engine can be.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/replaceonchanges/
 */
const replacing: Record<string, RegExp> = {
  // But those that Docker changes while it runs.
  "docker:index/container:Container":
    /^(?!(cpu(Period|Quota|Set|Shares)|memory(Reservation|Swap)?|restart|maxRetryCount|healthcheck|tmpfs|attach|logs|start|wait(Timeout)?|mustRun|rm|removeVolumes|destroyGraceSeconds|containerReadRefreshTimeoutMilliseconds)\b)/,
  "docker:index/image:Image": none,
  "docker:index/network:Network": all,
  "docker:index/volume:Volume": all,
  "docker:index/remoteImage:RemoteImage": /^(name|platform|triggers|pullTriggers)\b/,
  "random:index/randomId:RandomId": all,
  "random:index/randomPassword:RandomPassword": all,
  "pulumi:providers:kubernetes": /^(kubeconfig|context|cluster|namespace)\b/,
  "kubernetes:core/v1:ConfigMap": none,
  "kubernetes:core/v1:LimitRange": none,
  "kubernetes:core/v1:Namespace": none,
  "kubernetes:core/v1:PersistentVolumeClaim": /^spec\.(?!resources\.requests)/,
  "kubernetes:core/v1:ResourceQuota": none,
  "kubernetes:core/v1:Secret": /^(data|stringData|type|immutable)\b/,
  "kubernetes:core/v1:Service": none,
  "kubernetes:core/v1:ServiceAccount": none,
  "kubernetes:apps/v1:Deployment": /^spec\.selector/,
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": none,
  "kubernetes:policy/v1:PodDisruptionBudget": none,
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": /^roleRef/,
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": none,
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": none,
};

/** A Kubernetes object is what it is called. */
const ofKubernetes = /^(metadata\.(name|namespace)|apiVersion|kind)$/;

/** Whether a change of that property makes it anew; of a type that is not here, each does. */
export const replacedBy = (type: string, path: string) =>
  (replacing[type] ?? all).test(path) || (type.startsWith("kubernetes:") && ofKubernetes.test(path));

/** Whether it is a type of which is known what happens to it. */
export const isInTable = (type: string) => type in replacing;
