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

const lab = "compose" as const;

/** Labels that docker compose puts on what it makes. @see https://docs.docker.com/reference/compose-file/services/#labels */
const composeLabels = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  /** Of what `docker compose run` makes: a container beside the service's. */
  oneOff: "com.docker.compose.oneoff",
};

type Service = "mysql" | "wordpress";

/** The container of a service: by its name, or as the one that a compose project has. */
export function containerOf(target: ComposeTarget, docker: DockerFacts, service: Service): Container | undefined {
  const { containers } = target;
  if (!("project" in containers)) return containerNamed(docker, containers[service]);
  return servicesOf(docker, containers.project, service)[0];
}

const ofServices = ({ containers }: DockerFacts): Container[] =>
  containers.filter(
    ({ labels }) => labels[composeLabels.service] !== undefined && labels[composeLabels.oneOff] !== "True",
  );

const servicesOf = (docker: DockerFacts, project: string, service: Service): Container[] =>
  ofServices(docker).filter(
    ({ labels }) => labels[composeLabels.project] === project && labels[composeLabels.service] === service,
  );

/** What compose runs, whatever it is called: "wp/db" for service db of project wp. */
const projectsHere = (docker: DockerFacts): string[] => [
  ...new Set(
    ofServices(docker).map(({ labels }) => `${labels[composeLabels.project]}/${labels[composeLabels.service]}`),
  ),
];

/** What the checks of this lab look at. */
interface On {
  target: ComposeTarget;
  docker: DockerFacts;
  live: Live;
}

const serving = ({ target, docker }: On, service: Service): Container => certain(containerOf(target, docker, service));
const remake = ({ target }: On, name: string) => `docker rm --force ${name}; ${target.make}`;
const again = ({ target }: On, container: Container) => anew(container, target.make);

function bothRun(on: On): Verdict {
  const { target, docker } = on;
  const { containers, mysqlImage, wordpressImage } = target;
  const byHand = "project" in containers;
  const images: Record<Service, string> = { mysql: mysqlImage, wordpress: wordpressImage };
  const seen: Record<string, unknown> = {};
  for (const service of ["mysql", "wordpress"] as const) {
    const names = byHand
      ? servicesOf(docker, containers.project, service).map(({ name }) => name)
      : [containers[service]];
    if (names.length !== 1 || names[0] === undefined) {
      const project = byHand ? containers.project : "";
      const near = names.length === 0 ? projectsHere(docker) : [];
      const [list, here] = [names, near].map((of) => of.join(", "));
      return failed(
        names.length === 0 ? "no container" : "several containers",
        {
          en: `Compose project ${project} has ${names.length} containers of service ${service}, not one${list ? `: ${list}` : ""}${here ? `; existing ones, as project/service: ${here}` : ""}.`,
          ko: `${project} compose 프로젝트에 ${service} 서비스의 컨테이너가 하나가 아니라 ${names.length}개 있습니다${list ? `: ${list}` : ""}${here ? ` (있는 프로젝트/서비스: ${here})` : ""}.`,
        },
        names.length > 1 ? `${target.make} --scale ${service}=1` : target.make,
        { service, names, near },
      );
    }
    const [name] = names;
    const verdict = containerRuns(docker, name, images[service], target.make);
    if (verdict.status !== "passed") return verdict;
    seen[service] = { ...verdict.evidence, health: containerNamed(docker, name)?.health };
  }
  const key = byHand ? composeLabels.project : dockerLabelKeys.id;
  const [mysql, wordpress] = [serving(on, "mysql"), serving(on, "wordpress")];
  const [one, other] = [mysql.labels[key], wordpress.labels[key]];
  if (one !== undefined && one === other) return passed({ ...seen, project: one });
  const stranger = one === undefined ? mysql : wordpress;
  return failed(
    "not one project",
    {
      en: `${mysql.name} and ${wordpress.name} do not belong to one project: label ${key} is ${one ?? "missing"} and ${other ?? "missing"}.`,
      ko: `${mysql.name}, ${wordpress.name} 두 컨테이너가 한 프로젝트에 속하지 않습니다. ${key} 레이블 값: ${one ?? "없음"}, ${other ?? "없음"}.`,
    },
    again(on, stranger),
    { ...seen, label: key, mysqlHas: one, wordpressHas: other },
  );
}

