import { buildArguments, set, Tool } from "./go";

/** The program of which the others are names, and what runs in system containers, and in the node itself. */
export const parts = {
  program: "kubernetes",
  system: ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"],
  node: ["kube-network-policies", "kubeadm", "kubelet"],
} as const;

/** All programs that are made of Kubernetes' libraries, which are compiled once for all of them. */
export const kubernetes: Tool = {
  name: "kubernetes",
  what: { en: "Kubernetes", ko: "Kubernetes" },
  minutes: 9,
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
  minutes: 4,
  of: "k8s.io/minikube",
  cgo: true,
  args: (version) => {
    const flags = set(
      ["k8s.io/minikube/pkg/version.version", version],
      ["k8s.io/minikube/pkg/version.isoVersion", version],
      ["k8s.io/minikube/pkg/version.storageProvisionerVersion", storageProvisionerTag],
    );
    // Its own build has that tag as well: libvirt is looked for when it is used, and not linked.
    const [build = "", ...rest] = buildArguments(flags, ["k8s.io/minikube/cmd/minikube"]);
    return [build, "-tags", "libvirt_dlopen", ...rest];
  },
};

/** The tag of the image that minikube's addon of that name runs. */
const storageProvisionerTag = "v5";

/** What minikube asks for beside kubeadm: its addon's image, and the pause of the newest Kubernetes that it knows. */
export const minikubeImages = [
  `gcr.io/k8s-minikube/storage-provisioner:${storageProvisionerTag}`,
  "registry.k8s.io/pause:3.10.1",
];

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
