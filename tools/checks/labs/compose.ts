import { mysql as mysqlApp, databaseHost, wordpress as wordpressApp } from "../../../components/wordpress-app";
import { dockerLabelKeys } from "../../../components/names";
import { certain, Check, failed, passed, Verdict } from "../check";
import { dumpOf, survives } from "./compose-drill";
import { Container, containerNamed, DockerFacts } from "../facts/docker";
import { Live } from "../facts/live";
import { containerRuns, onlyPublishedOn } from "./containers";
import { anew, anewAfterLog, isAnonymous } from "./remake";
import { ComposeTarget } from "../target";
import { pageServed } from "./wordpress";
import { databaseAnswers } from "./wordpress-database";

/** The label of the compose project that a container belongs to. @see https://docs.docker.com/reference/compose-file/services/#labels */
const projectLabel = "com.docker.compose.project";

type Service = "mysql" | "wordpress";

/** What compose runs as a service: "wp/db" for service db of project wp. What `docker compose run` makes stands beside it. */
const composed = ({ containers }: DockerFacts): { container: Container; called: string }[] =>
  containers.flatMap((container) => {
    const { [projectLabel]: project, ...labels } = container.labels;
    const service = labels["com.docker.compose.service"];
    const once = labels["com.docker.compose.oneoff"] === "True";
    return service === undefined || once ? [] : [{ container, called: `${project}/${service}` }];
  });

/** The containers of a service: the one with its name, or those that a compose project has. */
function serviceOf({ containers }: ComposeTarget, docker: DockerFacts, service: Service): (Container | undefined)[] {
  if (!("project" in containers)) return [containerNamed(docker, containers[service])];
  const wanted = `${containers.project}/${service}`;
  return composed(docker).flatMap(({ container, called }) => (called === wanted ? [container] : []));
}

export const containerOf = (target: ComposeTarget, docker: DockerFacts, service: Service): Container | undefined =>
  serviceOf(target, docker, service)[0];

interface On {
  target: ComposeTarget;
  docker: DockerFacts;
  live: Live;
}

const serving = ({ target, docker }: On, service: Service): Container => certain(containerOf(target, docker, service));
const bothIn = (on: On) => [serving(on, "mysql"), serving(on, "wordpress")] as const;
const remake = ({ target }: On, name: string) => `docker rm --force ${name}; ${target.make}`;
const again = ({ target }: On, container: Container) => anew(container, target.make);

function bothRun(on: On): Verdict {
  const { target, docker } = on;
  const { containers, mysqlImage, wordpressImage } = target;
  const byHand = "project" in containers;
  const images: Record<Service, string> = { mysql: mysqlImage, wordpress: wordpressImage };
  const seen: Record<string, unknown> = {};
  for (const service of ["mysql", "wordpress"] as const) {
    const all = serviceOf(target, docker, service);
    if (byHand && all.length !== 1) {
      const { project } = containers;
      const near = all.length === 0 ? [...new Set(composed(docker).map(({ called }) => called))] : [];
      const names = all.map((one) => one?.name);
      const [list, here] = [names, near].map((of) => of.join(", "));
      const next = all.length > 1 ? `${target.make} --scale ${service}=1` : target.make;
      return failed(all.length === 0 ? "no container" : "several containers", next, {
        en: `Compose project ${project} has ${all.length} containers of service ${service}, not one${list ? `: ${list}` : ""}${here ? `; existing ones, as project/service: ${here}` : ""}.`,
        ko: `${project} compose 프로젝트에 ${service} 서비스의 컨테이너가 하나가 아니라 ${all.length}개 있습니다${list ? `: ${list}` : ""}${here ? ` (있는 프로젝트/서비스: ${here})` : ""}.`,
        evidence: { service, names, near },
      });
    }
    const name = byHand ? serving(on, service).name : containers[service];
    const verdict = containerRuns(docker, name, images[service], target.make);
    if (verdict.status !== "passed") return verdict;
    seen[service] = { ...verdict.evidence, health: serving(on, service).health };
  }
  const key = byHand ? projectLabel : dockerLabelKeys.id;
  const [mysql, wordpress] = bothIn(on);
  const [one, other] = [mysql.labels[key], wordpress.labels[key]];
  if (one !== undefined && one === other) return passed({ ...seen, project: one });
  const stranger = one === undefined ? mysql : wordpress;
  return failed("not one project", again(on, stranger), {
    en: `${mysql.name} and ${wordpress.name} do not belong to one project: label ${key} is ${one ?? "missing"} and ${other ?? "missing"}.`,
    ko: `${mysql.name}, ${wordpress.name} 두 컨테이너가 한 프로젝트에 속하지 않습니다. ${key} 레이블 값: ${one ?? "없음"}, ${other ?? "없음"}.`,
    evidence: { ...seen, label: key, mysqlHas: one, wordpressHas: other },
  });
}

