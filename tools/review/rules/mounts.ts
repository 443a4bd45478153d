import { podOf } from "../openings";
import { isDatabase } from "../resources/images";
import { Change, Inputs } from "../resources/model";
import { at, objectsAt, shown } from "../resources/values";

/** Something that a container sees in place of a folder of its own. */
export interface Mount {
  /** What is mounted, equal for the same before and after a change; nothing where it goes with the container. */
  stored?: string;
  /** The volume or the claim, where it is one: `wordpress/mysql-data`. */
  volume?: string;
  target: string;
  readOnly: boolean;
  container?: string;
  image: string;
  /** It is there to be read, such as a file of settings or a socket: nothing is stored in it. */
  given?: boolean;
  /** It has no name, so that another container does not get it. */
  anonymous?: boolean;
}

/** Folders and files of a machine that are its own, and no place for data. */
const isGiven = (source: string, target: string, readOnly: boolean) =>
  readOnly || /^\/(proc|sys|dev|etc|run|var\/run)(\/|$)|\.sock$/.test(source) || /\.[a-z]+$/.test(target);

const folder = (path: unknown) => shown(path).replace(/(?<=.)\/+$/, "");

function ofContainer(inputs: Inputs | undefined): Mount[] {
  const image = shown(inputs?.image);
  const mount = (target: unknown, kind: string | undefined, name: unknown, readOnly: unknown): Mount => {
    const about = { target: folder(target), readOnly: readOnly === true, image };
    if (kind === undefined) return about;
    if (name === undefined || name === "") return { ...about, stored: "a volume without a name", anonymous: true };
    const stored = shown(name);
    return {
      ...{ ...about, stored },
      ...(kind === "volume" ? { volume: stored } : {}),
      ...(kind === "bind" && isGiven(stored, about.target, about.readOnly) ? { given: true } : {}),
    };
  };
  return [
    ...objectsAt(inputs, "volumes").map((v) =>
      v.fromContainer === undefined
        ? mount(v.containerPath, v.hostPath === undefined ? "volume" : "bind", v.hostPath ?? v.volumeName, v.readOnly)
        : mount("*", "container", `the volumes of ${shown(v.fromContainer)}`, v.readOnly),
    ),
    ...objectsAt(inputs, "mounts").map((m) =>
      mount(m.target, m.type === "tmpfs" ? undefined : shown(m.type ?? "volume"), m.source, m.readOnly),
    ),
    ...Object.keys(inputs?.tmpfs ?? {}).map((target) => mount(target, undefined, undefined, false)),
  ];
}

/** Kinds of volumes in a pod that hold nothing that anybody stored. */
const passing = /^(emptyDir|configMap|secret|projected|downwardAPI|ephemeral|image)$/;

/** What a volume of a pod is, whatever it is called there. */
function ofVolume(volume: Record<string, unknown> | undefined, namespace: string): Partial<Mount> {
  const [kind, about] = Object.entries(volume ?? {}).find(([key]) => key !== "name") ?? [];
  if (kind === undefined || passing.test(kind)) return {};
  const readOnly = at(about, "readOnly") === true;
  if (kind === "persistentVolumeClaim") {
    const claim = `${namespace}${shown(at(about, "claimName"))}`;
    return { stored: claim, volume: claim, readOnly };
  }
  const rest = Object.entries(about as Inputs).filter(([key]) => key !== "readOnly");
  if (kind === "hostPath") return { stored: shown(at(about, "path")), given: true };
  return { stored: `${kind} ${JSON.stringify(rest)}`, readOnly };
}

function ofPod(type: string, inputs: Inputs | undefined): Mount[] {
  const pod = podOf(type, inputs);
  const space = at(inputs, "metadata.namespace");
  const namespace = space === undefined ? "" : `${shown(space)}/`;
  const volumes = new Map(objectsAt(pod, "volumes").map((v) => [v.name, ofVolume(v, namespace)]));
  return objectsAt(pod, "containers").flatMap((container) =>
    objectsAt(container, "volumeMounts").map((m): Mount => {
      const { stored, ...volume } = volumes.get(m.name) ?? {};
      const part = m.subPath ?? m.subPathExpr;
      return {
        ...volume,
        ...(stored === undefined ? {} : { stored: part === undefined ? stored : `${stored}/${shown(part)}` }),
        // Of the node, not a volume of the cluster.
        ...(volume.given ? { given: isGiven(stored ?? "", folder(m.mountPath), m.readOnly === true) } : {}),
        target: folder(m.mountPath),
        readOnly: m.readOnly === true || volume.readOnly === true,
        container: shown(container.name),
        image: shown(container.image),
      };
    }),
  );
}

export const mountsOf = (type: string, inputs: Inputs | undefined): Mount[] =>
  type === "docker:index/container:Container" ? ofContainer(inputs) : ofPod(type, inputs);

const databasePath = /^(?!\/etc\/).*\/(mysql|mariadb|postgresql|mongodb|cassandra)\b|\/data\/db\b/;

/** Whether a mount holds the files of a database; of a container on Docker, whose image may be an id, the folder tells. */
export const holdsDatabase = ({ stored, image, target, container }: Mount) =>
  stored !== undefined && (isDatabase(image) || (container === undefined && databasePath.test(target)));

export const keepsDatabase = ({ type, before, after }: Change): boolean =>
  [before, after].some((inputs) => mountsOf(type, inputs).some(holdsDatabase));
