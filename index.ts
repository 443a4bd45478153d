import * as pulumi from "@pulumi/pulumi";
import { nodeHost } from "./components/addresses";
import { Class } from "./components/class";
import { ComposeWordPress } from "./components/compose-wordpress";
import { KubernetesWordPress } from "./components/kubernetes-wordpress";
import { LabOwner } from "./components/lab-owner";
import { classPolicy, labObjects, seatPlaces } from "./components/names";
import { clusterProvider, dockerProvider } from "./components/providers";
import { RedisLab } from "./components/redis-lab";
import { RegistryLab } from "./components/registry-lab";
import { LabName, readSettings } from "./config";
import { Outputs } from "./outputs";

const settings = readSettings();
const objects = labObjects(settings);
const on = (...labs: LabName[]) => labs.some((lab) => settings.labs.includes(lab));

// Explicit providers: no lab may fall back to the Docker context or the kubectl context selected on this machine.
const onDocker = on("redis", "registry", "compose") ? { provider: dockerProvider("docker") } : undefined;
const onKubernetes = on("kubernetes")
  ? { provider: clusterProvider("kubernetes", { kubeconfig: settings.kubeconfig, context: settings.kubeContext }) }
  : undefined;

const { bindAddress, mysqlImage, wordpressImage } = settings;
const owner = new LabOwner("owner");

// 1. Build an image and run it: Redis.
const redisLab = on("redis")
  ? new RedisLab(
      "redis",
      { owner, bindAddress, port: settings.redisPort, baseImage: settings.redisBaseImage, ...objects.redis },
      onDocker,
    )
  : undefined;

// 2. Pull an image from a registry and explore it: Debian.
const registryLab = on("registry")
  ? new RegistryLab("registry", { owner, image: settings.registryImage, ...objects.registry }, onDocker)
  : undefined;

// 3. Two containers that need each other: WordPress and MySQL, as docker compose runs them.
const composeLab = on("compose")
  ? new ComposeWordPress(
      "compose",
      { owner, bindAddress, port: settings.composePort, mysqlImage, wordpressImage, ...objects.compose },
      onDocker,
    )
  : undefined;

// 4. The same WordPress and MySQL on a Kubernetes cluster, minikube.
const { kubernetesNamespace: namespace, nodePort, mysqlStorage, wordpressStorage, kubeNode: node } = settings;
const onCluster = { mysqlImage, wordpressImage, mysqlStorage, wordpressStorage, node, host: nodeHost(settings) };
const kubernetesLab = on("kubernetes")
  ? new KubernetesWordPress("kubernetes", { owner, namespace, nodePort, ...onCluster }, onKubernetes)
  : undefined;

// A class: a seat on the same cluster for each student.
const seats = seatPlaces(settings);
const schoolClass =
  kubernetesLab && seats.length > 0
    ? new Class(
        "class",
        {
          owner,
          seats,
          policy: classPolicy(settings),
          hours: settings.seatHours,
          memory: settings.seatMemory,
          storage: settings.seatStorage,
          podNetwork: settings.podNetwork,
          host: onCluster.host ?? kubernetesLab.outputs.ip,
          lab: settings.seatLab ? onCluster : undefined,
        },
        onKubernetes,
      )
    : undefined;

// What a student needs to reach each lab. A disabled lab has no output.
export = {
  labs: settings.labs,
  ...(redisLab && { redis: redisLab.outputs }),
  ...(registryLab && { registry: registryLab.outputs }),
  ...(composeLab && { compose: composeLab.outputs }),
  ...(kubernetesLab && {
    kubernetes: kubernetesLab.outputs,
    minikubeIp: kubernetesLab.outputs.ip,
    minikubePort: kubernetesLab.outputs.port,
    wordpressUrl: kubernetesLab.outputs.url,
  }),
  ...(schoolClass && { class: schoolClass.outputs }),
} satisfies { [Name in keyof Outputs]: pulumi.Input<Outputs[Name]> };