async function namesWork(on: On): Promise<Verdict> {
  const [db, site] = bothIn(on);
  const lists = { [db.name]: db.networks, [site.name]: site.networks };
  const isShared = ({ name }: { name: string }) =>
    name !== "bridge" && db.networks.some((other) => other.name === name);
  const both = site.networks.find(isShared);
  if (!both) {
    const shown = (container: Container) => container.networks.map(({ name }) => name).join(", ") || "-";
    return failed("another network", again(on, db), {
      en: `${site.name} (${shown(site)}) and ${db.name} (${shown(db)}) share no user-defined network, so neither can resolve the other by name.`,
      ko: `${site.name} (${shown(site)}), ${db.name} (${shown(db)}) 두 컨테이너가 함께 속한 사용자 정의 네트워크가 없어 이름으로 서로를 찾지 못합니다.`,
      evidence: lists,
    });
  }
  const address = db.networks.find(({ name }) => name === both.name)?.address;
  const also = on.docker.containers.filter(
    ({ id, name, networks }) =>
      id !== db.id &&
      networks.some((other) => other.name === both.name && [name, ...other.aliases].includes(databaseHost)),
  );
  const { stdout } = await on.live.exec(site.name, "getent", "ahostsv4", databaseHost);
  const resolved = [...new Set(stdout.split("\n").flatMap((line) => line.split(/\s+/)[0] || []))];
  const evidence = { ...lists, name: databaseHost, resolved };
  if (resolved.length === 1 && resolved[0] === address) return passed(evidence);
  const next =
    also.length > 0
      ? also.map(({ name }) => `docker network disconnect ${both.name} ${name}`).join("; ")
      : `docker network disconnect ${both.name} ${db.name}; docker network connect --alias ${databaseHost} ${both.name} ${db.name}`;
  return failed("name not resolved", next, {
    en: `In ${site.name} the name ${databaseHost} resolves to ${resolved.join(" and ") || "nothing"}, not to ${db.name} (${address}) only.`,
    ko: `${site.name} 컨테이너 안에서 ${databaseHost} 이름은 ${db.name} (${address}) 하나만 가리켜야 합니다. 현재 가리키는 주소: ${resolved.join(", ") || "없음"}.`,
    evidence,
  });
}

function onlyWordPressPublished(on: On): Verdict {
  const { target } = on;
  const [mysql, wordpress] = bothIn(on);
  const verdict = onlyPublishedOn(
    wordpress,
    { inside: `${wordpressApp.port}/tcp`, address: target.bindAddress, port: target.port },
    target.make,
  );
  if (verdict.status !== "passed") return verdict;
  const { name, ports } = mysql;
  const [open] = ports;
  if (!open) return passed({ ...verdict.evidence, mysql: [] });
  return failed("published too widely", again(on, mysql), {
    en: `${name} is published on ${open.address}:${open.port}. Only WordPress uses the database, and it does not need a published port.`,
    ko: `${name} 컨테이너가 ${open.address}:${open.port}에 열려 있습니다. 데이터베이스는 WordPress만 사용하므로 포트를 열 필요가 없습니다.`,
    evidence: { ...verdict.evidence, mysql: ports },
  });
}

/** Copies what a container stores out of it. Where a folder is in memory, docker cp does not see what is in it. */
function copyOf({ name, mounts }: Container, path: string): string {
  if (path === mysqlApp.dataPath) return dumpOf(name);
  if (mounts.find((mount) => mount.path === path)?.type !== "tmpfs") return `docker cp ${name}:${path} ${name}-kept`;
  return `docker exec ${name} cp -a ${path} /${name}-kept; docker cp ${name}:/${name}-kept ${name}-kept`;
}

/** How a container gets a volume that it does not have, and what then is no longer to be seen. */
const copied = (on: On, container: Container, path: string) => ({
  en: `The new container starts with the data on the volume, not with the data stored now. To copy that first: ${copyOf(container, path)}. Then: ${remake(on, container.name)}`,
  ko: `새 컨테이너는 지금 저장된 데이터가 아니라 볼륨의 데이터로 시작합니다. 지금 데이터를 먼저 복사해 두려면: ${copyOf(container, path)}. 그런 다음: ${remake(on, container.name)}`,
});

