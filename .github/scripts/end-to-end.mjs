// The labs for real, on a machine that reaches the official releases: what tests the closed network is left out.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const files = readdirSync("test/e2e")
  .filter((file) => file.endsWith(".test.ts") && !/closed-network|stand-in/.test(file))
  .map((file) => `test/e2e/${file}`);
const { status } = spawnSync(process.execPath, ["cli/run.mjs", "test:e2e", ...files], { stdio: "inherit" });
process.exitCode = status ?? 1;
