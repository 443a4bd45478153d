import { checksOf } from "../checks/labs";
import { runChecks, sections } from "../checks/check";
import { attempt, live } from "../checks/facts/live";
import { padded, styled, wantsColour } from "../checks/report/table";
import { targetOf } from "../checks/target";
import { parseReference, standInFor } from "../install/closed-network/references";
import { Settings, usesDocker } from "../../config";
import { isDefaultClass } from "../causes/storage";
import { problemsOf } from "../checks/doctor";
import { Cause, Problem } from "../causes/problem";
import { insideMinikube } from "../causes/inside-minikube";
import { machineFacts, sizeProblems, sizesOf } from "../checks/doctor/machine";
import type { Fact } from "../checks/doctor/versions";
import { Ask } from "../checks/doctor/docker";
import { LabError, same } from "../../text";
import { Arguments } from "../terminal/arguments";
import { factsFor, leftBy } from "./check";
import { profileExists } from "../cluster/minikube";
import { isOwn } from "../cluster/running";
import { useDocker } from "../docker/docker";
import { told } from "../terminal/language";
import { containerOn, tryPort } from "../docker/port-holder";
import { hostPorts, portProblems } from "./preflight";
import { sameDocker } from "../stack/same-docker";
import { settingsOf } from "../stack/settings";
import { labsIn } from "../stack/stack";
import { isMade, requireStack } from "../stack/stacks";
import { typedHere } from "./summary";
import { downloadedTools, inClosedNetwork } from "../install/toolchain";

/** Questions to Docker and this machine that the collected facts do not answer. */
export const ask: Ask = {
  logs: async (container) => {
    const { stdout, stderr } = await attempt("docker", ["logs", "--tail", "20", container]);
    return stdout + stderr;
  },
  holder: containerOn,
  pullProblem: async (image) => {
    // It cannot be pulled here, but `up` builds it.
    if (standInFor(parseReference(image)) && (await inClosedNetwork())) return undefined;
    const { code, stderr } = await attempt("docker", ["manifest", "inspect", image]);
    return code === 0 ? undefined : stderr.trim();
  },
};

async function dockerMissing(): Promise<Problem[]> {
  try {
    await useDocker();
    return [];
  } catch (error) {
    return [inTheWay("no docker", error)];
  }
}

/** A problem that prevents further diagnosis. The message of the error already includes the reason and the next step. */
function inTheWay(cause: Cause, error: unknown): Problem {
  if (!(error instanceof LabError)) throw error;
  return { cause, what: error.text, evidence: [] };
}

async function surroundings(settings: Settings): Promise<Fact[]> {
  const ports = await Promise.all(
    hostPorts(settings).map(async ({ port, address }) => {
      // A container may publish a free port on another address.
      const container = await containerOn(port);
      if (container) return { en: `${port} container ${container.name}`, ko: `${port} ${container.name} 컨테이너` };
      return (await tryPort(address, port)) === "taken"
        ? { en: `${port} another program`, ko: `${port} 다른 프로그램` }
        : { en: `${port} free`, ko: `${port} 사용 가능` };
    }),
  );
  if (ports.length === 0) return [];
  const value = { en: ports.map(({ en }) => en).join(", "), ko: ports.map(({ ko }) => ko).join(", ") };
  return [{ name: { en: "ports", ko: "포트" }, value }];
}

function shown(
  facts: readonly Fact[],
  found: readonly Problem[],
  colour: boolean,
  typed: (text: string) => string,
): string {
  const { bold, red, green, cyan } = styled(colour);
  const width = Math.max(...facts.map(({ name }) => told(name).length)) + 6;
  const lines = facts.map(({ name, value }) => `  ${padded(told(name), width)} ${told(value)}`);
  if (found.length === 0) {
    return [...lines, "", green(told({ en: "✔ No problems found.", ko: "✔ 문제가 없습니다." }))].join("\n");
  }
  const each = found.flatMap(({ lab, what, why, next, evidence }) => {
    const section = lab && sections[lab];
    return [
      "",
      `${red("✘")} ${bold(told(what))}`,
      ...(why ? [`    ${told(why)}`] : []),
      ...evidence.map((line) => `    | ${line}`),
      ...(section ? [`    ${told({ en: "course", ko: "강의" })}  ${told(section)}`] : []),
      ...(next ? [`    ${told({ en: "next", ko: "할 일" })}  ${cyan(typed(told(next)))}`] : []),
    ];
  });
  return [...lines, ...each].join("\n");
}

/** Diagnoses this machine and the labs. Exits with code 1 if it finds a problem. */
export async function doctor(args: Arguments): Promise<void> {
  requireStack(args.stack);
  const settings = settingsOf(args.stack);
  const sizes = await sizesOf();
  const elsewhere = insideMinikube(process.env);
  const stopped = elsewhere.length > 0 ? elsewhere : await dockerMissing();
  await downloadedTools();
  // If nothing was ever deployed, there is no need to download tools or to create a stack.
  const never = isMade(args.stack) === false;
  const unasked = args.check.byHand || never || stopped.length > 0;
  const left = unasked
    ? undefined
    : await leftBy(args.stack).catch((error: unknown) => void stopped.push(inTheWay("no tools", error)));
  if (left && usesDocker(labsIn(left.state))) {
    await sameDocker(args.stack, left.state).catch((error: unknown) => stopped.push(inTheWay("another docker", error)));
  }
  const outputs = left?.outputs;
  // After leftBy, which puts the tools of the labs on PATH.
  const facts = await machineFacts(sizes);
  const provisioned = args.check.byHand || outputs?.labs !== undefined;
  const found: Problem[] = [...stopped, ...sizeProblems(sizes, settings, provisioned)];

  if (stopped.length === 0) {
    facts.push(...(await surroundings(settings)));
    if (provisioned) {
      const target = targetOf(settings, args.check.byHand ? undefined : outputs, { labs: args.labs });
      const seen = await factsFor(target, settings);
      const results = await runChecks(checksOf(target, seen, live));
      found.push(...(await problemsOf(target, seen, results, ask)));
      if (seen.kubernetes && "facts" in seen.kubernetes.seen) {
        const { nodes, storageClasses } = seen.kubernetes.seen.facts;
        const standard = storageClasses.find(isDefaultClass)?.metadata?.name ?? "-";
        const version = nodes[0]?.status?.nodeInfo?.kubeletVersion ?? "";
        facts.push({
          name: { en: "cluster", ko: "클러스터" },
          value: same(`${settings.kubeContext}, Kubernetes ${version}`),
        });
        facts.push({ name: { en: "storage class", ko: "스토리지 클래스" }, value: same(standard) });
      }
    } else {
      for (const problem of await portProblems(settings, new Set())) {
        found.push({ cause: "port taken", what: problem, evidence: [] });
      }
      if (settings.labs.includes("kubernetes") && isOwn(settings)) {
        const state = profileExists()
          ? { en: "exists, not checked before npm run up", ko: "있음 (npm run up 실행 전에는 점검하지 않음)" }
          : { en: "not created yet, created by npm run up", ko: "없음 (npm run up 실행 시 생성)" };
        facts.push({ name: { en: "cluster", ko: "클러스터" }, value: state });
      }
    }
  }
  if (args.json) console.log(JSON.stringify({ facts, ailments: found }, undefined, 2));
  else {
    const typed = await typedHere(settings.kubeContext);
    console.log(shown(facts, found, wantsColour(process.stdout, process.env), typed));
  }
  if (found.length > 0) process.exitCode = 1;
}
