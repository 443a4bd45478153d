import { dockerLabelKeys } from "../../components/names";
import { same, Text } from "../../text";
import { beginning, inBoth, Told } from "./told";

/** An event of the Docker daemon. @see https://docs.docker.com/reference/cli/docker/system/events/ */
export interface DockerEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  /** Nanoseconds since 1970. */
  timeNano: number;
}

/** The parts of Docker around the daemon, in the order in which a container needs them. */
const dockerParts = ["image", "network", "volume", "container", "health"] as const;
type DockerPart = (typeof dockerParts)[number];

export interface DockerStep {
  time: string;
  part: DockerPart;
  action: string;
  name: string;
  client: Text;
  why: Text;
}

export interface DockerStory {
  steps: DockerStep[];
  /** What the course asks about: Compose or Kubernetes. */
  lesson: Text;
}

const reasons: Record<string, Text> = {
  "image pull": {
    en: "The daemon did not have the image, and pulled it from the registry.",
    ko: "데몬에 이미지가 없어서 레지스트리에서 내려받았습니다.",
  },
  "network create": {
    en: "A user-defined network, in which containers find each other by name.",
    ko: "컨테이너끼리 이름으로 찾을 수 있는 사용자 정의 네트워크입니다.",
  },
  "network connect": {
    en: "The container gets an address in the network.",
    ko: "컨테이너가 네트워크의 주소를 받습니다.",
  },
  "network disconnect": { en: "The container releases its address.", ko: "컨테이너가 주소를 반납합니다." },
  "volume create": {
    en: "Storage for data that outlives the container.",
    ko: "컨테이너를 지워도 남는 데이터 저장소입니다.",
  },
  "volume mount": { en: "The volume is mounted in the container.", ko: "볼륨을 컨테이너에 마운트합니다." },
  "volume unmount": {
    en: "The volume is unmounted; its data is kept.",
    ko: "볼륨의 마운트를 해제합니다. 데이터는 남습니다.",
  },
  "volume destroy": { en: "The volume is removed, together with its data.", ko: "볼륨이 데이터와 함께 삭제됩니다." },
  "container create": {
    en: "The daemon creates the container from its image. Nothing runs yet.",
    ko: "데몬이 이미지로 컨테이너를 만듭니다. 아직 실행되지 않습니다.",
  },
  "container start": { en: "The daemon starts its process.", ko: "데몬이 프로세스를 시작합니다." },
  "container kill": { en: "The process receives a signal.", ko: "프로세스에 신호를 보냅니다." },
  "container oom": { en: "It used more memory than its limit allows.", ko: "메모리 한도보다 많이 썼습니다." },
  "container destroy": {
    en: "The container is removed. Nothing replaces it, because nothing watches it.",
    ko: "컨테이너가 삭제됩니다. 지켜보는 구성 요소가 없어서 다시 만들어지지 않습니다.",
  },
  "health healthy": {
    en: "Its health check succeeded; Compose now starts what was waiting for that.",
    ko: "헬스 체크가 성공했습니다. 이를 기다리던 컨테이너를 compose가 시작합니다.",
  },
  "health unhealthy": {
    en: "Its health check fails. Docker records this and does nothing else.",
    ko: "헬스 체크가 실패했습니다. Docker는 기록만 하고 다른 일은 하지 않습니다.",
  },
};

const lesson: Text = {
  en: "A client asked, and the daemon did all of this in order. Nothing compares the desired state with the current one now. On Kubernetes, that never stops: npm run see -- apply",
  ko: "클라이언트 하나가 요청하고 데몬 하나가 순서대로 모두 했습니다. 이제 원하는 상태와 현재 상태를 비교하는 구성 요소는 없습니다. 쿠버네티스에서는 이 비교가 계속됩니다: npm run see -- apply",
};

/** Who asked for it: Docker records no client, but tools that create several objects label them. */
function clientOf(labels: Record<string, string>): Text {
  const project = labels["com.docker.compose.project"];
  if (project) return same(`docker compose (${project})`);
  if (labels[dockerLabelKeys.project]) return same("npm run up");
  return { en: "a client, such as docker", ko: "클라이언트 (docker 등)" };
}

