import { Text } from "../../../text";
import { called } from "../resources/labs";
import { Change, Warning } from "../resources/model";
import { at, shown } from "../resources/values";
import { keepsDatabase } from "./mounts";
import { Context } from "./rule";

/** For how long, in seconds, somebody who uses a lab notices; measured on a laptop with the images at hand. */
const seconds = { database: 30, website: 15, other: 5 };

/** Whether nobody can use it while this change is applied. */
function stops({ op, type, properties, before }: Change): boolean {
  if (type === "docker:index/container:Container") return op === "replace" || op === "delete";
  if (type !== "kubernetes:apps/v1:Deployment") return op === "replace" && /:(Service|Network|Namespace)$/.test(type);
  if (op === "replace" || op === "delete") return true;
  const restarts = op === "update" && properties.some(({ path }) => path.startsWith("spec.template"));
  // A rolling update starts the new pod before it stops the old one.
  return restarts && shown(at(before, "spec.strategy.type") ?? "RollingUpdate") === "Recreate";
}

function lasts(change: Change): number {
  if (keepsDatabase(change)) return seconds.database;
  return /wordpress/i.test(change.name) && !change.type.endsWith(":Service") ? seconds.website : seconds.other;
}

const gets = ({ type, op, properties }: Change) =>
  op !== "delete" &&
  (/:(RemoteImage|Image)$/.test(type)
    ? op === "create" || properties.length > 0
    : properties.some(({ path }) => /containers\[[^\]]*\]\.image$/.test(path)));

export function interruptions({ changes, removed, added }: Context): Warning[] {
  const labs = [...new Set(changes.map(({ lab }) => lab))];
  return labs.flatMap((lab): Warning[] => {
    const of = changes.filter((change) => change.lab === lab);
    const already = of.every((change) => change.already);
    const about = { kind: "interruption" as const, dangerous: false, lab, ...(already ? { already } : {}) };
    if (removed.has(lab)) {
      const text: Text = {
        en: `Lab \`${lab}\` goes away, with everything that it runs.`,
        ko: `\`${lab}\` 실습이 그 안에서 실행되던 모든 리소스와 함께 없어집니다.`,
      };
      return [{ ...about, text }];
    }
    const stopping = added.has(lab) ? [] : of.filter(stops);
    if (stopping.length === 0) return [];
    // Docker's parts wait for each other, a cluster's start at once.
    const times = stopping.map(lasts);
    const docker = stopping.some(({ type }) => type.startsWith("docker:"));
    const total = docker ? times.reduce((a, b) => a + b, 0) : Math.max(...times);
    const names = stopping.map((change) => `\`${called(change)}\``).join(", ");
    const image = of.some(gets)
      ? { en: ", plus the time to get the image", ko: "와 이미지를 준비하는 시간" }
      : { en: "", ko: "" };
    const text: Text = {
      en: `Lab \`${lab}\` is down for roughly ${total} s${image.en}: restarting ${names}.`,
      ko: `\`${lab}\` 실습이 약 ${total}초${image.ko} 동안 멈춥니다. 다시 시작되는 리소스: ${names}.`,
    };
    return [{ ...about, text }];
  });
}
