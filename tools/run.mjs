// The door of every `npm run …` command: plain JavaScript, because nothing may be installed yet.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { keepSaltOutOfGit, refreshGit } from "./git-filter.mjs";
import { loader } from "./load.mjs";
import { needed, runsOn } from "./node-version.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { LC_ALL, LC_MESSAGES, LANG } = process.env;
// Windows has none of these: there it is the system's.
const locale = LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
const korean = /^ko/i.test(/--lang[= ](ko|en)\b/.exec(process.argv.join(" "))?.[1] ?? locale);
const say = (en, ko) => console.error(korean ? ko : en);

/** Whether node_modules holds what package-lock.json asks for; npm notes what it installed in a lock file of its own. */
function installed() {
  const note = join(root, "node_modules", ".package-lock.json");
  // The same folder may have been used from another system, WSL and Windows say: the compiler comes as a program for each.
  const compilers = join(root, "node_modules", "@swc");
  const own = `core-${process.platform}-${process.arch}`;
  if (!existsSync(note) || !readdirSync(compilers).some((name) => name.startsWith(own))) return false;
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, "utf8")).packages).filter(([path, p]) => path !== "" && !p.optional);
  const have = new Map(versions(note).map(([path, p]) => [path, p.version]));
  return versions(join(root, "package-lock.json")).every(([path, p]) => have.get(path) === p.version);
}

if (!runsOn(process.versions.node)) {
  say(
    `This is Node.js ${process.versions.node}, and ${needed.en} is needed. Get it from https://nodejs.org`,
    `Node.js 버전이 ${process.versions.node} 입니다. ${needed.ko} 버전이 필요합니다. https://nodejs.org 에서 받으세요.`,
  );
  process.exit(1);
}

/** Every option of the commands, but for --json, which npm has, too. */
const options = [
  ...["labs", "stack", "lang", "allow-data-loss", "images", "cluster", "by-hand", "drill", "committed", "cleaned-up"],
  ...["junit", "report", "student", "base", "deploy", "markdown", "fish", "powershell"],
  ...["seat", "server", "here"],
];
// npm keeps options that have no -- before them, and PowerShell takes the -- away: `destroy --labs=redis` would destroy all.
const taken = options.flatMap((name) => {
  const value = process.env[`npm_config_${name.replaceAll("-", "_")}`];
  return value === undefined ? [] : [value === "true" ? `--${name}` : `--${name}=${value}`];
});
if (taken.length > 0) {
  const typed = taken.join(" ");
  const right = `run ${process.argv[2]} -- ${typed}`;
  say(
    `Nothing was done: npm took ${typed} for its own. Put -- before the options: npm ${right} (in PowerShell: npm.cmd ${right})`,
    `아무것도 하지 않았습니다: npm 이 ${typed} 을(를) 자기 옵션으로 받았습니다. 옵션 앞에 -- 를 쓰세요: npm ${right} (PowerShell 에서는 npm.cmd ${right})`,
  );
  process.exit(1);
}

/** Runs a program to its end, and hands on to it what asks this process to stop. */
async function run(program, args, options) {
  const child = spawn(program, args, options);
  let stopped;
  const handOn = (signal) => {
    stopped ??= signal;
    child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, handOn);
  const status = await new Promise((done) => child.on("error", () => done(1)).on("close", done));
  for (const signal of signals) process.off(signal, handOn);
  if (stopped) {
    say("Stopped. The next run goes on from here.", "멈췄습니다. 다음 실행이 여기서부터 이어집니다.");
    process.exit(128 + constants.signals[stopped]);
  }
  return status;
}

if (!installed()) {
  say("Installing npm dependencies …", "npm 의존성을 설치하는 중 …");
  // Windows starts no npm.cmd without a shell; whoever typed npm tells where its program is.
  const [npm, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const args = [...first, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const shell = npm === "npm" && process.platform === "win32";
  // What npm prints is for people; standard output is kept for results.
  if ((await run(npm, args, { cwd: root, stdio: ["ignore", 2, 2], shell })) !== 0) {
    say(
      "npm could not install the dependencies. See its message above, then run the command again.",
      "npm 이 의존성을 설치하지 못했습니다. 위의 메시지를 확인하고 명령을 다시 실행하세요.",
    );
    process.exit(1);
  }
}
keepSaltOutOfGit();
process.on("exit", refreshGit);

process.chdir(root);
const require = loader(root);
require("./install/proxies.ts").keepLocalDirect();
const [command, ...given] = process.argv.slice(2);
if (/^(test|bench)/.test(command)) process.exitCode = await require("../test/tasks.ts").tasks[command](given);
else await require("./main.ts").main([command, ...given]);
