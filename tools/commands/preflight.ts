import { dockerLabelKeys } from "../../components/names";
import { dockerNames } from "../../components/names";
import { hidesNodes } from "../../components/addresses";
import { project, Settings, usesDocker } from "../../config";
import { LabError, lines, same, Text } from "../../text";
import { profileExists } from "../cluster/minikube";
import { isOwn } from "../cluster/running";
import { inspectAll } from "../docker/docker";
import { containerOn, tryPort, whoUses } from "../docker/port-holder";
import { kindName } from "../stack/repair";
import { ownerId, State } from "../stack/stack";
import { versionProblems } from "../stack/stored";

interface HostPort {
  /** The setting for the port. */
  key: "redisPort" | "composePort" | "nodePort";
  port: number;
  address: string;
}

/** The ports of this machine that the labs use, including the mapped port of a new cluster whose node cannot be reached. */
export function hostPorts(settings: Settings, toNewNode = hidesNodes() && !profileExists()): HostPort[] {
  const { labs, bindAddress: address } = settings;
  const of = (key: HostPort["key"], at: string) => ({ key, port: settings[key], address: at });
  return [
    ...(labs.includes("redis") ? [of("redisPort", address)] : []),
    ...(labs.includes("compose") ? [of("composePort", address)] : []),
    ...(labs.includes("kubernetes") && isOwn(settings) && toNewNode ? [of("nodePort", "127.0.0.1")] : []),
  ];
}

export async function portProblems(settings: Settings, ours: Set<string>): Promise<Text[]> {
  const problems: Text[] = [];
  const names = new Set(dockerNames(settings).map(({ kind, name }) => (kind === "container" ? name : "")));
  const ports = hostPorts(settings).map(async (one) => {
    const state = await tryPort(one.address, one.port);
    return { ...one, state, found: state === "taken" ? await containerOn(one.port) : undefined };
  });
  for (const { key, port, state, found } of await Promise.all(ports)) {
    if (state === "no such address") {
      return [
        {
          en: `Setting ${project}:bindAddress is "${settings.bindAddress}": this machine has no such address. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`,
          ko: `${project}:bindAddress 설정의 값이 "${settings.bindAddress}"입니다. 이 컴퓨터에 없는 주소입니다. 127.0.0.1을 쓰거나, 모든 주소를 뜻하는 0.0.0.0을 쓰세요.`,
        },
      ];
    }
    if (state === "free") continue;
    // A container with the name of a lab is reported by nameProblems.
    if (found && (ours.has(found.id) || names.has(found.name))) continue;
    const holder = found
      ? { en: `container ${found.name}`, ko: `${found.name} 컨테이너` }
      : { en: "another program", ko: "다른 프로그램" };
    const stop: Text = found
      ? same(`docker stop ${found.name}`)
      : { en: `to see which: ${whoUses(port)}`, ko: `확인: ${whoUses(port)}` };
    problems.push({
      en: `Setting ${project}:${key} is ${port}, but ${holder.en} already uses this port. Stop it (${stop.en}), or choose another port, for example ${project}:${key}: ${port + 1}`,
      ko: `${project}:${key} 설정의 값이 ${port}인데, 이 포트를 이미 사용하는 것이 있습니다: ${holder.ko}. 먼저 종료하거나(${stop.ko}) 다른 포트를 지정하세요. 예: ${project}:${key}: ${port + 1}`,
    });
  }
  return problems;
}

async function nameProblems(settings: Settings, state: State): Promise<Text[]> {
  const known = new Set(state.resources.map((resource) => resource.id));
  const owner = ownerId(state);
  const problems: Text[] = [];
  // An image can be rebuilt and contains no data.
  const names = dockerNames(settings).filter(({ kind }) => kind !== "image");
  const kinds = [...new Set(names.map(({ kind }) => kind))];
  const there = await Promise.all(
    kinds.map(async (kind) => {
      const ofKind = names.filter((one) => one.kind === kind);
      const found = await inspectAll(
        kind,
        ofKind.map(({ name }) => name),
      );
      return ofKind.map(({ name }, i) => ({ kind, name, found: found[i] }));
    }),
  );
  for (const { kind, name, found } of there.flat()) {
    if (!found || known.has(found.id) || (owner && found.labels[dockerLabelKeys.id] === owner)) continue;
    const stack = found.labels[dockerLabelKeys.stack];
    const remove = `docker ${kind} rm ${kind === "container" ? "--force " : ""}${name}`;
    const loss = kind !== "network";
    problems.push(
      stack
        ? {
            en: `${kind} ${name} belongs to another stack of this project (${stack}, id ${found.labels[dockerLabelKeys.id]}). Destroy that stack in the folder where it was created (npm run destroy), or give this stack other names, for example ${project}:prefix: my-, and other ports. If that stack no longer exists: ${remove}${loss ? " (this deletes the data stored in it)" : ""}`,
            ko: `${name} ${kindName[kind].ko} 이름을 이 프로젝트의 다른 스택(${stack}, id ${found.labels[dockerLabelKeys.id]})에서 사용하고 있습니다. 그 스택을 만든 폴더에서 삭제하거나(npm run destroy), 이 스택에 다른 이름과 포트를 지정하세요. 예: ${project}:prefix: my-. 그 스택이 더 이상 없다면: ${remove}${loss ? " (저장된 데이터가 삭제됩니다)" : ""}`,
          }
        : {
            en: `${kind} ${name} already exists and was not created by this stack. If you do not need it, remove it: ${remove}${loss ? " (this deletes the data stored in it)" : ""}. Or give this stack other names, for example ${project}:prefix: my-`,
            ko: `이 스택에서 만들지 않은 것이 ${name} ${kindName[kind].ko} 이름을 이미 사용하고 있습니다. 필요 없으면 삭제하세요: ${remove}${loss ? " (저장된 데이터가 삭제됩니다)" : ""}. 또는 이 스택에 다른 이름을 지정하세요. 예: ${project}:prefix: my-`,
          },
    );
  }
  return problems;
}

/**
 * Finds everything that would make the deployment fail half-way, before anything is created.
 * @throws LabError that lists all problems with their remedies
 */
export async function preflight(settings: Settings, state: State): Promise<void> {
  const ours = new Set(state.resources.map((resource) => resource.id ?? ""));
  const [names, ports] = await Promise.all([
    usesDocker(settings.labs) ? nameProblems(settings, state) : [],
    portProblems(settings, ours),
  ]);
  const problems = [...versionProblems(settings, state), ...names, ...ports];
  if (problems.length > 0) throw new LabError(lines(problems));
}
