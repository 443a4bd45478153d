import type { V1Pod } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../config";
import { ClassOutputs, SeatOutputs } from "../../outputs";
import { LabError, Text } from "../../text";
import { isReady } from "../causes/objects";
import { accessOf, revoke, Server, unreachableFromOutside } from "../class/access";
import { handOut, timeOf } from "../class/hand-out";
import { apartText, measureApart } from "../class/apart";
import { classGrades, gradeClass } from "../class/grade";
import { followClass } from "../class/live";
import { rows, serve } from "../class/page";
import { fewAtATime, settingsOfSeat } from "../class/progress";
import { classTable, tally, whose } from "../class/table";
import { verdict, wantsColour } from "../checks/report/table";
import { clusterOf as clusterIn } from "../checks/facts/kubernetes";
import { ClusterApi, clusterApi } from "../cluster/api";
import { Access, accessTo, ClusterChoice } from "../cluster/kubeconfig";
import { clusterOf } from "../cluster/in-state";
import { needPulumi } from "../install/toolchain";
import { openMade } from "../stack/session";
import { settingsOf } from "../stack/settings";
import { outputsIn } from "../stack/stack";
import { requireStack } from "../stack/stacks";
import { described, misused, options, read } from "../terminal/options";
import { say, told } from "../terminal/language";
import { refuseFile, writeResult } from "../terminal/output-errors";

const help = described(options.class);

export const classUsage: Text = {
  en: `Usage: npm run class [-- ACTION OPTIONS]
Manages the seats of a class that npm run up has deployed (setting course-labs:seats).
Actions:
  (none)            serve a page on this machine that shows who needs help, and why
  table             print the same as a table
  grade FILE        run the checks of the course in every seat and write a CSV file
  hand-out FOLDER   write a kubeconfig and a page for each student; run it again to renew them
  revoke            end the access that was handed out; what is in the seats is kept
Options:
${help.en}`,
  ko: `사용법: npm run class [-- 동작 옵션]
npm run up으로 구성한 수업(course-labs:seats 설정)의 자리를 관리합니다.
동작:
  (없음)            누구에게 왜 도움이 필요한지 보여 주는 페이지를 이 컴퓨터에서 열기
  table             같은 내용을 표로 출력
  grade 파일        모든 자리에서 실습을 점검해 CSV 파일로 저장
  hand-out 폴더     학생마다 kubeconfig와 안내 페이지 저장, 다시 실행하면 기간 연장
  revoke            나눠 준 접근 권한을 바로 끝내기 (자리에 있는 것은 그대로 둠)
옵션:
${help.ko}`,
};

/** The actions, and their argument. */
const tasks = { page: undefined, table: undefined, grade: "FILE", "hand-out": "FOLDER", revoke: undefined } as const;
type Task = keyof typeof tasks;
const isTask = (what: string): what is Task => Object.hasOwn(tasks, what);

const misread = (text: Text) => misused(classUsage, text);

/** @throws LabError that names the option */
export function parseClass(argv: string[]) {
  const { values, positionals } = read(argv, options.class, classUsage, true);
  const { seat, server } = values;
  const [what = "page", to, ...others] = positionals;
  if (!isTask(what)) {
    throw misread({ en: `There is no action "${what}" for a class.`, ko: `"${what}" 동작은 없습니다.` });
  }
  const takes = tasks[what];
  if (takes !== undefined && to === undefined) {
    const example = `npm run class -- ${what} ${what === "grade" ? "grades.csv" : "seats"}`;
    throw misread({
      en: `${what} needs a ${takes.toLowerCase()}, for example: ${example}`,
      ko: `${what} 다음에 ${takes === "FILE" ? "파일을" : "폴더를"} 지정하세요. 예: ${example}`,
    });
  }
  const surplus = takes === undefined ? to : others[0];
  if (surplus !== undefined) {
    throw misread({
      en: `"${surplus}" is not needed. To choose a seat: --seat ${surplus}`,
      ko: `"${surplus}" 인자는 필요 없습니다. 자리를 지정하려면: --seat ${surplus}`,
    });
  }
  if (server !== undefined && !/^https:\/\/[^\s/]+\/?$/.test(server)) {
    throw misread({
      en: `--server is "${server}": it must be an address such as https://192.168.0.7:8443`,
      ko: `--server 값이 "${server}"입니다. https://192.168.0.7:8443 같은 주소여야 합니다`,
    });
  }
  const seats = seat?.split(",").map((name) => name.trim());
  // The folder to hand out, or the file for the grades; the other actions have none.
  return { ...values, what, to: to ?? "", seats };
}
type Options = ReturnType<typeof parseClass>;

interface Found {
  seats: SeatOutputs[];
  hours: number;
  settings: Settings;
  cluster: ClusterChoice;
  access: Access;
  api: ClusterApi;
  /** Namespace of the teacher's own lab. */
  own?: string;
}

/** @throws LabError if the stack has no class, the class no such seat, or the kubeconfig no such context */
async function classOf({ stack, seats }: Options): Promise<Found> {
  requireStack(stack);
  await needPulumi();
  const state = await openMade(stack);
  const { class: school, kubernetes } = outputsIn(state);
  const cluster = clusterOf(state);
  if (school && cluster) {
    const access = accessTo(cluster);
    if (!access) {
      throw new LabError({
        en: `The class is on the cluster of context "${cluster.kubeContext}", which is no longer in the kubeconfig. Restore it, or log in to that cluster again.`,
        ko: `수업을 구성한 "${cluster.kubeContext}" 컨텍스트가 kubeconfig에 더 이상 없습니다. 복원하거나 그 클러스터에 다시 로그인하세요.`,
      });
    }
    const settings = { ...settingsOf(stack), ...cluster };
    const found = { seats: chosen(school, seats), settings, cluster, access, api: clusterApi(cluster) };
    return { ...found, hours: school.hours, own: kubernetes?.namespace };
  }
  throw new LabError({
    en: `Stack ${stack} has no seats. Add them to the stack's settings file, for example course-labs:seats: 30, then create them: npm run up -- --stack ${stack}`,
    ko: `${stack} 스택에는 자리가 없습니다. 스택 설정 파일에 자리를 적고(예: course-labs:seats: 30) 만드세요: npm run up -- --stack ${stack}`,
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
      en: `--seat is "${name}": the class has no such seat. Available seats: ${there}`,
      ko: `--seat 값이 "${name}"입니다. 그런 자리가 없습니다. 있는 자리: ${there}`,
    });
  });
}

