import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { Text } from "../../text";
import { placesOf } from "./edition";
import { Cause, Problem } from "./problem";
import { row } from "./meaning";
import { brief, Case, eventsOf, titleOf, workloadOf } from "./objects";
import { byWayOfDocker } from "./pulls";
import { roomRemedy } from "./remedies";

/** The server in a container, and how to repair it. */
export interface Server {
  /** The subject of a sentence: in Korean with its particle. */
  title: Text;
  /** Command that gets its image again, for this processor. */
  get: string;
  /** Where its image is set. */
  written: Text;
  /** Command to continue with when the cause is removed. */
  make: string;
  /** Command that re-creates it and deletes its data. */
  anew: string;
  /** How to free space where its data is stored. */
  room: Text;
}

const said = (cause: Cause, ...rest: Parameters<typeof row<[Server]>>) => ({ cause, ...row(...rest) });

/** Lines of a log that name a cause. The first match counts. */
const logProblems = [
  said(
    "volume full",
    /No space left on device|Disk is full|OS errno 28|disk full/i,
    "Its volume is full.",
    "볼륨이 가득 찼습니다.",
    ({ room }) => room,
  ),
  said(
    "another processor",
    /exec format error/,
    "Its image is for another kind of processor.",
    "다른 종류의 프로세서용 이미지입니다.",
    ({ get, written, make }) => ({
      en: `Get the image for this processor (${get}), or choose another version in ${written.en}, then: ${make}`,
      ko: `이 프로세서용 이미지를 받거나 (${get}) 다른 버전을 고른 뒤 (${written.ko}): ${make}`,
    }),
  ),
  said(
    "another processor",
    /CPU does not support x86-64-v\d/,
    "Its image needs a newer processor than this machine has, or than its virtual machine shows.",
    "이 컴퓨터나 가상 머신의 프로세서에서 지원하지 않는 명령어를 사용하는 이미지입니다.",
    ({ written, make }) => ({
      en: `In a virtual machine, set the processor type to that of the host (in Proxmox and QEMU: host). Otherwise choose an image for older processors in ${written.en} (tags with oraclelinux8). Then: ${make}`,
      ko: `가상 머신이라면 프로세서 종류를 호스트와 같게 설정하세요 (Proxmox, QEMU: host). 아니면 구형 프로세서용 이미지를 고르세요 (태그에 oraclelinux8이 있는 이미지, 설정: ${written.ko}). 그런 다음: ${make}`,
    }),
  ),
  said(
    "half-made database",
    /--initialize specified but the data directory has files in it|designated data directory .* is unusable/,
    "Its first start did not finish (it was stopped, or there was no room), and left a database that cannot be used.",
    "초기화가 끝나기 전에 중단되었거나 공간이 부족해, 쓸 수 없는 데이터베이스가 남았습니다.",
    ({ anew }) => ({
      en: `Start over with new volumes. This database was never finished, but what WordPress has stored, such as uploads, is deleted with it: ${anew}`,
      ko: `볼륨을 새로 만드세요. 이 데이터베이스는 완성된 적이 없지만, 업로드한 파일처럼 WordPress가 저장한 데이터도 함께 삭제됩니다: ${anew}`,
    }),
  ),
  said(
    "older database",
    /downgrade.*not (?:supported|permitted)|Invalid MySQL server downgrade|Cannot downgrade/i,
    "Its volume was written by a newer version, and an older one cannot use it.",
    "더 최신 버전에서 기록한 볼륨이라 이전 버전에서는 사용할 수 없습니다.",
    ({ written, make }) => ({
      en: `Change ${written.en} back to the newer version, then: ${make}`,
      ko: `이미지를 더 최신 버전으로 되돌린 뒤 (${written.ko}): ${make}`,
    }),
  ),
  said(
    "too old a database",
    /Invalid MySQL server upgrade|Cannot upgrade from|Upgrade is not supported after a crash/,
    "Its volume was written by an older version. MySQL takes over data only from one long-term version to the next, and only after a clean stop.",
    "이전 버전에서 기록한 볼륨입니다. MySQL은 정상 종료된 데이터를 다음 장기 지원 버전에서만 이어받을 수 있습니다.",
    ({ written, make }) => ({
      en: `Change ${written.en} back to the version before; nothing was changed in the volume. For a newer one, go step by step (5.7, 8.0, 8.4, 9.7). Each time: ${make}`,
      ko: `이미지를 이전 버전으로 되돌리세요 (${written.ko}). 볼륨은 바뀌지 않았습니다. 새 버전으로 가려면 한 단계씩 올립니다 (5.7, 8.0, 8.4, 9.7). 단계마다: ${make}`,
    }),
  ),
  said(
    "shared volume",
    /Unable to lock \.\/ibdata1|Another process with pid \d+ is using unix socket file/,
    "Another MySQL uses the same volume.",
    "다른 MySQL이 같은 볼륨을 사용하고 있습니다.",
    ({ make }) => ({
      en: `Stop the other one, which keeps its data (docker ps, or kubectl get pods --all-namespaces, lists what runs), then: ${make}`,
      ko: `다른 MySQL을 중지한 뒤 (실행 중인 목록: docker ps 또는 kubectl get pods --all-namespaces, 데이터는 유지됩니다): ${make}`,
    }),
  ),
  said(
    "wrong password",
    /Access denied for user/,
    "MySQL sets its passwords only when its volume is new, and this volume has other ones.",
    "MySQL은 볼륨이 비어 있을 때만 암호를 설정하는데, 이 볼륨에는 다른 암호가 저장되어 있습니다.",
    ({ anew }) => ({
      en: `Set both back to the old passwords if you know them, or start over with new volumes (posts and uploads are lost): ${anew}`,
      ko: `이전 암호를 알면 MySQL과 WordPress의 암호를 모두 이전 값으로 되돌리세요. 모르면 볼륨을 새로 만드세요 (글과 업로드한 파일이 삭제됩니다): ${anew}`,
    }),
  ),
];

