import { databaseHost } from "../../../components/wordpress-app";
import { Text } from "../../../text";
import { Result } from "../check";
import { containerOf } from "../labs/compose";
import { DockerFacts } from "../facts/docker";
import { chainOf, workloads } from "../labs/kubernetes-objects";
import { Cluster, KubernetesFacts } from "../facts/kubernetes";
import { Live } from "../facts/live";
import { Target } from "../target";

/** One row of "compose or Kubernetes, what differs?", answered from the two running systems. */
export interface Row {
  question: Text;
  compose: Text;
  kubernetes: Text;
}

const same = (text: string): Text => ({ en: text, ko: text });
const counted = (parts: Record<string, number>) =>
  same(
    Object.entries(parts)
      .filter(([, n]) => n > 0)
      .map(([kind, n]) => `${n}× ${kind}`)
      .join(", "),
  );

/**
 * Compares the compose edition with the Kubernetes edition, both as they run.
 * @returns nothing unless both run
 */
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
  const own = facts.services.filter(({ metadata }) => metadata?.namespace === facts.lab.namespace);
  const lookup = ["getent", "hosts", databaseHost];
  const first = (text: string) => text.trim().split(/\s+/)[0] || "-";
  const [inContainer, inPod, here] = await Promise.all([
    live.exec(site.name, ...lookup).then(({ stdout }) => first(stdout)),
    cluster.exec(sitePod.metadata?.name ?? "", "wordpress", ...lookup).then(({ stdout }) => first(stdout)),
    live.resolve(databaseHost),
  ]);
  const evidence = (id: string) => results.find((result) => result.id === id && result.status === "passed")?.evidence;
  const [heals, survives, copy] = ["kubernetes.heals", "kubernetes.survives", "compose.survives"].map(evidence);
  const notTried: Text = { en: "not tried; with --drill it is", ko: "해 보지 않음. --drill 을 붙이면 합니다" };
  const onHost: Text = here === undefined ? { en: "no such name", ko: "그런 이름 없음" } : same(here);
  const where = (inside: string): Text => ({
    en: `inside: ${inside}; on this machine: ${onHost.en}`,
    ko: `안에서: ${inside}, 이 컴퓨터에서: ${onHost.ko}`,
  });
  const networks = new Set(both.flatMap((container) => container.networks.map(({ name }) => name)));
  const named = both.flatMap(({ mounts }) => mounts.filter(({ type }) => type === "volume").map(({ name }) => name));
  const claims = facts.claims.map(({ metadata, spec }) => `${metadata?.name} → ${spec?.volumeName ?? "-"}`);
  return [
    {
      question: { en: "How many objects?", ko: "객체는 몇 개?" },
      compose: counted({ container: both.length, network: networks.size, volume: named.length }),
      kubernetes: counted({
        Deployment: facts.deployments.length,
        ReplicaSet: facts.replicaSets.length,
        Pod: pods.length,
        Service: own.length,
        PersistentVolumeClaim: facts.claims.length,
        Secret: facts.secrets.length,
        NetworkPolicy: facts.policies.length,
      }),
    },
    {
      question: { en: "What was restarted?", ko: "무엇이 다시 시작되었나?" },
      compose: same(both.map(({ name, restarts }) => `${name} ${restarts}×`).join(", ")),
      kubernetes: same(
        pods
          .map(({ metadata, status }) => `${metadata?.name} ${status?.containerStatuses?.[0]?.restartCount ?? 0}×`)
          .join(", "),
      ),
    },
    {
      question: { en: "Who restarts it?", ko: "누가 다시 시작하나?" },
      compose: {
        en: `Docker, by restart policy ${both.map(({ restartPolicy }) => restartPolicy).join(", ")}; a removed container stays away`,
        ko: `Docker, 재시작 정책 ${both.map(({ restartPolicy }) => restartPolicy).join(", ")}. 지운 컨테이너는 돌아오지 않습니다`,
      },
      kubernetes: {
        en: `the kubelet (${sitePod.spec?.restartPolicy}); and a ReplicaSet makes a new pod for one that was deleted`,
        ko: `kubelet (${sitePod.spec?.restartPolicy}). 지운 파드는 레플리카셋이 새로 만듭니다`,
      },
    },
    {
      question: { en: "What comes back when it is deleted?", ko: "지우면 돌아오나?" },
      compose: {
        en: "nothing, until docker compose up",
        ko: "docker compose up 을 할 때까지 아무것도 돌아오지 않습니다",
      },
      kubernetes: heals
        ? {
            en: `pod ${String(heals.deleted)} → ${String(heals.replacedBy)}, ready after ${String(heals.seconds)} s`,
            ko: `파드 ${String(heals.deleted)} → ${String(heals.replacedBy)}, ${String(heals.seconds)} 초 뒤 준비됨`,
          }
        : notTried,
    },
    {
      question: { en: "What survives?", ko: "무엇이 남나?" },
      compose: copy
        ? {
            en: `a post survived down and up (${String(copy.secondsUntilBack)} s); after down --volumes WordPress was ${String(copy.afterDownVolumes)}`,
            ko: `down 과 up 뒤에도 글이 남음 (${String(copy.secondsUntilBack)} 초). down --volumes 뒤에는 WordPress 가 ${String(copy.afterDownVolumes)}`,
          }
        : notTried,
      kubernetes: survives
        ? {
            en: `what MySQL stored, after its pod was deleted (${String(survives.seconds)} s)`,
            ko: `MySQL 파드를 지운 뒤에도 저장한 것이 남음 (${String(survives.seconds)} 초)`,
          }
        : notTried,
    },
    {
      question: { en: `What does the name ${databaseHost} lead to?`, ko: `${databaseHost} 이름은 어디를 가리키나?` },
      compose: where(`${inContainer} (${db.name})`),
      kubernetes: where(
        `${inPod} (Service ${databaseHost}, ${own.find(({ metadata }) => metadata?.name === databaseHost)?.spec?.clusterIP})`,
      ),
    },
    {
      question: { en: "Where is it stored?", ko: "어디에 저장되나?" },
      compose: same(named.join(", ")),
      kubernetes: same(claims.join(", ")),
    },
    {
      question: { en: "How is it reached?", ko: "어떻게 접속하나?" },
      compose: same(site.ports.map(({ address, port, inside }) => `${address}:${port} → ${inside}`).join(", ")),
      kubernetes: same(
        own
          .map(
            ({ metadata, spec }) =>
              `${metadata?.name}: ${spec?.type} ${spec?.ports?.map(({ port, nodePort }) => (nodePort ? `${nodePort} → ${port}` : `${port}`)).join(", ")}`,
          )
          .join("; "),
      ),
    },
  ];
}
