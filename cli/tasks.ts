import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseSettings } from "../config";
import { pulledImages } from "../components/names";
import { LabError } from "../text";
import { minikubeTool } from "./cluster/minikube";
import { say } from "./language";
import { toolchain } from "./toolchain";

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

const mocha = (...args: string[]) => tool("mocha/bin/mocha.js", ...args);

/** Types, lint and unit tests; needs neither Docker nor Pulumi. */
async function test(options: string[]): Promise<number> {
  const checks = [
    tool("typescript/bin/tsc", "--noEmit"),
    tool("eslint/bin/eslint.js", "."),
    tool("prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."),
  ];
  const codes = [...(await Promise.all(checks)), await mocha(...options)];
  return codes.some((code) => code !== 0) ? 1 : 0;
}

/** Gets what the labs run on, minikube included, so that what follows is on PATH; and the labs' default images. */
async function withToolchain(then: () => Promise<number>): Promise<number> {
  try {
    const settings = parseSettings({});
    const images = pulledImages(settings).map(({ image }) => image);
    await toolchain({ labs: settings.labs, images: [...new Set(images)] });
    await minikubeTool(true);
    return await then();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.text);
    return 1;
  }
}

/** All share one cluster but the last, which begins without, and leaves none. */
const endToEnd = ["test/e2e/!(minikube).test.ts", "test/e2e/minikube.test.ts"];

/** What is not a command for a learner: what the maintainers run. */
export const tasks: Record<string, (options: string[]) => Promise<number>> = {
  test,
  shell: async (options) => (await import("./shell")).shellCommand(options),
  review: async (options) => (await import("./review")).reviewCommand(options),
  "test:e2e": (options) =>
    withToolchain(() => mocha("--config", "test/e2e/.mocharc.yml", ...(options.length > 0 ? options : endToEnd))),
  bench: (options) => withToolchain(async () => (await import("../bench")).bench(options)),
};
