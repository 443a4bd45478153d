import type { V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { imageOf } from "./edition";
import { Cause, Finding } from "./finding";
import { brief, Case, eventsOf, titleOf, workloadOf } from "./objects";
import { roomRemedy } from "./remedies";

/** What a log says outright, and what it means. The first that fits counts. */
const logProblems: {
  cause: Cause;
  says: RegExp;
  /** Whether what it says is about this container. @default always */
  fits?: (line: string, container: V1Container | undefined) => boolean;
  told: (title: string, workload: string, objects: Case) => Omit<Finding, "cause" | "evidence">;
}[] = [
  {
    cause: "volume full",
    says: /[^\n]*(?:No space left on device|Disk is full|OS errno 28|disk full)[^\n]*/i,
    told: (title, workload, objects) => ({
      what: { en: `${title} cannot write.`, ko: `${title} 이(가) 쓸 수 없습니다.` },
      why: { en: "Its volume is full.", ko: "볼륨이 가득 찼습니다." },
      next: roomRemedy(objects, workload),
    }),
  },
  {
    cause: "half-made database",
    says: /[^\n]*(?:--initialize specified but the data directory has files in it|designated data directory [^\n]* is unusable)[^\n]*/,
    told: (title, _workload, { edition }) => ({
      what: { en: `${title} does not start.`, ko: `${title} 이(가) 시작하지 못합니다.` },
      why: {
        en: "Its first start did not get to its end (it was stopped, or there was no room), and left a database that cannot be used.",
        ko: "첫 시작이 끝나지 못해 (중단되었거나 공간이 없어서) 쓸 수 없는 데이터베이스가 남았습니다.",
      },
      next: {
        en: `Begin with new volumes (this database was never finished; what WordPress has stored, its uploads too, goes with it): ${edition.anew}`,
        ko: `볼륨을 새로 만드세요 (이 데이터베이스는 완성된 적이 없지만, WordPress가 저장한 업로드 등은 함께 사라집니다): ${edition.anew}`,
      },
    }),
  },
  {
    cause: "older database",
    says: /[^\n]*(?:downgrade[^\n]*not (?:supported|permitted)|Invalid MySQL server downgrade|Cannot downgrade)[^\n]*/i,
    told: (title, workload, { edition }) => ({
      what: { en: `${title} does not start.`, ko: `${title} 이(가) 시작하지 못합니다.` },
      why: {
        en: "Its volume was written by a newer version, and there is no way back.",
        ko: "볼륨을 더 새로운 버전이 기록했고, 되돌릴 수 없습니다.",
      },
      next: {
        en: `Put ${imageOf(workload, edition).en} back to the newer one, then: ${edition.make}`,
        ko: `${imageOf(workload, edition).ko} 을(를) 더 새로운 것으로 되돌린 뒤: ${edition.make}`,
      },
    }),
  },
  {
    cause: "wrong password",
    says: /Access denied for user[^\n]*/,
    // A probe may ask as somebody else, whose password the volume does not have either.
    fits: (line, container) => {
      const own = container?.env?.find(({ name }) => name === "MYSQL_USER" || name === "WORDPRESS_DB_USER")?.value;
      return own === undefined || line.includes(`'${own}'`);
    },
    told: (_title, _workload, { edition }) => ({
      // Also where MySQL's own log or probe is what says it.
      workload: "wordpress",
      what: { en: "WordPress cannot log in to its database.", ko: "WordPress 가 데이터베이스에 로그인하지 못합니다." },
      why: {
        en: "MySQL takes its passwords only when its volume is new, and this volume has other ones.",
        ko: "MySQL 은 볼륨이 새것일 때만 암호를 받아들이는데, 이 볼륨에는 다른 암호가 있습니다.",
      },
      next: {
        en: `Give both the old passwords back, where you know them; or begin with new volumes (posts and uploads are lost): ${edition.anew}`,
        ko: `이전 암호를 안다면 둘에 되돌려 주세요. 아니면 볼륨을 새로 만드세요 (글과 업로드가 사라집니다): ${edition.anew}`,
      },
    }),
  },
];

/** What the log of a container, or the probe that asks it, says outright. */
export function logFinding(pod: V1Pod, { name }: V1ContainerStatus, objects: Case): Finding | undefined {
  const workload = workloadOf(pod);
  const probes = eventsOf(objects, "Pod", pod.metadata?.name).filter(({ reason }) => reason === "Unhealthy");
  const text = [objects.logs[`${pod.metadata?.name}/${name}`], probes.at(-1)?.message].filter(Boolean).join("\n");
  const container = pod.spec?.containers.find((one) => one.name === name);
  for (const { cause, says, fits, told } of logProblems) {
    const line = says.exec(text)?.[0];
    if (line && (fits?.(line, container) ?? true))
      return { cause, ...told(titleOf(workload), workload, objects), evidence: [brief(line)] };
  }
  return undefined;
}
