import type { V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { imageOf } from "./edition";
import { Cause, Problem } from "./problem";
import { brief, Case, eventsOf, titleOf, workloadOf } from "./objects";
import { roomRemedy } from "./remedies";

/** What a log says outright, and what it means. The first that fits counts. */
const logProblems: {
  cause: Cause;
  says: RegExp;
  /** Whether what it says is about this container. @default always */
  fits?: (line: string, container: V1Container | undefined) => boolean;
  told: (title: string, workload: string, objects: Case) => Omit<Problem, "cause" | "evidence">;
}[] = [
  {
    cause: "volume full",
    says: /[^\n]*(?:No space left on device|Disk is full|OS errno 28|disk full)[^\n]*/i,
    told: (title, workload, objects) => ({
      what: { en: `${title} cannot write.`, ko: `${title} 컨테이너가 데이터를 저장하지 못합니다.` },
      why: { en: "Its volume is full.", ko: "볼륨이 가득 찼습니다." },
      next: roomRemedy(objects, workload),
    }),
  },
  {
    cause: "half-made database",
    says: /[^\n]*(?:--initialize specified but the data directory has files in it|designated data directory [^\n]* is unusable)[^\n]*/,
    told: (title, _workload, { edition }) => ({
      what: { en: `${title} does not start.`, ko: `${title} 파드가 시작하지 못합니다.` },
      why: {
        en: "Its first start did not finish (it was stopped, or there was no room), and left a database that cannot be used.",
        ko: "초기화가 끝나기 전에 중단되었거나 공간이 부족해, 쓸 수 없는 데이터베이스가 남았습니다.",
      },
      next: {
        en: `Start over with new volumes. This database was never finished, but what WordPress has stored, such as uploads, is deleted with it: ${edition.anew}`,
        ko: `볼륨을 새로 만드세요. 이 데이터베이스는 완성된 적이 없지만, 업로드한 파일처럼 WordPress가 저장한 데이터도 함께 삭제됩니다: ${edition.anew}`,
      },
    }),
  },
  {
    cause: "older database",
    says: /[^\n]*(?:downgrade[^\n]*not (?:supported|permitted)|Invalid MySQL server downgrade|Cannot downgrade)[^\n]*/i,
    told: (title, workload, { edition }) => ({
      what: { en: `${title} does not start.`, ko: `${title} 파드가 시작하지 못합니다.` },
      why: {
        en: "Its volume was written by a newer version, and an older one cannot use it.",
        ko: "더 최신 버전에서 기록한 볼륨이라 이전 버전에서는 사용할 수 없습니다.",
      },
      next: {
        en: `Change ${imageOf(workload, edition).en} back to the newer version, then: ${edition.make}`,
        ko: `이미지를 더 최신 버전으로 되돌린 뒤 (${imageOf(workload, edition).ko}): ${edition.make}`,
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
      what: { en: "WordPress cannot log in to its database.", ko: "WordPress가 데이터베이스에 로그인하지 못합니다." },
      why: {
        en: "MySQL sets its passwords only when its volume is new, and this volume has other ones.",
        ko: "MySQL은 볼륨이 비어 있을 때만 암호를 설정하는데, 이 볼륨에는 다른 암호가 저장되어 있습니다.",
      },
      next: {
        en: `Set both back to the old passwords if you know them, or start over with new volumes (posts and uploads are lost): ${edition.anew}`,
        ko: `이전 암호를 알면 MySQL과 WordPress의 암호를 모두 이전 값으로 되돌리세요. 모르면 볼륨을 새로 만드세요 (글과 업로드한 파일이 삭제됩니다): ${edition.anew}`,
      },
    }),
  },
];

/** What the log of a container, or the probe that asks it, says outright. */
export function logProblem(pod: V1Pod, { name }: V1ContainerStatus, objects: Case): Problem | undefined {
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
