import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "../../text";
import { unset } from "../docker/docker-problems";
import { docker, inspect, UsedDocker, usedDocker } from "../docker/docker";
import { say } from "../terminal/language";
import { exported, imported } from "../install/pulumi";
import type { State, StateResource } from "./stack";

/** The Docker Engine that a stack's labs are on. */
interface Home extends UsedDocker {
  /** Its identity, which it keeps when it is started anew or its socket moves; unknown for a state of an older version. */
  id?: string;
  /** What it runs on, such as "Docker Desktop". */
  system?: string;
}

const noteOf = (stack: string) => `.pulumi/docker/${stack}.json`;

const isProvider = ({ type }: StateResource) => type === "pulumi:providers:docker";

/** A state without the address of Docker, which older versions of this project noted; the same one where it has none. */
export function withoutAddress<T extends { resources?: StateResource[] } | null>(deployment: T): T {
  const noted = (resource: StateResource) => isProvider(resource) && resource.inputs?.host !== undefined;
  if (!deployment?.resources?.some(noted)) return deployment;
  const without = (properties: Record<string, unknown> = {}) => {
    const rest = { ...properties };
    delete rest.host;
    return rest;
  };
  const resources = deployment.resources.map((resource) =>
    noted(resource) ? { ...resource, inputs: without(resource.inputs), outputs: without(resource.outputs) } : resource,
  );
  return { ...deployment, resources };
}

/** Forgets that address: refresh and `destroy` would go there, also where nothing answers any more. */
export async function forgetAddress(stack: string, state: State): Promise<void> {
  if (withoutAddress(state) === state) return;
  const whole = await exported(stack);
  await imported(stack, { ...whole, deployment: withoutAddress(whole.deployment as State) });
}

/** What a stack has on Docker under an identifier that no other engine gives; a volume's is only its name. */
const objectsOf = ({ resources }: State) =>
  resources.flatMap(({ type, id }) => {
    const [, kind] = /^docker:index\/(container|network):/.exec(type) ?? [];
    return kind && id ? [{ kind: kind as "container" | "network", id }] : [];
  });

async function anyHere(state: State): Promise<boolean> {
  for (const { kind, id } of objectsOf(state)) if (await inspect(kind, id)) return true;
  return false;
}

/** The Docker that this run uses. */
async function here(): Promise<Home> {
  const [id, system] = (await docker("info", "--format", "{{.ID}}|{{.OperatingSystem}}")).split("|");
  return { ...(usedDocker() ?? { name: "default", address: "" }), id, system };
}

/** Where the labs are, as `up` noted it, or an older version did in the state. */
function homeOf(stack: string, { resources }: State): Home | undefined {
  if (existsSync(noteOf(stack))) return JSON.parse(readFileSync(noteOf(stack), "utf8")) as Home;
  const address = resources.find(isProvider)?.inputs?.host;
  return typeof address === "string" ? { name: address, address } : undefined;
}

/**
 * Sees to it that a stack's labs are on the Docker that this run uses. On another one, `up` would make them a second time,
 * `destroy` would forget the first, and the next run on the first would take that for what a killed run left behind.
 * @param leaving go on without the other Docker, and whatever the labs have there
 * @throws LabError that names both
 */
export async function sameDocker(stack: string, state: State, leaving = false): Promise<void> {
  const home = homeOf(stack, state);
  if (!home || objectsOf(state).length === 0 || (await anyHere(state))) return;
  const now = await here();
  // The same engine, from which somebody removed everything.
  if (home.id === undefined ? home.address === now.address : home.id === now.id) return;
  if (!leaving) throw elsewhere(stack, home, now);
  say({
    en: `Going on without ${described(home)}: what the labs of stack ${stack} have there stays there.`,
    ko: `${described(home)} 없이 계속합니다. ${stack} 스택의 실습이 그곳에 만든 것은 그대로 남습니다.`,
  });
}

/** Notes the Docker that this run uses as the one that the stack's labs are on. */
export async function noteDocker(stack: string, state: State): Promise<void> {
  const file = noteOf(stack);
  if (existsSync(file) && objectsOf(state).length > 0 && (await anyHere(state))) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(await here())}\n`);
}

const described = ({ name, address, system = "Docker" }: Home) =>
  name === address ? `${system} (${address})` : `${system} (${name}, ${address})`;

function elsewhere(stack: string, home: Home, now: Home): LabError {
  const { platform } = process;
  const set = platform === "win32" ? `$env:DOCKER_HOST = "${home.address}"` : `export DOCKER_HOST=${home.address}`;
  const select = `docker context use ${home.name}`;
  const use =
    home.name === home.address
      ? set
      : now.name === now.address
        ? `${unset(["DOCKER_HOST"], platform)}; ${select}`
        : select;
  const leave = "-- --allow-data-loss";
  if (home.address === now.address) {
    return new LabError({
      en: `The labs of stack ${stack} were made on ${described(home)}, and another Docker answers there now (${now.system}): it was installed anew, its data was reset, or the other one is stopped. Nothing was changed. Start that Docker, then run the command again. If it is gone, and with it everything that the labs stored there: run the command again with ${leave}`,
      ko: `${stack} 스택의 실습은 ${described(home)} 에 만들었는데 지금 그 주소에는 다른 Docker가 있습니다 (${now.system}). 다시 설치했거나, 데이터를 초기화했거나, 그 Docker가 멈춰 있습니다. 아무것도 바꾸지 않았습니다. 그 Docker를 시작한 뒤 명령을 다시 실행하세요. 그 Docker와 저장된 것이 모두 없어졌다면 명령 끝에 ${leave} 를 붙이세요`,
    });
  }
  return new LabError({
    en: `The labs of stack ${stack} are on another Docker, ${described(home)}; the docker command now uses ${described(now)}. Nothing was changed. Use the first one again: ${use}. If it is gone, and with it everything that the labs stored there: run the command again with ${leave}`,
    ko: `${stack} 스택의 실습은 다른 Docker, ${described(home)} 에 있습니다. 지금 docker 명령이 쓰는 것은 ${described(now)} 입니다. 아무것도 바꾸지 않았습니다. 앞의 Docker를 다시 쓰려면: ${use}. 그 Docker와 저장된 것이 모두 없어졌다면 명령 끝에 ${leave} 를 붙이세요`,
  });
}