/** The node of a cluster is not a container of the labs, and neither is what runs in it. */
const ofCluster = ({ Actor }: DockerEvent) => Object.keys(Actor.Attributes).some((key) => key.includes("minikube"));

/** What health checks do all the time, and what shows nothing. */
const noise = /^(?:exec_|attach|resize|top|archive-path|extract-to-dir|prune)/;

/** The longest pause within one story, in milliseconds. */
const pause = 15_000;

/** The last thing that Docker did, from its events. Pure: the same events make the same story. */
export function dockerStoryOf(events: readonly DockerEvent[]): DockerStory {
  const told = events.filter((event) => !noise.test(event.Action) && !ofCluster(event));
  // Events of networks and volumes contain only the id of a container.
  const containers = new Map(told.map(({ Actor }) => [Actor.ID, Actor]));
  const steps = told
    .sort((a, b) => a.timeNano - b.timeNano)
    .flatMap((event): DockerStep | [] => stepOf(event, containers) ?? []);
  const deeds = steps.filter(({ part }) => part !== "health").map(({ time }) => time);
  const begins = deeds.filter((time, i) => i === 0 || Date.parse(time) - Date.parse(deeds[i - 1]!) > pause);
  const from = begins.at(-1);
  return { steps: steps.filter(({ time }) => from !== undefined && time >= from), lesson };
}

function stepOf(event: DockerEvent, containers: ReadonlyMap<string, DockerEvent["Actor"]>): DockerStep | undefined {
  const { Type, Action, Actor, timeNano } = event;
  const health = /^health_status: (.*)$/.exec(Action)?.[1];
  const part = health ? "health" : dockerParts.find((one) => one === Type);
  if (!part) return undefined;
  const { name, container, exitCode } = Actor.Attributes;
  const other = container ? containers.get(container) : undefined;
  const action = health ?? Action.split(":")[0]!;
  const text = name ?? (Type === "volume" ? Actor.ID : Actor.ID.slice(0, 12));
  const ended: Text = {
    en: `Its process ended with exit code ${exitCode}.`,
    ko: `프로세스가 끝났습니다(종료 코드 ${exitCode}).`,
  };
  return {
    time: new Date(timeNano / 1e6).toISOString(),
    ...{ part, action },
    name: other ? `${text} ← ${other.Attributes.name}` : text,
    client: clientOf({ ...other?.Attributes, ...Actor.Attributes }),
    why:
      action === "die"
        ? ended
        : (reasons[`${part} ${action}`] ?? { en: "Docker records it.", ko: "Docker의 기록입니다." }),
  };
}

/** What happens without a request. */
const unasked = ({ part, action }: DockerStep) =>
  part === "health" || ["die", "oom", "disconnect", "unmount"].includes(action);

export function dockerTold({ steps, lesson }: DockerStory): Told {
  const start = steps[0]?.time;
  return {
    ...{ drawing: "docker", title: { en: "What Docker did last", ko: "Docker가 마지막에 한 일" }, notes: [] },
    of: ["Docker", beginning(start)].join(" · "),
    steps: steps.map((step) => {
      const { part, action, name, client, why, time } = step;
      const by = unasked(step) ? { en: "Docker daemon", ko: "Docker 데몬" } : client;
      return {
        ...{ actor: unasked(step) ? "daemon" : "client", version: time, why, said: false, fields: [] },
        since: `+${((Date.parse(time) - Date.parse(start ?? time)) / 1000).toFixed(1)} s`,
        head: inBoth((say) => [say(by), `${part} ${action}`, name].join(" · ")),
        lit: [...(unasked(step) ? [] : ["client"]), part],
        when: `${time.slice(11, 23)} UTC`,
      };
    }),
    end: {
      ...{ ok: true, actor: "", lit: [], more: [], evidence: [], what: lesson },
      head: { en: "The daemon waits for the next request", ko: "데몬은 다음 요청을 기다립니다" },
    },
  };
}
