import { mysql as mysqlApp, databaseHost, wordpress as wordpressApp } from "../../../components/wordpress-app";
import { dockerLabelKeys } from "../../../components/names";
import { Check, failed, passed, Verdict } from "../check";
import { survives } from "./compose-drill";
import { Container, containerNamed, DockerFacts } from "../facts/docker";
import { Live } from "../facts/live";
import { containerRuns, onlyPublishedOn } from "./containers";
import { anew, isAnonymous } from "./remake";
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

/** The steps of the lab "docker compose": WordPress and MySQL on one network. */
export function composeChecks(target: ComposeTarget, docker: DockerFacts, live: Live): Check[] {
  const { containers } = target;
  const byHand = "project" in containers;
  const mysql = () => containerOf(target, docker, "mysql")!;
  const wordpress = () => containerOf(target, docker, "wordpress")!;
  const images: Record<Service, string> = { mysql: target.mysqlImage, wordpress: target.wordpressImage };
  const remake = (name: string) => `docker rm --force ${name}; ${target.make}`;
  const again = (container: Container) => anew(container, remake(container.name));

  function running(): Verdict {
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
          {
            en: `Compose project ${project} has ${names.length} containers of service ${service}, not one${list ? `: ${list}` : ""}${here ? `; there is, as project/service: ${here}` : ""}.`,
            ko: `compose 프로젝트 ${project} 에 ${service} 서비스의 컨테이너가 하나가 아니라 ${names.length} 개 있습니다${list ? `: ${list}` : ""}${here ? ` (있는 프로젝트/서비스: ${here})` : ""}.`,
          },
          names.length > 1 ? `${target.make} --scale ${service}=1` : target.make,
          { service, names, near },
        );
      }
      const [name] = names;
      const verdict = containerRuns(docker, name, images[service], remake(name));
      if (verdict.status !== "passed") return verdict;
      const { health } = containerNamed(docker, name)!;
      seen[service] = { ...verdict.evidence, health };
    }
    const key = byHand ? composeLabels.project : dockerLabelKeys.id;
    const [one, other] = [mysql().labels[key], wordpress().labels[key]];
    if (one !== undefined && one === other) return passed({ ...seen, project: one });
    const stranger = one === undefined ? mysql() : wordpress();
    return failed(
      {
        en: `${mysql().name} and ${wordpress().name} do not belong together: label ${key} is ${one ?? "missing"} and ${other ?? "missing"}.`,
        ko: `${mysql().name} 와(과) ${wordpress().name} 은(는) 한 프로젝트가 아닙니다: ${key} 라벨이 각각 ${one ?? "없음"}, ${other ?? "없음"} 입니다.`,
      },
      again(stranger),
      { ...seen, label: key, mysqlHas: one, wordpressHas: other },
    );
  }

  async function network(): Promise<Verdict> {
    const db = mysql();
    const site = wordpress();
    const lists = { [db.name]: db.networks, [site.name]: site.networks };
    const shared = site.networks.filter(({ name }) => db.networks.some((other) => other.name === name));
    const [both] = shared;
    if (!both || both.name === "bridge") {
      const shown = (container: Container) => container.networks.map(({ name }) => name).join(", ") || "-";
      return failed(
        {
          en: `${site.name} (${shown(site)}) and ${db.name} (${shown(db)}) have no network of their own in common: no name leads from one to the other.`,
          ko: `${site.name} (${shown(site)}) 와(과) ${db.name} (${shown(db)}) 이(가) 함께 쓰는 자기 네트워크가 없어 이름으로 서로 찾을 수 없습니다.`,
        },
        again(db),
        lists,
      );
    }
    const address = db.networks.find(({ name }) => name === both.name)?.address;
    const { stdout } = await live.exec(site.name, "getent", "ahostsv4", databaseHost);
    const resolved = [...new Set(stdout.split("\n").flatMap((line) => line.split(/\s+/)[0] || []))];
    const evidence = { ...lists, name: databaseHost, resolved };
    if (resolved.length === 1 && resolved[0] === address) return passed(evidence);
    return failed(
      {
        en: `In ${site.name} the name ${databaseHost} leads to ${resolved.join(" and ") || "nothing"}, not to ${db.name} (${address}) alone.`,
        ko: `${site.name} 안에서 ${databaseHost} 이름이 ${db.name} (${address}) 하나가 아니라 ${resolved.join(", ") || "아무것도 아닌 곳"} 을(를) 가리킵니다.`,
      },
      resolved.length > 1
        ? `docker network inspect ${both.name}`
        : `docker network disconnect ${both.name} ${db.name}; docker network connect --alias ${databaseHost} ${both.name} ${db.name}`,
      evidence,
    );
  }

  function published(): Verdict {
    const verdict = onlyPublishedOn(
      wordpress(),
      { inside: `${wordpressApp.port}/tcp`, address: target.bindAddress, port: target.port },
      remake(wordpress().name),
    );
    if (verdict.status !== "passed") return verdict;
    const { name, ports } = mysql();
    const [open] = ports;
    if (!open) return passed({ ...verdict.evidence, mysql: [] });
    return failed(
      {
        en: `${name} is published on ${open.address}:${open.port}. Only WordPress has business with the database, and it needs no published port.`,
        ko: `${name} 이(가) ${open.address}:${open.port} 에 열려 있습니다. 데이터베이스는 WordPress 만 쓰며, 그러려고 포트를 열 필요는 없습니다.`,
      },
      again(mysql()),
      { ...verdict.evidence, mysql: ports },
    );
  }

  function volumes(): Verdict {
    const kept = [
      { container: mysql(), path: mysqlApp.dataPath },
      { container: wordpress(), path: wordpressApp.dataPath },
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
        ? { en: "no volume at all", ko: "볼륨이 없음" }
        : anonymous
          ? {
              en: "a volume without a name, a new one for every container",
              ko: "컨테이너마다 새로 생기는 이름 없는 볼륨",
            }
          : {
              en: `a ${mount.type}${mount.writable ? "" : ", read-only"}`,
              ko: `${mount.type}${mount.writable ? "" : ", 읽기 전용"}`,
            };
      return failed(
        {
          en: `${path} of ${name} is not on a volume with a name, but on ${is.en}: what is stored goes with the container.`,
          ko: `${name} 의 ${path} 이(가) 이름 있는 볼륨이 아닙니다 (${is.ko}): 컨테이너와 함께 사라집니다.`,
        },
        copied(container, path),
        evidence,
      );
    }
    const [one, other] = kept.map(({ mount }) => mount?.name);
    if (one !== other) return passed(evidence);
    return failed(
      {
        en: `MySQL and WordPress share volume ${one}: the files of one are in the way of the other.`,
        ko: `MySQL 과 WordPress 가 볼륨 ${one} 을(를) 함께 씁니다: 서로의 파일이 섞입니다.`,
      },
      {
        en: `WordPress begins with an empty volume of its own then; to keep its files first: ${copyOf(wordpress(), wordpressApp.dataPath)}. Then: ${remake(wordpress().name)}`,
        ko: `그러면 WordPress는 빈 볼륨으로 시작합니다. 먼저 파일을 남기려면: ${copyOf(wordpress(), wordpressApp.dataPath)}. 그런 다음: ${remake(wordpress().name)}`,
      },
      evidence,
    );
  }

  /** Copies a folder of a container out of it. */
  const copyOf = ({ name }: Container, path: string) => `docker stop ${name}; docker cp ${name}:${path} ${name}-kept`;

  /** How a container gets a volume that it does not have, and what then is no longer to be seen. */
  const copied = (container: Container, path: string) => ({
    en: `The new container begins with what is on the volume, and not with what is stored now; to keep a copy of that first: ${copyOf(container, path)}. Then: ${remake(container.name)}`,
    ko: `새 컨테이너에는 지금 저장된 것이 아니라 볼륨에 있는 것이 보입니다. 먼저 복사해 두려면: ${copyOf(container, path)}. 그런 다음: ${remake(container.name)}`,
  });

  return [
    {
      id: "compose.containers",
      lab,
      title: { en: "MySQL and WordPress run as one project", ko: "MySQL 과 WordPress 가 한 프로젝트로 실행 중이다" },
      hint: { en: "docker compose ps, or docker ps", ko: "docker compose ps 또는 docker ps" },
      probe: running,
    },
    {
      id: "compose.network",
      lab,
      title: {
        en: `Both are on one network, where ${databaseHost} is the database's name`,
        ko: `둘이 한 네트워크에 있고 ${databaseHost} 이(가) 데이터베이스의 이름이다`,
      },
      hint: {
        en: "docker network inspect shows who is on a network; names work on networks of your own, not on bridge",
        ko: "docker network inspect 로 네트워크에 누가 있는지 봅니다. 이름은 bridge 가 아닌 자기 네트워크에서만 통합니다",
      },
      needs: ["compose.containers"],
      probe: network,
    },
    {
      id: "compose.published",
      lab,
      title: {
        en: `Only WordPress is published, on ${target.bindAddress}:${target.port}`,
        ko: `WordPress 만 ${target.bindAddress}:${target.port} 에 열려 있다`,
      },
      hint: { en: "docker ps shows published ports", ko: "docker ps 에서 열린 포트를 볼 수 있습니다" },
      needs: ["compose.containers"],
      probe: published,
    },
    {
      id: "compose.volumes",
      lab,
      title: { en: "What both store is on volumes", ko: "둘이 저장하는 것이 볼륨에 있다" },
      hint: {
        en: "docker inspect --format '{{json .Mounts}}' NAME shows what is mounted where",
        ko: "docker inspect --format '{{json .Mounts}}' 이름 에서 어디에 무엇이 있는지 봅니다",
      },
      needs: ["compose.containers"],
      probe: volumes,
    },
    {
      id: "compose.database",
      lab,
      title: { en: "WordPress may use its database", ko: "WordPress 가 데이터베이스를 쓸 수 있다" },
      hint: {
        en: "MySQL takes its passwords only while its volume is new; later ones must be the same",
        ko: "MySQL 은 볼륨이 새것일 때만 암호를 받으므로 나중에도 같은 암호여야 합니다",
      },
      needs: ["compose.network"],
      probe: async () => {
        const server = (await live.exec(mysql().name, "hostname")).stdout.trim();
        return databaseAnswers((...command) => live.exec(wordpress().name, ...command), server, {
          logs: `docker logs ${mysql().name}`,
          make: remake(wordpress().name),
          anew: target.anew,
        });
      },
    },
    {
      id: "compose.page",
      lab,
      title: { en: `WordPress is served at ${target.url}`, ko: `WordPress 가 ${target.url} 에서 열린다` },
      hint: { en: `curl --head ${target.url}`, ko: `curl --head ${target.url}` },
      needs: ["compose.published", "compose.database"],
      probe: () => {
        const { name } = wordpress();
        const steps = { logs: `docker logs ${name}`, make: again(wordpress()), exec: `docker exec ${name}` };
        return pageServed(target.url, live.get, steps);
      },
    },
    {
      id: "compose.survives",
      lab,
      title: {
        en: "A post survives docker compose down and up",
        ko: "docker compose down 과 up 뒤에도 글이 남는다",
      },
      hint: {
        en: "docker compose down removes containers and network; down --volumes removes what is stored, too",
        ko: "docker compose down 은 컨테이너와 네트워크를, down --volumes 는 저장된 것까지 지웁니다",
      },
      needs: ["compose.volumes", "compose.page"],
      drill: {
        en: "starts a copy of both containers with volumes of its own, takes it down and up again, and removes it",
        ko: "두 컨테이너의 복사본을 별도 볼륨으로 시작해 내렸다 올린 뒤 지웁니다",
      },
      probe: () => survives(mysql(), wordpress(), live, remake(mysql().name)),
    },
  ];
}