/** Where students find the cluster. @throws LabError where other machines cannot, unless that is not wanted */
function serverFor({ cluster, access }: Found, { server, here }: Options): Server {
  const [at, ca] = [server ?? access.server, access.ca];
  const problem = here || server !== undefined ? undefined : unreachableFromOutside(at, cluster);
  if (problem) throw new LabError(problem);
  return { server: at, ca };
}

/** The teacher's own WordPress, a pod outside of every seat. */
async function outside({ core }: ClusterApi, namespace: string | undefined): Promise<V1Pod | undefined> {
  if (namespace === undefined) return undefined;
  const labelSelector = "app.kubernetes.io/name=wordpress";
  const { items } = await core.listNamespacedPod({ namespace, labelSelector });
  return items.find(isReady);
}

/** Whether the seats are kept apart, measured in a seat that has room for a guest. */
async function apartIn(seats: SeatOutputs[], settings: Settings, other: V1Pod | undefined): Promise<Text> {
  for (const seat of seats.slice(0, 3)) {
    const apart = await measureApart(await clusterIn(settingsOfSeat(settings, seat)), other);
    if (apart !== "not known") return apartText[apart];
  }
  return apartText["not known"];
}

async function handedOut(options: Options, found: Found): Promise<void> {
  const { seats, hours, settings, api, own } = found;
  const server = serverFor(found, options);
  const asked = async (seat: SeatOutputs) => ({ seat, access: await accessOf(api, seat, hours) });
  await fewAtATime(seats, asked, ({ seat, access }) => {
    const to = handOut(options.to, server, seat, access, settings.seatLab);
    const ends = timeOf(access.ends);
    say({ en: `  ${whose(seat)}: ${to}, ends at ${ends}`, ko: `  ${whose(seat)}: ${to}, ${ends}에 끝남` });
  });
  say({
    en: `Seats handed out: ${seats.length}. Give each student only the folder of their own seat: whoever has the kubeconfig can change the seat.`,
    ko: `나눠 준 자리: ${seats.length}. 학생에게 자기 자리의 폴더만 주세요. kubeconfig가 있으면 누구나 그 자리를 바꿀 수 있습니다.`,
  });
  say(await apartIn(seats, settings, await outside(api, own)));
}

async function revoked({ seats, api }: Found): Promise<void> {
  for (const seat of seats) {
    await revoke(api, seat);
    say({ en: `  ${seat.seat}: access revoked`, ko: `  ${seat.seat}: 접근할 수 없음` });
  }
  say({
    en: `Access revoked: ${seats.length}. The contents of the seats are kept. To hand out access again: npm run class -- hand-out FOLDER`,
    ko: `접근 권한을 끝낸 자리: ${seats.length}. 자리 안의 것은 그대로 남습니다. 다시 나눠 주려면: npm run class -- hand-out 폴더`,
  });
}

async function tabled({ json }: Options, { seats: all, settings, api }: Found): Promise<void> {
  const following = await followClass(api, settings, all);
  const seats = await following.now();
  await following.stop();
  if (json) return console.log(JSON.stringify({ seats, requests: following.requests() }, undefined, 2));
  console.log(classTable(seats, { told, colour: wantsColour(process.stdout, process.env) }));
  console.log(`\n${told(tally(seats))}`);
}

/** Serves the teacher's page until it is stopped. */
async function paged({ seats, settings, api }: Found): Promise<void> {
  const following = await followClass(api, settings, seats);
  const served = await serve(told, rows(await following.now(), told));
  say({
    en: `Who needs help: ${served.url} — only on this machine, and only as long as this command runs. To stop it: Ctrl-C`,
    ko: `누구에게 도움이 필요한지: ${served.url} — 이 컴퓨터에서만, 이 명령이 실행되는 동안만 열립니다. 멈추려면: Ctrl-C`,
  });
  for (;;) {
    await sleep(500);
    served.show(rows(await following.now(), told));
  }
}

async function gradedTo(file: string, { seats, settings }: Found): Promise<void> {
  refuseFile("grade", file);
  const made = new Date();
  const graded = await gradeClass(settings, seats, ({ seat, results }) => {
    const { en, ko } = verdict(results);
    say({ en: `  ${whose(seat)}: ${en}`, ko: `  ${whose(seat)}: ${ko}` });
  });
  writeResult(file, classGrades(graded, made));
  say({ en: `Graded: ${graded.length}, in ${file}`, ko: `채점한 자리: ${graded.length}, 파일: ${file}` });
}

/** What a teacher does with a class. @returns the exit code */
export async function classCommand(argv: string[]): Promise<number> {
  const options = parseClass(argv);
  if (options.help) {
    console.log(told(classUsage));
    return 0;
  }
  const found = await classOf(options);
  if (options.what === "revoke") await revoked(found);
  else if (options.what === "hand-out") await handedOut(options, found);
  else if (options.what === "grade") await gradedTo(options.to, found);
  else if (options.what === "table") await tabled(options, found);
  else await paged(found);
  return 0;
}
