import { labOf, nameOf } from "./labs";
import { Change } from "./model";
import { Registered } from "./register";
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
  "kubernetes:core/v1:Secret": (path) => /^(data|stringData|type|immutable)\b/.test(path),
};

/** A Kubernetes object is what it is called. */
const isKubernetesName = (type: string, path: string) =>
  type.startsWith("kubernetes:") && /^(metadata\.(name|namespace)$|apiVersion$|kind$)/.test(path);

const known = (type: string) => type in replacing || /^(kubernetes:|docker:index\/image:)/.test(type);

/**
 * What differs between two programs, told without an engine: what is replaced is read from a table, what is running is
 * not looked at. A change of a type that is not in the table counts as a replacement, so that no harm is passed over.
 */
export function compare(base: readonly Registered[], head: readonly Registered[]): Change[] {
  const parents = new Map([...base, ...head].map(({ urn, parent }) => [urn, parent]));
  const made = (list: readonly Registered[]) => new Map(list.filter(({ read }) => !read).map((r) => [r.urn, r]));
  const [old, now] = [made(base), made(head)];

  return [...new Set([...old.keys(), ...now.keys()])].flatMap((urn): Change[] => {
    const [was, is] = [old.get(urn), now.get(urn)];
    const { type } = (was ?? is)!;
    const about = {
      urn,
      lab: labOf(urn, parents),
      type,
      name: nameOf(urn),
      basis: "programs" as const,
      already: false,
    };
    if (!was) return [{ ...about, op: "create", properties: [], after: plain(is!.inputs, type) }];
    const before = plain(was.inputs, type);
    if (!is) return [{ ...about, op: "delete", properties: [], before }];
    const after = plain(is.inputs, type);
    const ignored = (path: string) =>
      is.ignoreChanges.some((key) => path === key || (/^[.[]/.test(path.slice(key.length)) && path.startsWith(key)));
    const properties = differences(before, after)
      .filter(({ path }) => !ignored(path))
      .map(({ path, old, new: now }) => ({
        path,
        ...(old === undefined ? {} : { old: shown(old) }),
        ...(now === undefined ? {} : { new: shown(now) }),
        forcesReplacement: !known(type) || isKubernetesName(type, path) || (replacing[type]?.(path) ?? false),
      }));
    for (const path of hidden(was, is)) {
      if (ignored(path) || properties.some((property) => property.path.startsWith(path))) continue;
      properties.push({ path, old: secret, new: secret, forcesReplacement: replacing[type]?.(path) ?? !known(type) });
    }
    if (properties.length === 0) return [];
    const op = properties.some(({ forcesReplacement }) => forcesReplacement) ? "replace" : "update";
    return [{ ...about, op, properties, before, after }];
  });
}

/** The properties that differ, secrets and all. */
function hidden(was: Registered, is: Registered): string[] {
  const keys = new Set([...Object.keys(was.inputs), ...Object.keys(is.inputs)]);
  return [...keys].filter((key) => JSON.stringify(was.inputs[key]) !== JSON.stringify(is.inputs[key]));
}