function bothOnVolumes(on: On): Verdict {
  const [mysql, wordpress] = bothIn(on);
  const kept = [
    { container: mysql, path: mysqlApp.dataPath },
    { container: wordpress, path: wordpressApp.dataPath },
  ].map((one) => ({ ...one, mount: one.container.mounts.find(({ path }) => path === one.path) }));
  const evidence = Object.fromEntries(kept.map(({ container, mount }) => [container.name, mount]));
  for (const { container, path, mount } of kept) {
    const { name } = container;
    const anonymous = mount !== undefined && isAnonymous(mount);
    if (mount?.type === "volume" && !anonymous && mount.writable) continue;
    const is = !mount
      ? { en: "no volume at all", ko: "볼륨 없음" }
      : anonymous
        ? { en: "an anonymous volume, a new one for every container", ko: "컨테이너마다 새로 생기는 익명 볼륨" }
        : {
            en: `a ${mount.type}${mount.writable ? "" : ", read-only"}`,
            ko: `${mount.type}${mount.writable ? "" : ", 읽기 전용"}`,
          };
    return failed("not on a volume", copied(on, container, path), {
      en: `${path} of ${name} is not on a named volume, but on ${is.en}. The data is deleted with the container.`,
      ko: `${name} 컨테이너의 ${path} 폴더가 이름 있는 볼륨에 있지 않습니다 (${is.ko}). 데이터가 컨테이너와 함께 삭제됩니다.`,
      evidence,
    });
  }
  const [one, other] = kept.map(({ mount }) => mount?.name);
  if (one !== other) return passed(evidence);
  return failed("shared volume", copied(on, wordpress, wordpressApp.dataPath), {
    en: `MySQL and WordPress share volume ${one}, so their files get mixed up.`,
    ko: `MySQL과 WordPress가 ${one} 볼륨을 함께 사용해 서로의 파일이 섞입니다.`,
    evidence,
  });
}

async function databaseUsable(on: On): Promise<Verdict> {
  const { target, live } = on;
  const [mysql, { name }] = bothIn(on);
  const server = (await live.exec(mysql.name, "hostname")).stdout.trim();
  const steps = { ...siteSteps(on), database: anewAfterLog(mysql, target.make), anew: target.anew };
  return databaseAnswers((...command) => live.exec(name, ...command), server, steps);
}

/** What may be next where WordPress is not as it should be. */
function siteSteps(on: On) {
  const container = serving(on, "wordpress");
  const { name } = container;
  return {
    make: again(on, container),
    remake: remake(on, name),
    exec: `docker exec ${name}`,
    logs: `docker logs ${name}`,
  };
}

/** The steps of the lab "docker compose": WordPress and MySQL on one network. */
export function composeChecks(target: ComposeTarget, docker: DockerFacts, live: Live): Check[] {
  const on: On = { target, docker, live };
  const { url, bindAddress, port } = target;
  const containers: Check = {
    id: "compose.containers",
    title: { en: "MySQL and WordPress run as one project", ko: "MySQL과 WordPress가 한 프로젝트로 실행 중이다" },
    probe: () => bothRun(on),
  };
  const network: Check = {
    id: "compose.network",
    title: {
      en: `Both are on one network, where the database is called ${databaseHost}`,
      ko: `둘이 한 네트워크에 있고 ${databaseHost} 이름으로 데이터베이스를 찾을 수 있다`,
    },
    needs: [containers],
    probe: () => namesWork(on),
  };
  const published: Check = {
    id: "compose.published",
    title: {
      en: `Only WordPress is published, on ${bindAddress}:${port}`,
      ko: `WordPress만 ${bindAddress}:${port}에 열려 있다`,
    },
    needs: [containers],
    probe: () => onlyWordPressPublished(on),
  };
  const volumes: Check = {
    id: "compose.volumes",
    title: { en: "Both store their data on volumes", ko: "MySQL과 WordPress의 데이터가 볼륨에 저장된다" },
    needs: [containers],
    probe: () => bothOnVolumes(on),
  };
  const database: Check = {
    id: "compose.database",
    title: { en: "WordPress can connect to its database", ko: "WordPress가 데이터베이스에 연결된다" },
    needs: [network],
    probe: () => databaseUsable(on),
  };
  const page: Check = {
    id: "compose.page",
    title: { en: `WordPress is served at ${url}`, ko: `WordPress가 ${url}에서 열린다` },
    needs: [published, database],
    probe: () => pageServed(url, live.get, siteSteps(on)),
  };
  const postSurvives: Check = {
    id: "compose.survives",
    title: { en: "A post survives docker compose down and up", ko: "docker compose down과 up 뒤에도 글이 유지된다" },
    needs: [volumes, page],
    drill: {
      en: "starts a copy of both containers with volumes of its own, takes it down and up again, and removes it",
      ko: "두 컨테이너의 사본을 별도 볼륨으로 시작하고, 내렸다가 다시 올린 뒤 삭제합니다",
    },
    probe: () => survives(...bothIn(on), live, remake(on, serving(on, "mysql").name)),
  };
  return [containers, network, published, volumes, database, page, postSurvives];
}
