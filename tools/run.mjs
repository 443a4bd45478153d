// Starts every `npm run …` command. Plain JavaScript, because the dependencies may not be installed yet.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { constants, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loader } from "./load.mjs";
import { needed, runsOn } from "./node-version.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { LC_ALL, LC_MESSAGES, LANG } = process.env;
// Windows sets none of these variables; Intl knows the locale of the system.
const locale = LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
const korean = /^ko/i.test(/--lang[= ](ko|en)\b/.exec(process.argv.join(" "))?.[1] ?? locale);
const say = (en, ko) => console.error(korean ? ko : en);

/** What the dependencies and npm's cache of them take, in MiB. */
const room = 400;

/** Compares package-lock.json with the list that npm keeps of what it has installed. */
function installed() {
  const versions = (...file) =>
    Object.entries(JSON.parse(readFileSync(join(root, ...file), "utf8")).packages)
      .filter(([path, { optional }]) => path !== "" && !optional)
      .map(([path, { version }]) => [path, version]);
  try {
    const have = new Map(versions("node_modules", ".package-lock.json"));
    // The compiler is a native program, and this folder may be shared between two systems, such as WSL and Windows.
    const compilers = readdirSync(join(root, "node_modules", "@swc"));
    const own = `core-${process.platform}-${process.arch}`;
    if (!compilers.some((name) => name.startsWith(own))) return false;
    return versions("package-lock.json").every(([path, version]) => have.get(path) === version);
  } catch {
    // What is missing or cut off is installed again.
    return false;
  }
}

if (!runsOn(process.versions.node)) {
  say(
    `This is Node.js ${process.versions.node}, but ${needed.en} is required. Download it from https://nodejs.org`,
    `현재 Node.js 버전은 ${process.versions.node}입니다. ${needed.ko} 버전이 필요합니다. 다음에서 내려받아 설치하세요: https://nodejs.org`,
  );
  process.exit(1);
}

const [, , command, ...given] = process.argv;

/** Runs a program until it exits, and forwards the signals that ask this process to stop. */
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
    say("Stopped. The next run continues from here.", "중단했습니다. 다시 실행하면 여기서부터 이어집니다.");
    process.exit(128 + constants.signals[stopped]);
  }
  return status;
}

if (!installed()) {
  say("Installing npm dependencies …", "npm 패키지를 설치하는 중 …");
  // Windows cannot start npm.cmd without a shell, but npm passes on the path of its program.
  const [npm, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const args = [...first, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const shell = npm === "npm" && process.platform === "win32";
  // Standard output is reserved for results.
  const status = await run(npm, args, { cwd: root, stdio: ["ignore", 2, 2], shell });
  // Where a full disk cuts files off, npm may report success, or failure without a reason, but keeps no list.
  if (status !== 0 || !installed()) {
    const { bavail, bsize } = statfsSync(root);
    const free = Math.floor((bavail * bsize) / 2 ** 20);
    if (free < room) {
      say(
        `npm could not install all dependencies: the disk has ${free} MB of free space, and about ${room} MB are needed. Free up space, then run the command again.`,
        `디스크 공간이 부족해 npm 패키지를 모두 설치하지 못했습니다. 남은 공간은 ${free}MB이고 약 ${room}MB가 필요합니다. 공간을 확보한 뒤 명령을 다시 실행하세요.`,
      );
    } else {
      say(
        "npm could not install all dependencies. See its message above, then run the command again.",
        "npm 패키지를 모두 설치하지 못했습니다. 위의 메시지를 확인한 뒤 명령을 다시 실행하세요.",
      );
    }
    process.exit(1);
  }
}

process.chdir(root);
// Without it, kubectl and minikube would keep their files in the current folder.
if (process.platform !== "win32" && !process.env.HOME) {
  try {
    process.env.HOME = userInfo().homedir;
  } catch {
    // A container may run as a number that no user has.
    say(
      "HOME is not set, and this user has no home directory. Set HOME to a folder that you may write to, then run the command again.",
      "HOME 환경 변수가 없고 이 사용자의 홈 디렉터리도 없습니다. 쓰기 권한이 있는 폴더를 HOME에 지정한 뒤 명령을 다시 실행하세요.",
    );
    process.exit(1);
  }
}
const require = loader(root);
require("./install/proxies.ts").keepLocalDirect();
if (/^(test|bench|docs)/.test(command)) process.exitCode = await require("../test/tasks.ts").tasks[command](given);
else await require("./main.ts").main([command, ...given]);
