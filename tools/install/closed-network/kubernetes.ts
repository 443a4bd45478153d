import { buildArguments, set, Tool } from "./go";

/** One program with several names: the names used in system containers, and on the node itself. */
export const parts = {
  program: "kubernetes",
  system: ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"],
  node: ["kube-network-policies", "kubeadm", "kubelet"],
} as const;

/** All programs that use the libraries of Kubernetes, so that these are compiled only once. */
export const kubernetes: Tool = {
  name: "kubernetes",
  what: { en: "Kubernetes", ko: "쿠버네티스" },
  minutes: 5,
  of: "k8s.io/kubernetes",
  names: { of: parts.program, are: [...parts.system, ...parts.node] },
  args: (version, other) => {
    const [major = "", minor = ""] = version.replace(/^v/, "").split(".");
    const component = "k8s.io/component-base/version";
    const flags = set(
      [`${component}.gitVersion`, version],
      [`${component}.gitMajor`, major],
      [`${component}.gitMinor`, minor],
      ["k8s.io/client-go/pkg/version.gitVersion", version],
      ["sigs.k8s.io/cri-tools/pkg/version.Version", other("sigs.k8s.io/cri-tools")],
    );
    const others = ["k8s.io/kubernetes/cmd/kubectl", "sigs.k8s.io/cri-tools/cmd/crictl"];
    return buildArguments(flags, ["./kubernetes", "./storage-provisioner", ...others]);
  },
};

export const minikube: Tool = {
  name: "minikube",
  what: { en: "minikube", ko: "minikube" },
  minutes: 3,
  of: "k8s.io/minikube",
  cgo: true,
  args: (version) => {
    const flags = set(
      ["k8s.io/minikube/pkg/version.version", version],
      ["k8s.io/minikube/pkg/version.isoVersion", version],
      ["k8s.io/minikube/pkg/version.storageProvisionerVersion", storageProvisionerTag],
    );
    // As in the official build: libvirt is loaded at run time instead of being linked.
    return buildArguments(flags, ["k8s.io/minikube/cmd/minikube"], { tags: "libvirt_dlopen" });
  },
};

/** The tag of the image of minikube's storage-provisioner addon. */
const storageProvisionerTag = "v5";

/** Images that minikube needs in addition to those of kubeadm: its addon, and the pause image of its newest Kubernetes. */
export const minikubeImages = [
  `gcr.io/k8s-minikube/storage-provisioner:${storageProvisionerTag}`,
  "registry.k8s.io/pause:3.10.1",
];

export const etcd: Tool = {
  name: "etcd",
  what: { en: "etcd", ko: "etcd" },
  minutes: 1,
  of: "go.etcd.io/etcd/server/v3",
  // Its package is called "server".
  args: () => buildArguments([], ["go.etcd.io/etcd/server/v3"], { into: "bin/etcd" }),
};

export const coredns: Tool = {
  name: "coredns",
  what: { en: "CoreDNS", ko: "CoreDNS" },
  minutes: 2,
  of: "github.com/coredns/coredns",
  args: () => buildArguments([], ["github.com/coredns/coredns"]),
};
