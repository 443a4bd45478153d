import { dockerLabelKeys } from "../../components/names";
import { dockerNames } from "../../components/names";
import { hidesNodes } from "../../components/addresses";
import { project, Settings, usesDocker } from "../../config";
import { LabError, lines, Text } from "../../text";
import { profileExists } from "../cluster/minikube";
import { isOwn } from "../cluster/running";
import { inspect } from "../docker/docker";
import { holderOf, tryPort } from "../docker/port-holder";
import { kindName } from "../stack/repair";
import { ownerId, State } from "../stack/stack";
import { versionProblems } from "../stack/stored";

/** A port of this machine. */
interface HostPort {
  /** The setting that names it. */
  key: "redisPort" | "composePort" | "nodePort";
  port: number;
  address: string;
}

/** The ports that the labs publish on this machine, and where a new cluster's node is hidden, the one that leads to it. */
export function hostPorts(settings: Settings, toNewNode = hidesNodes() && !profileExists()): HostPort[] {
  const { labs, bindAddress: address } = settings;
  const of = (key: HostPort["key"], at: string) => ({ key, port: settings[key], address: at });
  return [
    ...(labs.includes("redis") ? [of("redisPort", address)] : []),
    ...(labs.includes("compose") ? [of("composePort", address)] : []),
    ...(labs.includes("kubernetes") && isOwn(settings) && toNewNode ? [of("nodePort", "127.0.0.1")] : []),
  ];
}

/** Ports that somebody else holds. */
export async function portProblems(settings: Settings, ours: Set<string>): Promise<Text[]> {
  const problems: Text[] = [];
  const names = new Set(dockerNames(settings).map(({ kind, name }) => (kind === "container" ? name : "")));
  for (const { key, port, address } of hostPorts(settings)) {
    const state = await tryPort(address, port);
    if (state === "no such address") {
      return [
        {
          en: `Setting ${project}:bindAddress is "${settings.bindAddress}": this machine has no such address. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`,
          ko: `설정 ${project}:bindAddress 값이 "${settings.bindAddress}" 입니다: 이 컴퓨터에 없는 주소입니다. 127.0.0.1 또는 모든 주소를 뜻하는 0.0.0.0 을 쓰세요.`,
        },
      ];
    }
    if (state === "free") continue;
    const { id, name = "" } = (await holderOf(port)) ?? {};
    // A container that has a lab's name is told of by its name.
    if (id && (ours.has(id) || names.has(name))) continue;
    const holder = {
      en: id ? `container ${name}` : name || "another process",
      ko: id ? `컨테이너 ${name}` : name || "다른 프로세스",
    };
    const stop = id ? `docker stop ${name}` : undefined;
    problems.push({
      en: `Setting ${project}:${key} is ${port}: that port is taken by ${holder.en}. ${stop ? `Stop it (${stop})` : "Stop it"}, or choose another port, for example ${project}:${key}: ${port + 1}`,
      ko: `설정 ${project}:${key} 값이 ${port} 입니다: ${holder.ko} 이(가) 이 포트를 쓰고 있습니다. ${stop ? `멈추거나 (${stop})` : "멈추거나"} 다른 포트를 고르세요. 예: ${project}:${key}: ${port + 1}`,
    });
  }
  return problems;
}

/** Names that something which is not this stack's has already. */
async function nameProblems(settings: Settings, state: State): Promise<Text[]> {
  const known = new Set(state.resources.map((resource) => resource.id));
  const owner = ownerId(state);
  const problems: Text[] = [];
  // An image is only a name that can be made anew; what is stored elsewhere is not lost with it.
  const names = dockerNames(settings).filter(({ kind }) => kind !== "image");
  const there = await Promise.all(names.map(({ kind, name }) => inspect(kind, name)));
  for (const [i, { kind, name }] of names.entries()) {
    const found = there[i];
    if (!found || known.has(found.id) || (owner && found.labels[dockerLabelKeys.id] === owner)) continue;
    const stack = found.labels[dockerLabelKeys.stack];
    const remove = `docker ${kind} rm ${kind === "container" ? "--force " : ""}${name}`;
    const loss = kind !== "network";
    problems.push(
      stack
        ? {
            en: `${kind} ${name} belongs to another stack of this project (${stack}, id ${found.labels[dockerLabelKeys.id]}). Remove that one where it was started (npm run destroy), or give this one other names, for example ${project}:prefix: my-, and other ports. If it is gone: ${remove}${loss ? " (this deletes what is stored in it)" : ""}`,
            ko: `${kindName[kind].ko} ${name} 은(는) 이 프로젝트의 다른 스택(${stack}, id ${found.labels[dockerLabelKeys.id]})의 것입니다. 그 스택을 시작한 곳에서 지우거나 (npm run destroy), 이 스택에 다른 이름과 포트를 주세요. 예: ${project}:prefix: my-. 그 스택이 이미 없다면: ${remove}${loss ? " (저장된 내용이 지워집니다)" : ""}`,
          }
        : {
            en: `${kind} ${name} exists already and was not made by this stack. Remove it if you do not need it: ${remove}${loss ? " (this deletes what is stored in it)" : ""}. Or give this stack other names, for example ${project}:prefix: my-`,
            ko: `${kindName[kind].ko} ${name} 이(가) 이미 있으며 이 스택이 만든 것이 아닙니다. 필요 없으면 지우세요: ${remove}${loss ? " (저장된 내용이 지워집니다)" : ""}. 또는 이 스택에 다른 이름을 주세요. 예: ${project}:prefix: my-`,
          },
    );
  }
  return problems;
}

/**
 * Looks for what would stop the labs half-way, before anything is created.
 * @throws LabError that lists every problem with its remedy
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