/** Also if the log or the probe of MySQL reports it. */
const noLogin = {
  workload: "wordpress",
  what: { en: "WordPress cannot log in to its database.", ko: "WordPress가 데이터베이스에 로그인하지 못합니다." },
};

/** The cause that a log names. @param fits whether a line about a cause is about this container */
export function saidInLog(
  text: string,
  server: Server,
  fits: (cause: Cause, line: string) => boolean,
): Problem | undefined {
  const { title } = server;
  const what = { en: `${title.en} does not work.`, ko: `${title.ko} 작동하지 못합니다.` };
  for (const { cause, says, why, next } of logProblems) {
    const line = text.split("\n").find((one) => says.test(one));
    if (line === undefined || !fits(cause, line)) continue;
    return {
      cause,
      what,
      ...(cause === "wrong password" && noLogin),
      why,
      next: next(server),
      evidence: [brief(line)],
    };
  }
  return undefined;
}

/** The cause that the log of a container or its probe names. */
export function logProblem(pod: V1Pod, { name, image }: V1ContainerStatus, objects: Case): Problem | undefined {
  const workload = workloadOf(pod);
  const { edition, lab } = objects;
  const probes = eventsOf(objects, "Pod", pod.metadata?.name).filter(({ reason }) => reason === "Unhealthy");
  const text = [objects.logs[`${pod.metadata?.name}/${name}`], probes.at(-1)?.message].filter(Boolean).join("\n");
  const container = pod.spec?.containers.find((one) => one.name === name);
  const user = container?.env?.find(({ name }) => name === "MYSQL_USER" || name === "WORDPRESS_DB_USER")?.value;
  const server: Server = {
    title: { en: titleOf(workload), ko: `${titleOf(workload)} 파드가` },
    get: byWayOfDocker({ image, context: lab.context }),
    written: placesOf(workload, edition).image,
    make: edition.make,
    anew: edition.anew,
    room: roomRemedy(objects, workload),
  };
  // A probe may log in as another user, whose password the volume does not have either.
  const own = (line: string) => user === undefined || line.includes(`'${user}'`);
  return saidInLog(text, server, (cause, line) => cause !== "wrong password" || own(line));
}
