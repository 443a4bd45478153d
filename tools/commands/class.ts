import { parseArgs } from "node:util";
import { ClassOutputs, SeatOutputs } from "../../outputs";
import { LabError, Text } from "../../text";
import { Apart, apartText, measureApart } from "../class/apart";
import { accessOf, revoke, Server, unreachableFromOutside } from "../class/access";
import { handOut } from "../class/hand-out";
import type { ClusterApi } from "../cluster/api";
import { accessTo, ClusterChoice } from "../cluster/kubeconfig";
import { clusterOf } from "../cluster/in-state";
import { toolchain } from "../install/toolchain";
import { openMade } from "../stack/session";
import { settingsOf } from "../stack/settings";
import { outputsIn } from "../stack/stack";
import { requireStack } from "../stack/stacks";
import { isStackName } from "../terminal/arguments";
import { say } from "../terminal/language";

export const classUsage: Text = {
  en: `Usage: npm run class -- what [options], for a class that npm run up has made (course-labs:seats)
  hand-out FOLDER   a kubeconfig and a page for each student; once more to renew
  revoke            end access that was handed out, at once; what is in the seats stays
  --seat a,b        only these seats
  --server URL      hand-out: the address of the cluster's API that students use
  --here            hand-out: although only this machine reaches the cluster
  --stack NAME      another stack, with its own Pulumi.NAME.yaml (default: dev)
  --lang ko|en      language of the messages`,
  ko: `사용법: npm run class -- 할일 [옵션]. npm run up으로 만든 반(course-labs:seats)에 씁니다
  hand-out 폴더     학생마다 kubeconfig와 안내 페이지; 연장하려면 다시 실행
  revoke            나눠 준 접근 권한을 바로 끝내기; 자리 안의 것은 남습니다
  --seat a,b        이 자리들만
  --server URL      hand-out: 학생이 쓸 클러스터 API의 주소
  --here            hand-out: 이 컴퓨터만 클러스터에 닿더라도
  --stack 이름      다른 스택, 설정은 Pulumi.이름.yaml (기본값: dev)
  --lang ko|en      메시지 언어`,
};

interface Options {
  what: "hand-out" | "revoke" | "help";
  folder?: string;
  seats?: string[];
  server?: string;
  here: boolean;
  stack: string;
}

const misread = (en: string, ko: string) =>
  new LabError({ en: `${en}\n\n${classUsage.en}`, ko: `${ko}\n\n${classUsage.ko}` });

/**
 * Reads the options.
 * @throws LabError that names the option
 */
export function parseClass(argv: string[]): Options {
  const parsed = (() => {
    try {
      return parseArgs({
        args: argv,
        allowPositionals: true,
        options: {
          seat: { type: "string" },
          server: { type: "string" },
          here: { type: "boolean", default: false },
          stack: { type: "string", default: "dev" },
          lang: { type: "string" },
          help: { type: "boolean", default: false },
        },
      });
    } catch (error) {
      const reason = `${(error as Error).message.split(". ")[0]}.`;
      throw misread(reason, reason);
    }
  })();
  const { values, positionals } = parsed;
  const { seat, server, here, stack, lang } = values;
  const [what, folder, ...others] = positionals;
  if (values.help) return { what: "help", here, stack };
  if (what !== "hand-out" && what !== "revoke") {
    throw misread(
      what === undefined ? "Say what is to be done." : `There is no "${what}" for a class.`,
      what === undefined ? "할 일을 지정하세요." : `반에는 "${what}"(이)라는 할 일이 없습니다.`,
    );
  }
  if (what === "hand-out" && folder === undefined) {
    throw misread(
      "Name a folder for what is handed out, for example: npm run class -- hand-out seats",
      "나눠 줄 것을 넣을 폴더를 지정하세요. 예: npm run class -- hand-out seats",
    );
  }
  const surplus = what === "revoke" ? folder : others[0];
  if (surplus !== undefined) {
    throw misread(
      `"${surplus}" is one too many. Seats are named with --seat ${surplus}`,
      `"${surplus}" 인자가 남습니다. 자리는 이렇게 지정합니다: --seat ${surplus}`,
    );
  }
  if (server !== undefined && !/^https:\/\/[^\s/]+\/?$/.test(server)) {
    throw misread(
      `--server is "${server}": it must be an address such as https://192.168.0.7:8443`,
      `--server 값이 "${server}" 입니다: https://192.168.0.7:8443 같은 주소여야 합니다`,
    );
  }
  if (!isStackName(stack)) throw misread(`--stack is "${stack}"`, `--stack 값이 "${stack}" 입니다`);
  if (lang !== undefined && lang !== "ko" && lang !== "en") {
    throw misread(`--lang is "${lang}": it must be ko or en`, `--lang 값이 "${lang}" 입니다: ko 또는 en이어야 합니다`);
  }
  const seats = seat?.split(",").map((name) => name.trim());
  return { what, folder, seats, server, here, stack };
}

/** The class of a stack, and where it is. */
interface Found {
  school: ClassOutputs;
  cluster: ClusterChoice;
  /** Namespace of the teacher's own lab. */
  own?: string;
}

