import { labOf, nameOf } from "./labs";
import { Change } from "./model";
import { digest, Registered, secretSignature, trigger } from "./register";
import { differences, plain, secret, shown } from "./values";

/** Properties of a container that Docker changes while it runs; every other one makes it anew. */
const containerUpdates =
  /^(cpu(Period|Quota|Set|Shares)|memory(Reservation|Swap)?|restart|maxRetryCount|healthcheck|tmpfs|attach|logs|start|wait(Timeout)?|mustRun|rm|removeVolumes|destroyGraceSeconds|containerReadRefreshTimeoutMilliseconds)\b/;

/**
 * Which properties make a resource anew, as the plugins have it: what is asked where no engine can be.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/replaceonchanges/
 */
const replacing: Record<string, (path: string) => boolean> = {
  "docker:index/container:Container": (path) => !containerUpdates.test(path),
  "docker:index/network:Network": () => true,
  "docker:index/volume:Volume": () => true,
  "docker:index/remoteImage:RemoteImage": (path) => /^(name|platform|triggers|pullTriggers)\b/.test(path),
  "random:index/randomId:RandomId": () => true,
  "random:index/randomPassword:RandomPassword": () => true,
  "kubernetes:core/v1:PersistentVolumeClaim": (path) =>
    path.startsWith("spec.") && !path.startsWith("spec.resources.requests"),
  "kubernetes:apps/v1:Deployment": (path) => path.startsWith("spec.selector"),
  "kubernetes:apps/v1:StatefulSet": (path) =>
    path.startsWith("spec.") &&
    !/^spec\.(replicas|ordinals|template|updateStrategy|persistentVolumeClaimRetentionPolicy|minReadySeconds)\b/.test(
      path,
    ),
  "kubernetes:storage.k8s.io/v1:StorageClass": (path) =>
    /^(parameters|provisioner|reclaimPolicy|volumeBindingMode)\b/.test(path),
  "kubernetes:core/v1:PersistentVolume": (path) =>
    path.startsWith("spec.") &&
    !/^spec\.(capacity|accessModes|claimRef|mountOptions|persistentVolumeReclaimPolicy)\b/.test(path),
  "kubernetes:core/v1:Secret": (path) => /^(data|stringData|type|immutable)\b/.test(path),
};

/** A Kubernetes object is what it is called. */
const isKubernetesName = (type: string, path: string) =>
  type.startsWith("kubernetes:") && /^(metadata\.(name|namespace)$|apiVersion$|kind$)/.test(path);

const known = (type: string) => type in replacing || /^(kubernetes:|docker:index\/image:)/.test(type);

/** Inputs with something else in the place of every secret; a variable keeps its name, by which it is found in a list. */
function sealed(value: unknown, seal: (secret: unknown) => string, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => sealed(item, seal, key));
  if (typeof value !== "object" || value === null) return value;
  if (secretSignature in value) {
    const { value: inside } = value as { value?: unknown };
    const variable = key === "envs" && typeof inside === "string" ? /^[A-Za-z_]\w*=/.exec(inside)?.[0] : undefined;
    return `${variable ?? ""}${seal(inside)}`;
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sealed(item, seal, name)]));
}

/** Whether one path is the other, or leads through it. */
const touches = (a: string, b: string) => a === b || [".", "["].some((next) => a.startsWith(b + next));

/** The paths that differ, each with what may be shown of it: of what is not to be seen only that it differs. */
function differing(was: Registered, is: Registered): { path: string; old?: unknown; new?: unknown }[] {
  const visible = differences(shownOf(was), shownOf(is));
  const [old, now] = [sealed(was.inputs, digest), sealed(is.inputs, digest)];
  const hidden = differences(old, now)
    .filter(({ path }) => !/(^|\.)__/.test(path))
    .filter(({ path }) => !visible.some((seen) => touches(seen.path, path) || touches(path, seen.path)))
    .map(({ path }) => ({ path, old: secret, new: secret }));
  return [...visible, ...hidden];
}

const shownOf = ({ inputs, type }: Registered) =>
  plain(
    sealed(inputs, () => secret),
    type,
  );

/** What a program makes, and does not only look up. */
export const made = (list: readonly Registered[]): Resources =>
  new Map(list.filter(({ read }) => !read).map((r) => [r.urn, r]));

type Resources = ReadonlyMap<string, Registered>;

/** By which URN the base has what the head says was known by another. */
export function formerly(old: Resources, now: Resources): Map<string, string> {
  const former = new Map<string, string>();
  for (const [urn, { aliases = [] }] of now) {
    const alias = old.has(urn) ? undefined : aliases.find((alias) => old.has(alias) && !now.has(alias));
    if (alias !== undefined) former.set(urn, alias);
  }
  return former;
}

/**
 * What differs between two programs, told without an engine: what is replaced is read from a table, what is running is
 * not looked at. A change of a type that is not in the table counts as a replacement, so that no harm is passed over.
 */
export function compare(base: readonly Registered[], head: readonly Registered[]): Change[] {
  const parents = new Map([...base, ...head].map(({ urn, parent }) => [urn, parent]));
  const [old, now] = [made(base), made(head)];

  const former = formerly(old, now);
  const renamed = new Set(former.values());
  const urns = [...old.keys()].filter((urn) => !renamed.has(urn));

  return [...new Set([...urns, ...now.keys()])].flatMap((urn): Change[] => {
    const [was, is] = [old.get(former.get(urn) ?? urn), now.get(urn)];
    const { type } = (is ?? was)!;
    const about = {
      urn,
      lab: labOf(urn, parents),
      type,
      name: nameOf(urn),
      basis: "programs" as const,
      already: false,
    };
    if (!was) return [{ ...about, op: "create", properties: [], after: shownOf(is!) }];
    const before = shownOf(was);
    if (!is) return [{ ...about, op: "delete", properties: [], before }];
    const after = shownOf(is);
    const properties = differing(was, is)
      .filter(({ path }) => !is.ignoreChanges.some((key) => touches(path, key)))
      .map(({ path, old, new: now }) => ({
        path,
        ...(old === undefined ? {} : { old: shown(old) }),
        ...(now === undefined ? {} : { new: shown(now) }),
        forcesReplacement:
          path === trigger
            ? old !== undefined && now !== undefined
            : !known(type) ||
              isKubernetesName(type, path) ||
              (replacing[type]?.(path) ?? false) ||
              (is.replaceOnChanges ?? []).some((key) => key === "*" || touches(path, key)),
      }));
    if (properties.length === 0) return [];
    const op = properties.some(({ forcesReplacement }) => forcesReplacement) ? "replace" : "update";
    return [{ ...about, op, properties, before, after }];
  });
}