async function namesWork(on: On): Promise<Verdict> {
  const [db, site] = [serving(on, "mysql"), serving(on, "wordpress")];
  const lists = { [db.name]: db.networks, [site.name]: site.networks };
  const shared = site.networks.filter(({ name }) => db.networks.some((other) => other.name === name));
  const [both] = shared;
  if (!both || both.name === "bridge") {
    const shown = (container: Container) => container.networks.map(({ name }) => name).join(", ") || "-";
    return failed(
      "another network",
      {
        en: `${site.name} (${shown(site)}) and ${db.name} (${shown(db)}) share no user-defined network, so neither can resolve the other by name.`,
        ko: `${site.name} (${shown(site)}), ${db.name} (${shown(db)}) 두 컨테이너가 함께 속한 사용자 정의 네트워크가 없어 이름으로 서로를 찾지 못합니다.`,
      },
      again(on, db),
      lists,
    );
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
  return failed(
    "name not resolved",
    {
      en: `In ${site.name} the name ${databaseHost} resolves to ${resolved.join(" and ") || "nothing"}, not to ${db.name} (${address}) only.`,
      ko: `${site.name} 컨테이너 안에서 ${databaseHost} 이름은 ${db.name} (${address}) 하나만 가리켜야 합니다. 현재 가리키는 주소: ${resolved.join(", ") || "없음"}.`,
    },
    also.length > 0
      ? also.map(({ name }) => `docker network disconnect ${both.name} ${name}`).join("; ")
      : `docker network disconnect ${both.name} ${db.name}; docker network connect --alias ${databaseHost} ${both.name} ${db.name}`,
    evidence,
  );
}

function onlyWordPressPublished(on: On): Verdict {
  const { target } = on;
  const [mysql, wordpress] = [serving(on, "mysql"), serving(on, "wordpress")];
  const verdict = onlyPublishedOn(
    wordpress,
    { inside: `${wordpressApp.port}/tcp`, address: target.bindAddress, port: target.port },
    target.make,
  );
  if (verdict.status !== "passed") return verdict;
  const { name, ports } = mysql;
  const [open] = ports;
  if (!open) return passed({ ...verdict.evidence, mysql: [] });
  return failed(
    "published too widely",
    {
      en: `${name} is published on ${open.address}:${open.port}. Only WordPress uses the database, and it does not need a published port.`,
      ko: `${name} 컨테이너가 ${open.address}:${open.port}에 열려 있습니다. 데이터베이스는 WordPress만 사용하므로 포트를 열 필요가 없습니다.`,
    },
    again(on, mysql),
    { ...verdict.evidence, mysql: ports },
  );
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
  const [mysql, wordpress] = [serving(on, "mysql"), serving(on, "wordpress")];
  const kept = [
    { container: mysql, path: mysqlApp.dataPath },
    { container: wordpress, path: wordpressApp.dataPath },
  ].map(({ container, path }) => ({
    container,
    path,
    mount: container.mounts.find((mount) => mount.path === path),
  }));
  const evidence = Object.fromEntries(kept.map(({ container, mount }) => [container.name, mount ?? null]));
  for (const { container, path, mount } of kept) {
    const { name } = container;
    const anonymous = mount !== undefined && isAnonymous(mount);
    if (mount?.type === "volume" && !anonymous && mount.writable) continue;
    const is = !mount
      ? { en: "no volume at all", ko: "볼륨 없음" }
      : anonymous
        ? {
            en: "an anonymous volume, a new one for every container",
            ko: "컨테이너마다 새로 생기는 익명 볼륨",
          }
        : {
            en: `a ${mount.type}${mount.writable ? "" : ", read-only"}`,
            ko: `${mount.type}${mount.writable ? "" : ", 읽기 전용"}`,
          };
    return failed(
      "not on a volume",
      {
        en: `${path} of ${name} is not on a named volume, but on ${is.en}. The data is deleted with the container.`,
        ko: `${name} 컨테이너의 ${path} 폴더가 이름 있는 볼륨에 있지 않습니다 (${is.ko}). 데이터가 컨테이너와 함께 삭제됩니다.`,
      },
      copied(on, container, path),
      evidence,
    );
  }
  const [one, other] = kept.map(({ mount }) => mount?.name);
  if (one !== other) return passed(evidence);
  return failed(
    "shared volume",
    {
      en: `MySQL and WordPress share volume ${one}, so their files get mixed up.`,
      ko: `MySQL과 WordPress가 ${one} 볼륨을 함께 사용해 서로의 파일이 섞입니다.`,
    },
    {
      en: `WordPress then starts with an empty volume of its own. To copy its files first: ${copyOf(wordpress, wordpressApp.dataPath)}. Then: ${remake(on, wordpress.name)}`,
      ko: `그러면 WordPress는 빈 볼륨으로 시작합니다. 파일을 먼저 복사해 두려면: ${copyOf(wordpress, wordpressApp.dataPath)}. 그런 다음: ${remake(on, wordpress.name)}`,
    },
    evidence,
  );
}

const containers = (on: On): Check => ({
  id: "compose.containers",
  lab,
  title: { en: "MySQL and WordPress run as one project", ko: "MySQL과 WordPress가 한 프로젝트로 실행 중이다" },
  hint: { en: "docker compose ps, or docker ps", ko: "docker compose ps 또는 docker ps" },
  probe: () => bothRun(on),
});

const network = (on: On): Check => ({
  id: "compose.network",
  lab,
  title: {
    en: `Both are on one network, where the database is called ${databaseHost}`,
    ko: `둘이 한 네트워크에 있고 ${databaseHost} 이름으로 데이터베이스를 찾을 수 있다`,
  },
  hint: {
    en: "docker network inspect lists the containers on a network. Names only resolve on user-defined networks, not on bridge",
    ko: "docker network inspect 명령으로 네트워크의 컨테이너를 확인합니다. 컨테이너 이름은 기본 bridge가 아니라 사용자 정의 네트워크에서만 해석됩니다",
  },
  needs: [containers(on)],
  probe: () => namesWork(on),
});

const published = (on: On): Check => ({
  id: "compose.published",
  lab,
  title: {
    en: `Only WordPress is published, on ${on.target.bindAddress}:${on.target.port}`,
    ko: `WordPress만 ${on.target.bindAddress}:${on.target.port}에 열려 있다`,
  },
  hint: { en: "docker ps shows published ports", ko: "docker ps 명령으로 열린 포트를 확인할 수 있습니다" },
  needs: [containers(on)],
  probe: () => onlyWordPressPublished(on),
});

const volumes = (on: On): Check => ({
  id: "compose.volumes",
  lab,
  title: { en: "Both store their data on volumes", ko: "MySQL과 WordPress의 데이터가 볼륨에 저장된다" },
  hint: {
    en: "docker inspect --format '{{json .Mounts}}' NAME shows what is mounted where",
    ko: "docker inspect --format '{{json .Mounts}}' 이름: 어디에 무엇이 마운트되었는지 확인합니다",
  },
  needs: [containers(on)],
  probe: () => bothOnVolumes(on),
});

async function databaseUsable(on: On): Promise<Verdict> {
  const { target, live } = on;
  const mysql = serving(on, "mysql");
  const { name } = serving(on, "wordpress");
  const server = (await live.exec(mysql.name, "hostname")).stdout.trim();
  const database = anewAfterLog(mysql, target.make);
  const steps = { ...siteSteps(on), database, anew: target.anew };
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

const database = (on: On): Check => ({
  id: "compose.database",
  lab,
  title: { en: "WordPress can connect to its database", ko: "WordPress가 데이터베이스에 연결된다" },
  hint: {
    en: "MySQL sets its passwords only while its volume is new; later they must stay the same",
    ko: "MySQL은 볼륨이 비어 있을 때만 암호를 설정하므로 이후에도 같은 암호를 사용해야 합니다",
  },
  needs: [network(on)],
  probe: () => databaseUsable(on),
});

const page = (on: On): Check => ({
  id: "compose.page",
  lab,
  title: { en: `WordPress is served at ${on.target.url}`, ko: `WordPress가 ${on.target.url}에서 열린다` },
  hint: { en: `curl --head ${on.target.url}`, ko: `curl --head ${on.target.url}` },
  needs: [published(on), database(on)],
  probe: () => pageServed(on.target.url, on.live.get, siteSteps(on)),
});

const postSurvives = (on: On): Check => ({
  id: "compose.survives",
  lab,
  title: {
    en: "A post survives docker compose down and up",
    ko: "docker compose down과 up 뒤에도 글이 유지된다",
  },
  hint: {
    en: "docker compose down removes the containers and the network; down --volumes also removes the stored data",
    ko: "docker compose down은 컨테이너와 네트워크를 삭제하고, down --volumes는 저장된 데이터까지 삭제합니다",
  },
  needs: [volumes(on), page(on)],
  drill: {
    en: "starts a copy of both containers with volumes of its own, takes it down and up again, and removes it",
    ko: "두 컨테이너의 사본을 별도 볼륨으로 시작하고, 내렸다가 다시 올린 뒤 삭제합니다",
  },
  probe: () => {
    const mysql = serving(on, "mysql");
    return survives(mysql, serving(on, "wordpress"), on.live, remake(on, mysql.name));
  },
});

/** The steps of the lab "docker compose": WordPress and MySQL on one network. */
export const composeChecks = (target: ComposeTarget, docker: DockerFacts, live: Live): Check[] =>
  [containers, network, published, volumes, database, page, postSurvives].map((check) =>
    check({ target, docker, live }),
  );
