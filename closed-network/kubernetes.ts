import { buildArguments, Tool } from "./go";

const set = (...variables: [name: string, value: string][]) => variables.map(([name, value]) => `-X ${name}=${value}`);

/** Programs of Kubernetes: what runs in the node's system containers, in the node, and kubectl. */
export const kubernetes: Tool = {
  name: "kubernetes",
  what: { en: "Kubernetes", ko: "Kubernetes" },
  minutes: 9,
  of: "k8s.io/kubernetes",
  args: (version) => {
    const [major = "", minor = ""] = version.replace(/^v/, "").split(".");
    const component = "k8s.io/component-base/version";
    const flags = set(
      [`${component}.gitVersion`, version],
      [`${component}.gitMajor`, major],
      [`${component}.gitMinor`, minor],
      ["k8s.io/client-go/pkg/version.gitVersion", version],
    );
    const programs = [
      ...["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"],
      ...["kubeadm", "kubectl", "kubelet"],
    ];
    return buildArguments(
      flags,
      programs.map((program) => `k8s.io/kubernetes/cmd/${program}`),
    );
  },
};

export const minikube: Tool = {
  name: "minikube",
  what: { en: "minikube", ko: "minikube" },
  minutes: 4,
  of: "k8s.io/minikube",
  args: (version) => {
    const flags = set(
      ["k8s.io/minikube/pkg/version.version", version],
      ["k8s.io/minikube/pkg/version.isoVersion", version],
      ["k8s.io/minikube/pkg/version.storageProvisionerVersion", storageProvisionerTag],
    );
    return buildArguments(flags, ["k8s.io/minikube/cmd/minikube"]);
  },
};

/** The tag of the image that minikube's addon of that name runs. */
export const storageProvisionerTag = "v5";

export const etcd: Tool = {
  name: "etcd",
  what: { en: "etcd", ko: "etcd" },
  of: "go.etcd.io/etcd/server/v3",
  // Its package is called "server".
  args: () => buildArguments([], ["go.etcd.io/etcd/server/v3"], "bin/etcd"),
};

export const coredns: Tool = {
  name: "coredns",
  what: { en: "CoreDNS", ko: "CoreDNS" },
  minutes: 2,
  of: "github.com/coredns/coredns",
  args: () => buildArguments([], ["github.com/coredns/coredns"]),
};

export const crictl: Tool = {
  name: "crictl",
  what: { en: "crictl", ko: "crictl" },
  of: "sigs.k8s.io/cri-tools",
  args: (version) =>
    buildArguments(set(["sigs.k8s.io/cri-tools/pkg/version.Version", version]), ["sigs.k8s.io/cri-tools/cmd/crictl"]),
};

/** What minikube's own image of this name does. */
export const storageProvisioner: Tool = {
  name: "storage-provisioner",
  what: { en: "the provisioner of volumes", ko: "볼륨 프로비저너" },
  args: () => buildArguments([], ["."]),
};
