import { familiarName } from "../../docker/image-names";
import { docker, reason } from "../../docker/docker";

/** A port of a container that is published on this machine. */
export interface PublishedPort {
  /** Port inside, such as "6379/tcp". */
  inside: string;
  /** Address of this machine, such as "127.0.0.1"; "0.0.0.0" and "::" are all of them. */
  address: string;
  port: number;
}

interface Network {
  name: string;
  address: string;
  /** Missing if the network has no IPv6 addresses. */
  address6?: string;
  aliases: string[];
}

type Labels = Record<string, string> | null;
interface RawContainer {
  Id: string;
  Name: string;
  Image: string;
  RestartCount: number;
  State: {
    Status: string;
    Running: boolean;
    ExitCode: number;
    OOMKilled: boolean;
    StartedAt: string;
    FinishedAt: string;
    Error: string;
    Health?: { Status: string } | null;
  };
  Config: { Image: string; Labels: Labels };
  HostConfig: { RestartPolicy: { Name: string } };
  Mounts: { Type: string; Name?: string; Source?: string; Destination: string; RW: boolean }[];
  NetworkSettings: {
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
    Networks: Record<string, { IPAddress: string; GlobalIPv6Address?: string; Aliases: string[] | null }>;
  };
}
interface RawImage {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  /** This and the next are missing if nothing of the image is here for this machine's platform. */
  RootFS?: { Layers?: string[] | null } | null;
  Config?: RawConfig | null;
}
interface RawConfig {
  Cmd?: string[] | null;
  Entrypoint?: string[] | null;
  Env?: string[] | null;
  ExposedPorts?: Record<string, unknown> | null;
  Healthcheck?: Record<string, unknown> | null;
  Labels?: Labels;
  OnBuild?: string[] | null;
  Shell?: string[] | null;
  StopSignal?: string;
  User?: string;
  Volumes?: Record<string, unknown> | null;
  WorkingDir?: string;
}