/** @throws LabError where the stack has no class */
async function classOf(stack: string): Promise<Found> {
  requireStack(stack);
  await toolchain({ labs: [], images: [] });
  const state = await openMade(stack);
  const { class: school, kubernetes } = outputsIn(state);
  const cluster = clusterOf(state);
  if (school && cluster) return { school, cluster, own: kubernetes?.namespace };
  throw new LabError({
    en: `Stack ${stack} has no class. Name its seats in the stack's file, for example course-labs:seats: 30, and make them: npm run up -- --stack ${stack}`,
    ko: `${stack} 스택에는 반이 없습니다. 스택 파일에 자리를 적고(예: course-labs:seats: 30) 만드세요: npm run up -- --stack ${stack}`,
  });
}

/** The seats that were asked for, by name or by who has them. @throws LabError for one that there is not */
export function chosen({ seats }: ClassOutputs, names: string[] | undefined): SeatOutputs[] {
  if (!names) return seats;
  return names.map((name) => {
    const found = seats.find(({ seat, student, namespace }) => [seat, student, namespace].includes(name));
    if (found) return found;
    const there = seats.map(({ seat }) => seat).join(", ");
    throw new LabError({
      en: `--seat is "${name}": the class has no such seat. There are: ${there}`,
      ko: `--seat 값이 "${name}" 입니다: 그런 자리가 없습니다. 있는 자리: ${there}`,
    });
  });
}

/** Where students find the cluster. @throws LabError where other machines cannot, unless that is not wanted */
function serverFor(cluster: ClusterChoice, { server, here }: Options): Server {
  const access = accessTo(cluster);
  if (!access) throw new LabError(lostContext(cluster));
  const [at, ca] = [server ?? access.server, access.ca];
  const problem = here || server !== undefined ? undefined : unreachableFromOutside(at, cluster);
  if (problem) throw new LabError(problem);
  return { server: at, ca };
}

const lostContext = ({ kubeContext }: ClusterChoice): Text => ({
  en: `The kubeconfig has no context "${kubeContext}" any more, which the class was made on. Bring it back, or log in to that cluster again.`,
  ko: `반을 만든 컨텍스트 "${kubeContext}"가 kubeconfig에 더 없습니다. 되살리거나 그 클러스터에 다시 로그인하세요.`,
});

/** The address of the teacher's own WordPress, a pod outside of every seat. */
async function outside({ core }: ClusterApi, namespace: string | undefined): Promise<string | undefined> {
  if (namespace === undefined) return undefined;
  const labelSelector = "app.kubernetes.io/name=wordpress";
  const { items } = await core.listNamespacedPod({ namespace, labelSelector });
  const ready = items.find(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  return ready?.status?.podIP;
}

async function handedOut(options: Options, { school, cluster, own }: Found): Promise<void> {
  const seats = chosen(school, options.seats);
  const server = serverFor(cluster, options);
  const settings = settingsOf(options.stack);
  const api = (await import("../cluster/api")).clusterApi(cluster);
  const folder = options.folder!;
  // Few at a time: a cluster of one node has other things to do.
  for (let i = 0; i < seats.length; i += 10) {
    const some = seats.slice(i, i + 10);
    const accesses = await Promise.all(some.map((seat) => accessOf(api, seat, school.hours)));
    some.forEach((seat, j) => {
      const access = accesses[j]!;
      const to = handOut(folder, server, seat, access, settings.seatLab);
      const who = seat.student ? `${seat.seat} (${seat.student})` : seat.seat;
      const ends = access.ends.toISOString().slice(0, 16).replace("T", " ");
      say({ en: `  ${who}: ${to}, ends at ${ends} UTC`, ko: `  ${who}: ${to}, ${ends} UTC에 끝남` });
    });
  }
  say({
    en: `Seats handed out: ${seats.length}. Give each student the folder of their seat, and nobody else: whoever has the kubeconfig can change the seat.`,
    ko: `나눠 준 자리: ${seats.length}. 학생에게 자기 자리의 폴더만 주세요: kubeconfig가 있으면 누구나 그 자리를 바꿀 수 있습니다.`,
  });
  const target = await outside(api, own);
  let apart: Apart = "not known";
  // One that is full has no room for the probe.
  for (const seat of seats.slice(0, 3)) {
    if (apart === "not known") apart = await measureApart(api, seat, target, settings.wordpressImage);
  }
  say(apartText[apart]);
}

async function revoked(options: Options, { school, cluster }: Found): Promise<void> {
  const seats = chosen(school, options.seats);
  const api = (await import("../cluster/api")).clusterApi(cluster);
  for (const seat of seats) {
    await revoke(api, seat);
    say({ en: `  ${seat.seat}: no access any more`, ko: `  ${seat.seat}: 접근할 수 없음` });
  }
  say({
    en: `Ended: ${seats.length}. What is in the seats stays. To give access again: npm run class -- hand-out FOLDER`,
    ko: `끝낸 자리: ${seats.length}. 자리 안의 것은 남습니다. 다시 나눠 주려면: npm run class -- hand-out 폴더`,
  });
}

/** What a teacher does with a class. @returns the exit code */
export async function classCommand(argv: string[]): Promise<number> {
  try {
    const options = parseClass(argv);
    if (options.what === "help") {
      say(classUsage);
      return 0;
    }
    const found = await classOf(options.stack);
    if (options.what === "revoke") await revoked(options, found);
    else await handedOut(options, found);
    return 0;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say({ en: `\n${error.text.en}`, ko: `\n${error.text.ko}` });
    return 1;
  }
}
