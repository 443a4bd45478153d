import { databaseHost } from "../../../components/wordpress-app";
import { same, Text } from "../../../text";
import { Result, Shown } from "../check";
import { containerOf } from "../labs/compose";
import { DockerFacts } from "../facts/docker";
import { chainOf, named, ownServices, workloads } from "../labs/kubernetes-objects";
import { Cluster, KubernetesFacts } from "../facts/kubernetes";
import { Live } from "../facts/live";
import { Target } from "../target";

/** One row of "compose or Kubernetes, what differs?", answered from the two running systems. */
export interface Row {
  question: Text;
  compose: Text;
  kubernetes: Text;
}

const counted = (parts: Record<string, number>) =>
  Object.entries(parts).flatMap(([kind, n]) => (n > 0 ? `${n}× ${kind}` : []));

const listed = (answer: Text | string[]): Text => (Array.isArray(answer) ? same(answer.join(", ")) : answer);

/** What a drill showed, if it was run and passed. */
function shownBy<D extends Shown["drill"]>(results: readonly Result[], drill: D) {
  const all = results.flatMap((result) => (result.status === "passed" && result.shown ? [result.shown] : []));
  return all.find((one): one is Extract<Shown, { drill: D }> => one.drill === drill);
}

/** @returns nothing unless both run */
export async function comparison(
  target: Target,
  docker: DockerFacts,
  facts: KubernetesFacts,
  { cluster, live, results }: { cluster: Cluster; live: Live; results: readonly Result[] },
): Promise<Row[]> {
  const [db, site] = [containerOf(target.compose, docker, "mysql"), containerOf(target.compose, docker, "wordpress")];
  const chains = workloads.map((name) => chainOf(facts, name));
  const [dbPod, sitePod] = chains.map(({ pods }) => pods[0]);
  if (!db?.running || !site?.running || !dbPod || !sitePod) return [];
  const both = [db, site];
  const pods = chains.flatMap(({ pods }) => pods);
  const own = ownServices(facts);
  const lookup = ["getent", "hosts", databaseHost];
  const first = (text: string) => text.trim().split(/\s+/)[0] || "-";
  const [inContainer, inPod, here] = await Promise.all([
    live.exec(site.name, ...lookup).then(({ stdout }) => first(stdout)),
    cluster.exec(sitePod.metadata?.name ?? "", "wordpress", ...lookup).then(({ stdout }) => first(stdout)),
    live.resolve(databaseHost),
  ]);
  const heals = shownBy(results, "pod deleted");
  const survives = shownBy(results, "database pod deleted");
  const copy = shownBy(results, "compose down");
  const notTried: Text = { en: "not checked (--drill checks it)", ko: "점검하지 않음 (--drill로 점검)" };
  const onHost: Text = here === undefined ? { en: "no such name", ko: "없는 이름" } : same(here);
  const where = (inside: string): Text => ({
    en: `inside: ${inside}; on this machine: ${onHost.en}`,
    ko: `내부: ${inside}, 이 컴퓨터: ${onHost.ko}`,
  });
  const policies = [...new Set(both.map(({ restartPolicy }) => restartPolicy))].join(", ");
  const networks = new Set(both.flatMap((container) => container.networks.map(({ name }) => name)));
  const volumes = both.flatMap(({ mounts }) => mounts.filter(({ type }) => type === "volume").map(({ name }) => name));
  const claims = facts.claims.map(({ metadata, spec }) => `${metadata?.name} → ${spec?.volumeName ?? "-"}`);
  const rows: [question: Text, compose: Text | string[], kubernetes: Text | string[]][] = [
    [
      { en: "How many objects?", ko: "오브젝트 수" },
      counted({ container: both.length, network: networks.size, volume: volumes.length }),
      counted({
        Deployment: facts.deployments.length,
        ReplicaSet: facts.replicaSets.length,
        Pod: pods.length,
        Service: own.length,
        PersistentVolumeClaim: facts.claims.length,
        Secret: facts.secrets.length,
        NetworkPolicy: facts.policies.length,
      }),
    ],
    [
      { en: "What was restarted?", ko: "재시작 횟수" },
      both.map(({ name, restarts }) => `${name} ${restarts}×`),
      pods.map(({ metadata, status }) => `${metadata?.name} ${status?.containerStatuses?.[0]?.restartCount ?? 0}×`),
    ],
    [
      { en: "Who restarts it?", ko: "재시작 주체" },
      {
        en: `Docker, by restart policy ${policies}; a removed container does not come back`,
        ko: `Docker, 재시작 정책 ${policies}. 삭제한 컨테이너는 복구되지 않음`,
      },
      {
        en: `the kubelet (${sitePod.spec?.restartPolicy}); a ReplicaSet replaces a deleted pod`,
        ko: `kubelet (${sitePod.spec?.restartPolicy}). 삭제한 파드는 레플리카셋이 새로 만듦`,
      },
    ],
    [
      { en: "What comes back when it is deleted?", ko: "삭제 후 복구" },
      {
        en: "nothing, until docker compose up",
        ko: "docker compose up을 실행할 때까지 복구되지 않음",
      },
      heals
        ? {
            en: `pod ${heals.deleted} → ${heals.replacedBy}, ready after ${heals.seconds} s`,
            ko: `파드 ${heals.deleted} → ${heals.replacedBy}, ${heals.seconds}초 뒤 준비됨`,
          }
        : notTried,
    ],
    [
      { en: "What survives?", ko: "데이터 유지" },
      copy
        ? {
            en: `a post survived down and up (${copy.seconds} s); after down --volumes WordPress was ${copy.afterDownVolumes}`,
            ko: `down과 up 뒤에도 글이 유지됨 (${copy.seconds}초). down --volumes 뒤의 WordPress 상태: ${copy.afterDownVolumes === "not installed" ? "설치 전" : copy.afterDownVolumes}`,
          }
        : notTried,
      survives
        ? {
            en: `the data of MySQL, after its pod was deleted (${survives.seconds} s)`,
            ko: `MySQL 파드를 삭제한 뒤에도 데이터가 유지됨 (${survives.seconds}초)`,
          }
        : notTried,
    ],
    [
      { en: `What does the name ${databaseHost} resolve to?`, ko: `${databaseHost} 이름이 가리키는 곳` },
      where(`${inContainer} (${db.name})`),
      where(`${inPod} (Service ${databaseHost}, ${named(own, databaseHost)?.spec?.clusterIP})`),
    ],
    [{ en: "Where is the data stored?", ko: "저장 위치" }, volumes, claims],
    [
      { en: "How is it reached?", ko: "접속 방법" },
      site.ports.map(({ address, port, inside }) => `${address}:${port} → ${inside}`),
      same(
        own
          .map(
            ({ metadata, spec }) =>
              `${metadata?.name}: ${spec?.type} ${spec?.ports?.map(({ port, nodePort }) => (nodePort ? `${nodePort} → ${port}` : `${port}`)).join(", ")}`,
          )
          .join("; "),
      ),
    ],
  ];
  return rows.map(([question, compose, kubernetes]) => ({
    question,
    compose: listed(compose),
    kubernetes: listed(kubernetes),
  }));
}
