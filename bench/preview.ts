// What a warm preview with nothing to do costs, against a TypeScript Pulumi program of one line, in the same run.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { npmRun, clone } from "../test/e2e/harness";

const rounds = 7;
/** What the ratio of the medians must not exceed. */
const limit = 1.5;

interface Measured {
  /** Wall time of the preview alone. */
  preview: number;
  /** Wall time of the whole process, from start to end. */
  whole: number;
  /** Peak of the resident memory of the process and all it started, in MiB; shared pages count once a process. */
  peak: number;
  resources: number;
}

/** Resident memory of a process and its descendants, in MiB, or 0 where there is no /proc. */
function resident(root: number): number {
  const children = new Map<number, number[]>();
  const pages = new Map<number, number>();
  let entries: string[];
  try {
    entries = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  for (const pid of entries.map(Number)) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ") ?? [];
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
      pages.set(pid, Number(fields[21]));
    } catch {
      // It ended in between.
    }
  }
  const sum = (pid: number): number =>
    (pages.get(pid) ?? 0) + (children.get(pid) ?? []).map(sum).reduce((a, b) => a + b, 0);
  return (sum(root) * 4096) / 2 ** 20;
}

async function once(folder: string, stack: string, project: string, before = ""): Promise<Measured> {
  const started = performance.now();
  const script = join(__dirname, "preview-once.ts");
  const child = spawn(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", script, folder, stack, project, before],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    },
  );
  let [out, peak] = ["", 0];
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  const watch = setInterval(() => (peak = Math.max(peak, resident(child.pid as number))), 50);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`the preview in ${folder} failed`);
  const { seconds, resources } = JSON.parse(out) as { seconds: number; resources: number };
  return { preview: seconds, whole: (performance.now() - started) / 1000, peak, resources };
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function main(): Promise<void> {
  const full = clone();
  const line = mkdtempSync(join(tmpdir(), "course-labs-line-"));
  process.env.PULUMI_CONFIG_PASSPHRASE = "bench";
  try {
    writeFileSync(join(line, "index.ts"), "export const answer = 42;\n");
    writeFileSync(join(line, "Pulumi.yaml"), "name: line\nruntime: nodejs\nbackend:\n  url: file://.\n");
    symlinkSync(join(full, "node_modules"), join(line, "node_modules"));

    const labs = ["redis", "registry", "compose"];
    const up = await npmRun(full, "up", ["--labs", labs.join(",")]);
    if (up.code !== 0) throw new Error(up.said);

    await once(line, "dev", "line", "up");

    // In turns, so that whatever else the machine does hits both; the first round warms the caches and is left out.
    const measured = { full: [] as Measured[], line: [] as Measured[] };
    for (let round = 0; round <= rounds; round++) {
      const [a, b] = [await once(full, "dev", "course-labs"), await once(line, "dev", "line")];
      if (round > 0) {
        measured.full.push(a);
        measured.line.push(b);
      }
      console.log(`round ${round}: labs ${a.preview.toFixed(2)} s, one line ${b.preview.toFixed(2)} s`);
    }

    const row = (name: string, all: Measured[]) =>
      `| ${name} | ${all[0]?.resources} | ${median(all.map((m) => m.preview)).toFixed(2)} s | ${median(all.map((m) => m.whole)).toFixed(2)} s | ${Math.max(...all.map((m) => m.peak)).toFixed(0)} MiB |`;
    const ratio = (key: "preview" | "whole") =>
      median(measured.full.map((m) => m[key])) / median(measured.line.map((m) => m[key]));
    const peaks = Math.max(...measured.full.map((m) => m.peak)) / Math.max(...measured.line.map((m) => m.peak));
    console.log(`
${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node.js ${process.versions.node}, medians of ${rounds} rounds

| warm preview, nothing to do | resources | preview | whole process | peak memory |
| --- | --- | --- | --- | --- |
${row(`labs ${labs.join(", ")}`, measured.full)}
${row("one-line program", measured.line)}
| ratio | | ${ratio("preview").toFixed(2)} | ${ratio("whole").toFixed(2)} | ${peaks.toFixed(2)} |
`);
    if (ratio("whole") > limit) {
      console.log(`The whole process takes more than ${limit} times as long.`);
      process.exitCode = 1;
    }
  } finally {
    const down = await npmRun(full, "destroy");
    if (down.code !== 0) console.error(down.said);
    rmSync(full, { recursive: true, force: true });
    rmSync(line, { recursive: true, force: true });
  }
}

void main();
