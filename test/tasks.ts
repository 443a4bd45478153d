import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseSettings } from "../config";
import { pulledImages } from "../components/names";
import { LabError } from "../text";
import { supportedNodes } from "../tools/checks/doctor/versions";
import { minikubeTool } from "../tools/cluster/minikube";
import { say } from "../tools/terminal/language";
import { npmProgram } from "../tools/install/npm";
import { needImages, needPlugins } from "../tools/install/toolchain";

/** Runs a program of node_modules and resolves to its exit code. */
async function tool(program: string, ...args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join("node_modules", program), ...args], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** How a program ended that was not listened to. */
interface Ended {
  what: string;
  seconds: number;
  faults?: string;
}

/** Runs a program of node_modules to its end; what it says of a fault is kept until then. */
async function quietly(what: string, program: string, ...args: string[]): Promise<Ended> {
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join("node_modules", program), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = Math.round((Date.now() - started) / 1000);
      resolve({ what, seconds, faults: code === 0 ? undefined : said.trim() || `ended with ${code}` });
    });
  });
}

const mocha = (...args: string[]) => tool("mocha/bin/mocha.js", ...args);

/** What Prettier formats; as the script `lint` does. */
const formatted = [".", "!**/*.md", "!package-lock.json", "!test/fixtures"];

/** Types, lint and unit tests; needs neither Docker nor Pulumi. */
async function test(options: string[]): Promise<number> {
  const checks = [
    quietly("types", "typescript/bin/tsc", "--noEmit"),
    quietly("lint", "eslint/bin/eslint.js", "."),
    quietly("formatting", "prettier/bin/prettier.cjs", "--check", "--log-level=warn", ...formatted),
  ];
  const [code, ...done] = await Promise.all([mocha(...options), ...checks]);
  for (const { what, seconds, faults } of done) {
    console.log(faults === undefined ? `${what}: passed in ${seconds} s` : `\n${faults}\n${what}: failed`);
  }
  return code !== 0 || done.some(({ faults }) => faults !== undefined) ? 1 : 0;
}

/** The unit tests on the other releases of Node.js that the commands run on, each got from npm. */
async function otherNodes(): Promise<number> {
  const own = process.versions.node.split(".")[0];
  let worst = 0;
  for (const release of supportedNodes.filter((one) => one !== own)) {
    console.log(`unit tests on Node.js ${release}`);
    const { program, first, shell } = npmProgram();
    const args = [
      ...first,
      "exec",
      "--yes",
      `--package=node@${release}`,
      "--",
      "node",
      join("node_modules", "mocha/bin/mocha.js"),
    ];
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], shell });
    const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    worst = Math.max(worst, code ?? 1);
  }
  return worst;
}

/** Gets what the labs run on, so that what follows is on PATH, and the labs' default images. */
async function withToolchain(then: () => Promise<number>, minikube = true): Promise<number> {
  try {
    const settings = parseSettings({});
    const labs = minikube ? settings.labs : settings.labs.filter((lab) => lab !== "kubernetes");
    const images = pulledImages(settings).map(({ image }) => image);
    await needPlugins(labs);
    await needImages([...new Set(images)], true);
    if (minikube) await minikubeTool(true);
    return await then();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.text);
    return 1;
  }
}

/** The lanes that are named, or all; there the cluster is made while Docker's suites already run. Or some files. */
async function endToEnd(options: string[], minutes: number): Promise<number> {
  const { endToEnd, laneNames, mochaArguments, needCluster } = await import("./lanes");
  if (options.every((option) => laneNames.includes(option))) {
    return withToolchain(() => endToEnd(options.length > 0 ? options : laneNames, minutes), false);
  }
  return withToolchain(() => mocha(...mochaArguments(...options)), needCluster(options));
}

/** What maintainers run, by what is typed after `npm run`. */
export const tasks: Record<string, (options: string[]) => Promise<number>> = {
  test,
  "test:e2e": (options) => endToEnd(options, 80),
  "test:node": otherNodes,
  "test:all": (options) => {
    process.env.COURSE_LABS_TESTS = "all";
    return endToEnd(options, 170);
  },
  "test:mutation": async (options) => (await import("./mutation")).mutation(options),
  "docs:pictures": () => withToolchain(async () => (await import("./pictures")).takePictures()),
  bench: (options) => withToolchain(async () => (await import("./bench")).bench(options)),
};
