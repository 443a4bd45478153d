import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { minikubeTool, profileExists } from "../../tools/cluster/minikube";
import { inClosedNetwork } from "../../tools/install/toolchain";
import { ownProfile } from "../../config";
import { everything } from "../e2e/everything";
import { removeLeftovers } from "../e2e/leftovers";
import { endToEndSuites, fileOf, only, planned } from "./plan";
import { Lanes } from "./run";

const minute = 60_000;
const mocha = join("node_modules", "mocha", "bin", "mocha.js");

/** What a program says; what it says of a failure, where it fails. Never takes longer than its time. */
const said = (program: string, args: string[], seconds = 20): Promise<string> =>
  new Promise((resolve) => {
    const options = { timeout: seconds * 1000, killSignal: "SIGKILL", maxBuffer: 64 << 20 } as const;
    execFile(program, args, options, (error, stdout, stderr) =>
      resolve((error ? `${stdout}${stderr}` || error.message : stdout).trim()),
    );
  });

/** A command, and the last lines of what it says. */
const shown = async (program: string, args: string[], lines: number, seconds?: number): Promise<string> =>
  [`$ ${[program, ...args].join(" ")}`, ...(await said(program, args, seconds)).split("\n").slice(-lines)].join("\n");

/** Docker, the cluster and the machine, for whoever reads the log of a run that hung. */
async function situation(): Promise<string> {
  const kubectl = (...args: string[]) =>
    shown("kubectl", ["--context", ownProfile, "--request-timeout=15s", ...args], 40);
  const onCluster = profileExists()
    ? [
        kubectl("get", "nodes,pods", "--all-namespaces", "--output", "wide"),
        kubectl("get", "events", "--all-namespaces", "--sort-by", ".lastTimestamp"),
        shown("minikube", ["--profile", ownProfile, "logs", "--length", "15"], 60, 30),
      ]
    : [];
  const asked = [
    shown("docker", ["ps", "--all"], 40),
    ...onCluster,
    shown("df", ["-h", "/"], 5),
    shown("sh", ["-c", "uptime; free -m; ps -eo pid,etime,pcpu,rss,args --sort=-pcpu | cut -c 1-160 | head -15"], 30),
  ];
  return (await Promise.all(asked)).join("\n\n");
}

/** What the cluster holds beyond its own: the next suite has to find it as it was made. */
async function inCluster(): Promise<string[]> {
  const args = ["--context", ownProfile, "--request-timeout=15s", "get", "--output", "name"];
  const asked = ["namespaces", "persistentvolumes"].map((kind) => said("kubectl", [...args, kind]));
  const lines = (await Promise.all(asked)).flatMap((text) => text.split("\n"));
  return lines.filter((line) => line && !/^namespace\/(default|kube-.*)$/.test(line));
}

/** What a lane leaves behind; a volume goes some time after its claim. */
async function left(lane: string): Promise<string[]> {
  if (lane !== "cluster" || !profileExists()) return [];
  await minikubeTool(true);
  for (const deadline = Date.now() + 30_000; ; await sleep(1000)) {
    const found = await inCluster();
    if (found.length === 0 || Date.now() > deadline) return found;
  }
}

export { laneNames, needCluster } from "./plan";

/** Arguments of mocha that run the suites of some files. */
export const mochaArguments = (...files: string[]) => ["--config", join("test", "e2e", ".mocharc.yml"), ...files];

/**
 * Runs the end-to-end suites of some lanes, each in a process of its own, in lanes beside each other.
 * @param patience minutes that the whole may take, unless COURSE_LABS_TESTS_END says in seconds since the epoch when it ends
 * @returns the exit code
 */
export async function endToEnd(lanes: readonly string[], patience: number): Promise<number> {
  const given = Number(process.env.COURSE_LABS_TESTS_END);
  await removeLeftovers();
  const plan = only(lanes, planned(endToEndSuites(), await inClosedNetwork()));
  const running = new Lanes({
    command: (suite) => [process.execPath, mocha, ...mochaArguments(fileOf(suite))],
    limits: {
      end: given ? given * 1000 : Date.now() + patience * minute,
      // The first one may have to build a cluster's programs; only the whole's limit is its.
      suite: (name) => (name === "kubernetes-start" ? patience : everything ? 40 : 20) * minute,
    },
    situation,
    left,
    print: (line) => console.log(line),
    silence: minute,
  });
  return running.run(plan);
}