/** A container as `docker inspect` describes it, without its environment, which contains passwords. */
export const readContainer = ({ State: state, Config, HostConfig, NetworkSettings, ...raw }: RawContainer) => ({
  id: raw.Id,
  name: raw.Name.replace(/^\//, ""),
  /** Id of its image. */
  image: raw.Image,
  /** Its image as it was typed. */
  imageName: Config.Image,
  status: state.Status,
  running: state.Running,
  health: state.Health?.Status,
  exitCode: state.ExitCode,
  outOfMemory: state.OOMKilled,
  restarts: raw.RestartCount,
  restartPolicy: HostConfig.RestartPolicy.Name,
  startedAt: state.StartedAt,
  /** In the year 1 if it has not ended yet. */
  finishedAt: state.FinishedAt,
  error: state.Error,
  labels: Config.Labels ?? {},
  ports: Object.entries(NetworkSettings.Ports ?? {}).flatMap(([inside, on]) =>
    (on ?? []).map(({ HostIp, HostPort }): PublishedPort => ({ inside, address: HostIp, port: Number(HostPort) })),
  ),
  networks: Object.entries(NetworkSettings.Networks).map(
    ([name, { IPAddress, GlobalIPv6Address, Aliases }]): Network => ({
      name,
      address: IPAddress,
      ...(GlobalIPv6Address ? { address6: GlobalIPv6Address } : {}),
      aliases: Aliases ?? [],
    }),
  ),
  mounts: raw.Mounts.map(({ Type, Name, Source, Destination, RW }) => ({
    /** "volume", "bind" or "tmpfs". */
    type: Type,
    /** Name of a volume, or else the source. */
    name: Name ?? Source ?? "",
    /** Folder inside the container. */
    path: Destination,
    writable: RW,
  })),
});

export type Container = ReturnType<typeof readContainer>;
export type Mount = Container["mounts"][number];

export function readImage(raw: RawImage) {
  const config = raw.Config ?? {};
  return {
    id: raw.Id,
    /** Names with tags, such as "redis:v1.0". */
    names: raw.RepoTags ?? [],
    /** Where it was pulled from, such as "debian@sha256:…". */
    digests: raw.RepoDigests ?? [],
    layers: raw.RootFS?.Layers ?? [],
    command: config.Cmd ?? [],
    labels: config.Labels ?? {},
    /** What it is run with, as equivalent instructions of a Dockerfile, by names such as "ENV TZ". */
    settings: settingsOf(config),
  };
}

export type Image = ReturnType<typeof readImage>;

/** The objects that Docker has at one moment. */
export interface DockerFacts {
  containers: Container[];
  images: Image[];
}

/** What a container is run with, as instructions. Defaults, such as USER root, are left out. */
function settingsOf(config: RawConfig): Record<string, string> {
  const list = (texts: readonly string[] | null = []) =>
    texts?.length ? `[${texts.map((text) => JSON.stringify(text)).join(", ")}]` : "";
  const single = {
    CMD: list(config.Cmd),
    ENTRYPOINT: list(config.Entrypoint),
    SHELL: list(config.Shell),
    STOPSIGNAL: config.StopSignal,
    USER: config.User?.replace(/^(?:root|0)(?::(?:root|0))?$/, ""),
    WORKDIR: config.WorkingDir?.replace(/^\/$/, ""),
    HEALTHCHECK: config.Healthcheck && JSON.stringify(config.Healthcheck),
    ONBUILD: config.OnBuild?.join("; "),
  };
  const several = {
    ENV: config.Env ?? [],
    EXPOSE: Object.keys(config.ExposedPorts ?? {}),
    LABEL: Object.entries(config.Labels ?? {}).map(([key, value]) => `${key}=${value}`),
    VOLUME: Object.keys(config.Volumes ?? {}),
  };
  return Object.fromEntries([
    ...Object.entries(single).flatMap(([name, value]) => (value ? [[name, `${name} ${value}`]] : [])),
    ...Object.entries(several).flatMap(([name, values]) =>
      values.map((value) => [`${name} ${value.split("=")[0]}`, `${name} ${value}`]),
    ),
  ]) as Record<string, string>;
}

/** Inspects every object of a kind; lists them again if one is removed meanwhile. */
async function all<Raw>(kind: "container" | "image"): Promise<Raw[]> {
  for (let tries = 3; ; tries--) {
    const ids = (await docker(kind, "ls", "--quiet", "--all", "--no-trunc")).split("\n").filter(Boolean);
    if (ids.length === 0) return [];
    try {
      return JSON.parse(await docker(kind, "inspect", ...new Set(ids))) as Raw[];
    } catch (error) {
      if (tries === 0 || !/no such/i.test(reason(error))) throw error;
    }
  }
}

/** Looks at the containers and images that Docker has. @see https://docs.docker.com/reference/cli/docker/inspect/ */
export async function dockerFacts(): Promise<DockerFacts> {
  const [containers, images] = await Promise.all([all<RawContainer>("container"), all<RawImage>("image")]);
  return { containers: containers.map(readContainer), images: images.map(readImage) };
}

export async function imageWithId(id: string): Promise<Image> {
  const [raw] = JSON.parse(await docker("image", "inspect", id)) as [RawImage];
  return readImage(raw);
}

/** The image with exactly this name. If a name has a tag and a digest, Docker uses only the digest. */
export function imageNamed({ images }: DockerFacts, name: string): Image | undefined {
  const wanted = familiarName(name).replace(/:[^/@]*(?=@)/, "");
  return images.find(({ names, digests }) => [...names, ...digests].map(familiarName).includes(wanted));
}

/**
 * Whether a container was restarted so few seconds ago that it may well end again: in a crash loop, there are moments when it
 * is running.
 * @see https://docs.docker.com/engine/containers/start-containers-automatically/ where 10 seconds make a start a success
 */
export function startedAgain({ status, restarts, startedAt }: Container, now = Date.now()): boolean {
  // If Docker's clock differs much, as in a virtual machine, the moment of the start is unknown.
  return status === "running" && restarts > 0 && Math.abs(now - Date.parse(startedAt)) < 10_000;
}

/**
 * Whether a container's command ended by itself right after its start: another start would not help. Docker records the
 * start of a short command some milliseconds after its end.
 */
export function endedAtOnce({ status, exitCode, startedAt, finishedAt }: Container): boolean {
  const ran = Date.parse(finishedAt) - Date.parse(startedAt);
  return status === "exited" && exitCode !== 137 && Math.abs(ran) < 3000;
}

export const containerNamed = ({ containers }: DockerFacts, name: string): Container | undefined =>
  containers.find((container) => container.name === name);
