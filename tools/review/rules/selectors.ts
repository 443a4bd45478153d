import { podOf, runsPods } from "../openings";
import { Change, Inputs } from "../resources/model";
import { at, isObject, objectsAt } from "../resources/values";

type Labels = Record<string, unknown>;

const has = (labels: unknown, wanted: Labels) =>
  isObject(labels) && Object.entries(wanted).every(([key, value]) => labels[key] === value);

/**
 * What a resource was, with the labels and port names by which it finds its pods now, where these pods got them in the same
 * change: to call pods something else leads nobody elsewhere.
 */
export function followed({ lab, before, after }: Change, changes: readonly Change[]): Inputs | undefined {
  const pods = changes.filter((other) => other.lab === lab && runsPods(other.type) && other.before && other.after);
  if (!before || !after || pods.length === 0) return before;
  const isSame = (old: Labels, now: Labels) =>
    pods.some(
      (pod) =>
        has(at(pod.before, "spec.template.metadata.labels"), old) &&
        has(at(pod.after, "spec.template.metadata.labels"), now),
    );
  /** A port of the pods that has got a name, and goes by that. */
  const isNamed = (name: string, port: unknown) =>
    pods.some((pod) =>
      objectsAt(podOf(pod.type, pod.after), "containers")
        .flatMap((container) => objectsAt(container, "ports"))
        .some((one) => one.name === name && one.containerPort === port),
    );
  const follow = (old: unknown, now: unknown, name: string): unknown => {
    if (Array.isArray(old) && Array.isArray(now)) return old.map((item, i) => follow(item, now[i], name));
    if (!isObject(old) || !isObject(now)) return old;
    if (name === "ports" && typeof now.targetPort === "string" && isNamed(now.targetPort, old.targetPort ?? old.port))
      return { ...old, targetPort: now.targetPort };
    if ((name === "selector" || name === "matchLabels") && isSame(old, now)) return now;
    return Object.fromEntries(Object.entries(old).map(([key, item]) => [key, follow(item, now[key], key)]));
  };
  return follow(before, after, "") as Inputs;
}
