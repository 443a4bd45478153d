import { checksOf, Facts } from "../checks/labs";
import { Result, runChecks, secondsSince } from "../checks/check";
import { comparison, Row } from "../checks/report/compare";
import { dockerFacts } from "../checks/facts/docker";
import { clusterOf } from "../checks/facts/kubernetes";
import { junit } from "../checks/report/junit";
import { live } from "../checks/facts/live";
import { unreachableIn } from "../checks/facts/unreachable";
import { sideBySide, table, verdict, wantsColour } from "../checks/report/table";
import { Target, targetOf } from "../checks/target";
import { Settings, usesDocker } from "../../config";
import { Outputs } from "../../outputs";
import { redacted, redactedResult } from "../checks/redact";
import { LabError } from "../../text";
import { Arguments } from "../terminal/arguments";
import { useDocker } from "../docker/docker";
import { say, told } from "../terminal/language";
import { refuseFile, writeResult } from "../terminal/output-errors";
import { secretsOf } from "../checks/report/secrets";
import { sameDocker } from "../stack/same-docker";
import { settingsOf } from "../stack/settings";
import { typedHere } from "./summary";
import { openStack, outputsIn, passphrase, State, stateOf } from "../stack/stack";
import { isMade, requireStack } from "../stack/stacks";
import { needDocker, needPulumi } from "../install/toolchain";

export interface Left {
  /** Empty if nothing is deployed. */
  outputs: Partial<Outputs>;
  state: State;
}

export async function leftBy(stackName: string): Promise<Left> {
  if (isMade(stackName) === false) return { outputs: {}, state: { resources: [] } };
  await needPulumi();
  passphrase(stackName);
  await openStack(stackName, false);
  const state = await stateOf(stackName);
  return { outputs: outputsIn(state), state };
}

/** @throws LabError if nothing is deployed */
async function provisioned(stackName: string): Promise<Left> {
  const left = await leftBy(stackName);
  if (left.outputs.labs !== undefined) return left;
  throw new LabError({
    en: "No lab is deployed, so there is nothing to check. To deploy the labs: npm run up. To check what you created yourself: npm run check -- --by-hand",
    ko: "구성된 실습 환경이 없어 점검할 수 없습니다. 실습 환경을 구성하려면: npm run up. 직접 만든 컨테이너와 오브젝트를 점검하려면: npm run check -- --by-hand",
  });
}

export async function factsFor(target: Target, settings: Settings): Promise<Facts> {
  const onDocker = usesDocker(target.labs);
  if (onDocker) await useDocker();
  const inCluster = async () => {
    const cluster = await clusterOf(settings);
    return { seen: await cluster.look(), cluster };
  };
  const [docker, kubernetes] = await Promise.all([
    onDocker ? dockerFacts() : undefined,
    target.labs.includes("kubernetes") ? inCluster() : undefined,
  ]);
  return { docker, kubernetes };
}

/** Checks each lab and explains what failed. Exits with code 1 if a check failed. */
export async function check(args: Arguments): Promise<void> {
  const { byHand, drill, junit: junitFile, report, attach, student } = args.check;
  refuseFile("--junit", junitFile);
  refuseFile("--report", report);
  const reporting = report === undefined ? undefined : await import("./report");
  const stories = attach.flatMap((file) => reporting?.storyIn(file) ?? []);
  requireStack(args.stack);
  const settings = settingsOf(args.stack);
  const left = byHand ? undefined : await provisioned(args.stack);
  const target = targetOf(settings, left?.outputs, { labs: args.labs, ...args.check });
  if (left && usesDocker(target.labs)) {
    // The Docker daemon that `up` started stops when the machine restarts.
    await needDocker();
    await sameDocker(args.stack, left.state);
  }
  const started = performance.now();
  const facts = await factsFor(target, settings);
  const checks = checksOf(target, facts, live);
  for (const { title, drill: changes } of drill ? checks : []) {
    if (changes) say({ en: `Drill: ${title.en} (${changes.en}) …`, ko: `복구 점검: ${title.ko} (${changes.ko}) …` });
  }
  // The secrets are read together with the checks, because a drill may delete the pods they are read from.
  const [secrets, found] = await Promise.all([secretsOf(facts, settings), runChecks(checks, { drill })]);
  const results = found.map((result) => redactedResult(result, secrets));
  const comparison = redacted(await compared(target, facts, found), secrets);
  const seconds = secondsSince(started);

  if (args.json) {
    console.log(JSON.stringify({ byHand, seconds, results, comparison }, undefined, 2));
  } else {
    const typed = await typedHere(settings.kubeContext);
    console.log(
      table(results, { told: (text) => typed(told(text)), colour: wantsColour(process.stdout, process.env) }),
    );
    if (comparison.length > 0) console.log(`\n${sideBySide(comparison, told)}`);
    const { en, ko } = verdict(results);
    console.log(told({ en: `\n${en} in ${seconds} s.`, ko: `\n${ko}, ${seconds}초.` }));
    const skipped = checks.length - results.length;
    if (skipped > 0) {
      say({
        en: `Skipped ${skipped} checks that change the environment. To run them, too, add --drill.`,
        ko: `환경을 바꾸는 점검 ${skipped}개는 건너뛰었습니다. 포함하려면 --drill을 붙이세요.`,
      });
    }
  }
  if (junitFile) writeResult(junitFile, junit(results, told));
  if (report && reporting) {
    const attached = stories.map((story) => reporting.attachment(story, secrets));
    writeResult(report, reporting.reportPage({ target, facts, results, comparison, drill, attached }, student));
    say({ en: `Report to hand in: ${report}`, ko: `제출용 보고서: ${report}` });
  }
  if (results.some(({ status }) => status === "failed")) process.exitCode = 1;
}

async function compared(target: Target, { docker, kubernetes }: Facts, results: readonly Result[]): Promise<Row[]> {
  if (!docker || !kubernetes || !("facts" in kubernetes.seen)) return [];
  if (!target.labs.includes("compose")) return [];
  const { cluster } = kubernetes;
  // The drill has replaced the pods.
  const replaced = results.some((result) => result.status === "passed" && result.shown?.drill === "pod deleted");
  const seen = replaced ? await cluster.look() : kubernetes.seen;
  if (!("facts" in seen)) return [];
  return comparison(target, docker, seen.facts, { cluster, live, results }).catch((error: unknown) => {
    const { en, ko } = unreachableIn(error).why;
    say({
      en: `The comparison of compose and Kubernetes is left out: ${en}`,
      ko: `compose와 쿠버네티스의 비교는 생략합니다: ${ko}`,
    });
    return [];
  });
}
