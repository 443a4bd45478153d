import { hostAndPort, localHost, nodeHost } from "../../components/addresses";
import { labObjects } from "../../components/names";
import { LabName, labNames, ownProfile, project, Settings } from "../../config";
import { Edition, manifest, provisionedWith } from "../causes/edition";
import { ofMinikube } from "../causes/remedies";
import { Outputs } from "../../outputs";
import { Text } from "../../text";

/** The compose lab by hand. */
const compose = "docker compose --file docker/compose/compose.yaml";
const composeUp = `${compose} up --detach --wait`;

export interface Choice {
  /** Labs to look at. @default those that are on */
  labs?: readonly LabName[];
  /** Name of the image that the student commits in the registry lab. @default "mine:1" */
  committed?: string;
  /** Whether the registry lab was cleaned up. @default false */
  cleanedUp?: boolean;
}

/**
 * What to check: what `up` deployed, located by the stack's outputs.
 * @param outputs undefined for what the student made by hand, with the names and ports of the same settings
 */
export function targetOf(settings: Settings, outputs: Partial<Outputs> | undefined, choice: Choice = {}) {
  const byHand = outputs === undefined;
  const names = labObjects(settings);
  const up = upAgain(settings, outputs);
  const { bindAddress, redisPort, composePort } = settings;
  const host = localHost(bindAddress);
  const labs = labNames.filter((lab) => (choice.labs ?? outputs?.labs ?? settings.labs).includes(lab));
  const { imageName, containerName } = names.redis;
  const redis = outputs?.redis ?? { host, port: redisPort, image: imageName, container: containerName };
  const registry = outputs?.registry ?? {
    image: settings.registryImage,
    container: names.registry.containerName,
  };
  const publish = `${bindAddress}:${redis.port}:6379`;
  const build = `docker build --tag ${redis.image} docker/redis`;
  const run = `docker run --detach --name ${redis.container} --publish ${publish} ${redis.image}`;
  const buildArgs: Record<string, string> = byHand ? {} : { BASE_IMAGE: settings.redisBaseImage };
  const containers: { mysql: string; wordpress: string } | { project: string } = byHand
    ? { project: `${settings.prefix}wordpress` }
    : { mysql: names.compose.mysqlName, wordpress: names.compose.wordpressName };
  const edition: Begun = byHand ? appliedByHand(settings) : { ...provisionedWith(up), begin: up };
  return {
    byHand,
    labs,
    redis: {
      ...redis,
      baseImage: settings.redisBaseImage,
      dockerfile: "docker/redis/Dockerfile",
      buildArgs,
      /** The only address that the port may be published on. */
      bindAddress,
      /** Command that builds the image if it is missing, and runs it. */
      build: byHand ? `${build}; ${run}` : up,
      /** Command that creates the container if it is missing. */
      make: byHand ? run : up,
    },
    registry: {
      ...registry,
      committed: choice.committed ?? "mine:1",
      cleanedUp: choice.cleanedUp ?? false,
      /** Images that other labs need, which a clean-up must keep. */
      others: [
        ...(labs.includes("redis") ? [redis.image] : []),
        ...(labs.includes("compose") ? [settings.mysqlImage, settings.wordpressImage] : []),
        ...(labs.includes("redis") && !byHand ? [settings.redisBaseImage] : []),
      ],
      make: byHand ? `docker run --detach --name ${registry.container} ${registry.image} sleep infinity` : up,
      /** Command that pulls a missing image. Only `up` can build images that cannot be pulled. */
      get: (image: string) => {
        if (!byHand) return up;
        return image === redis.image ? build : `docker pull ${image}`;
      },
    },
    compose: {
      url: outputs?.compose?.url ?? `http://${hostAndPort(host, composePort)}`,
      port: composePort,
      bindAddress,
      mysqlImage: settings.mysqlImage,
      wordpressImage: settings.wordpressImage,
      /** How the containers are found: by name, or as services of a compose project. */
      containers,
      make: byHand ? composeUp : up,
      /** Command that re-creates the lab; stored data is lost. */
      anew: byHand ? `${compose} down --volumes; ${composeUp}` : `npm run destroy -- --labs compose; ${up}`,
    },
    kubernetes: {
      context: settings.kubeContext,
      namespace: outputs?.kubernetes?.namespace ?? settings.kubernetesNamespace,
      node: settings.kubeNode,
      nodePort: outputs?.kubernetes?.port ?? settings.nodePort,
      /** Host that people open. @default the node's address */
      host: nodeHost(settings),
      /** Address of WordPress that was printed. @default made of the host and the port */
      url: outputs?.kubernetes?.url,
      /** How long a drill waits for a new pod, in milliseconds. */
      patience: 120_000,
      ...edition,
      /** How the cluster is started. */
      start: startOf(settings.kubeContext, up),
    },
  };
}

export type Target = ReturnType<typeof targetOf>;
export type RedisTarget = Target["redis"];
export type RegistryTarget = Target["registry"];
export type ComposeTarget = Target["compose"];
export type KubernetesTarget = Target["kubernetes"];

/** Command that deploys the same labs again. Without `--labs`, it would also deploy labs that were left out. */
function upAgain({ labs: on }: Settings, outputs: Partial<Outputs> | undefined): string {
  const labs = outputs?.labs ?? on;
  return on.every((lab) => labs.includes(lab)) ? "npm run up" : `npm run up -- --labs ${labs.join()}`;
}

interface Begun extends Edition {
  /** How to create the lab from nothing. */
  begin: Text | string;
}

/** The commands for the manifest, with its context, which may not be kubectl's current one. */
function appliedByHand({ kubeContext, kubernetesNamespace }: Settings): Begun {
  const kubectl = `kubectl --context ${kubeContext}`;
  return {
    byHand: true,
    make: `${kubectl} apply --filename ${manifest}`,
    anew: `${kubectl} delete namespace ${kubernetesNamespace}`,
    // The namespace and the Secret are not in the file.
    begin: {
      en: `Run the commands at the top of ${manifest}, each kubectl with --context ${kubeContext}`,
      ko: `${manifest} 파일 맨 위의 명령을 실행하세요. 모든 kubectl 명령에 --context ${kubeContext} 옵션을 붙입니다`,
    },
  };
}

/** Only for clusters of minikube is the way to start them known. */
function startOf(context: string, up: string): Text | string {
  if (context === ownProfile) return up;
  if (ofMinikube(context)) return `minikube start --profile ${context}`;
  return {
    en: `Start the cluster of context ${context}, or choose another in the stack's file (${project}:kubeContext)`,
    ko: `${context} 컨텍스트의 클러스터를 시작하거나 스택 파일에서 다른 컨텍스트를 고르세요 (${project}:kubeContext)`,
  };
}
