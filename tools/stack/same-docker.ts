import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "../../text";
import { unset } from "../docker/docker-problems";
import { docker, inspect, UsedDocker, usedDocker } from "../docker/docker";
import { say } from "../terminal/language";
import { exported, imported } from "../install/pulumi";
import type { State, StateResource } from "./stack";

interface Home extends UsedDocker {
  /** Id of the engine, which survives restarts and a move of the socket; unknown for a state of an older version. */
  id?: string;
  /** The operating system reported by Docker, such as "Docker Desktop". */
  system?: string;
}

const noteOf = (stack: string) => `.pulumi/docker/${stack}.json`;

const isProvider = ({ type }: StateResource) => type === "pulumi:providers:docker";

/** Removes the address of Docker, which older versions of this project recorded, from a state. */
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

/** Removes the address from the stored state. Otherwise refresh and `destroy` would use it even if it is no longer valid. */
export async function forgetAddress(stack: string, state: State): Promise<void> {
  if (withoutAddress(state) === state) return;
  const whole = await exported(stack);
  await imported(stack, { ...whole, deployment: withoutAddress(whole.deployment as State) });
}

/** Docker objects with an id that is unique across engines. The id of a volume is just its name. */
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

/** The Docker of the labs, as recorded by `up`, or in the state by an older version. */
function homeOf(stack: string, { resources }: State): Home | undefined {
  if (existsSync(noteOf(stack))) return JSON.parse(readFileSync(noteOf(stack), "utf8")) as Home;
  const address = resources.find(isProvider)?.inputs?.host;
  return typeof address === "string" ? { name: address, address } : undefined;
}

/**
 * Requires that the labs are on the Docker that this run uses. On another one, `up` would create them a second time,
 * `destroy` would lose track of the first ones, and a later run would treat those as left by an interrupted run.
 * @param leaving continue without the other Docker, and leave the labs on it behind
 * @throws LabError that names both
 */
export async function sameDocker(stack: string, state: State, leaving = false): Promise<void> {
  const home = homeOf(stack, state);
  if (!home || objectsOf(state).length === 0 || (await anyHere(state))) return;
  const now = await here();
  // It is the same engine, but everything was removed from it.
  if (home.id === undefined ? home.address === now.address : home.id === now.id) return;
  if (!leaving) throw elsewhere(stack, home, now);
  say({
    en: `Continuing without ${described(home)}. The objects of stack ${stack} there are left behind.`,
    ko: `${described(home)} 없이 계속합니다. 그곳에 있는 ${stack} 스택의 컨테이너와 볼륨은 그대로 남습니다.`,
  });
}

/**
 * Records the Docker that this run uses as the one of the labs.
 * @param leaving as {@link sameDocker} was told: otherwise it has made sure that labs that run are on the recorded one
 */
export async function noteDocker(stack: string, state: State, leaving = false): Promise<void> {
  const file = noteOf(stack);
  if (existsSync(file) && objectsOf(state).length > 0 && (!leaving || (await anyHere(state)))) return;
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
      en: `The labs of stack ${stack} were created on ${described(home)}, but a different Docker now answers at this address (${now.system}): Docker was reinstalled, its data was reset, or the original one is stopped. Nothing was changed. Start the original Docker, then run the command again. If it no longer exists, and the data of the labs is lost with it, run the command again with ${leave}`,
      ko: `${stack} 스택의 실습 환경은 ${described(home)}에 있는데, 지금 그 주소에서 다른 Docker(${now.system})가 응답합니다. Docker를 다시 설치했거나 데이터를 초기화했거나, 원래 Docker가 중지된 상태입니다. 아무것도 변경하지 않았습니다. 원래 Docker를 시작한 뒤 명령을 다시 실행하세요. 원래 Docker와 그 안의 데이터가 모두 사라졌다면 명령 끝에 다음을 붙여 실행하세요: ${leave}`,
    });
  }
  return new LabError({
    en: `The labs of stack ${stack} are on another Docker, ${described(home)}, but the docker command now uses ${described(now)}. Nothing was changed. To use the first one again: ${use}. If it no longer exists, and the data of the labs is lost with it, run the command again with ${leave}`,
    ko: `${stack} 스택의 실습 환경은 다른 Docker에 있습니다: ${described(home)}. 지금 docker 명령이 사용하는 Docker: ${described(now)}. 아무것도 변경하지 않았습니다. 원래 Docker를 다시 쓰려면: ${use}. 원래 Docker와 그 안의 데이터가 모두 사라졌다면 명령 끝에 다음을 붙여 실행하세요: ${leave}`,
  });
}
