import { chmod, readdir, readFile, symlink } from "node:fs/promises";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { LabError, Text } from "../../../text";
import { findProgram, install } from "./apt";
import { Recipe, Report, fill, filesOf } from "./cache";
import { lastLines, run, withProgress } from "./run";

const platform = `${process.platform}-${process.arch}`;

/** Programs that are built from a Go module below `tools/`. */
export interface Tool {
  /** The folder of the module. */
  name: string;
  /** The name for messages. */
  what: Text;
  /** Duration of the first build on two cores, if it is long. */
  minutes?: number;
  /** The module whose version the tool has; undefined for a program of this project. */
  of?: string;
  /**
   * Arguments of go, which writes the programs to `bin/`.
   * @param version version of the module
   * @param other version of another required module
   */
  args: (version: string, other: (module: string) => string) => readonly string[];
  /** The folder of the module, from here. @default its name below `tools` */
  folder?: string;
  /** Needs a C compiler, for a driver of minikube that is not used here. @default false */
  cgo?: boolean;
  /** Additional names of a program, each a link to it. */
  names?: { of: string; are: readonly string[] };
}

/**
 * Arguments of go for a build that does not depend on the location of the module and the cache.
 * @param flags flags of the linker
 */
export const buildArguments = (
  flags: readonly string[],
  packages: readonly string[],
  { into = "bin/", tags }: { into?: string; tags?: string } = {},
): string[] => {
  const chosen = tags === undefined ? [] : ["-tags", tags];
  return ["build", ...chosen, "-trimpath", "-ldflags", ["-s -w", ...flags].join(" "), "-o", into, ...packages];
};

/** Linker flags that set variables of a program. */
export const set = (...variables: [name: string, value: string][]): string[] =>
  variables.map(([name, value]) => `-X ${name}=${value}`);

/** The Pulumi CLI. */
export const pulumiCli: Tool = {
  name: "pulumi",
  what: { en: "the Pulumi CLI", ko: "Pulumi CLI" },
  minutes: 3,
  of: "github.com/pulumi/pulumi/pkg/v3",
  args: (version) => {
    // The commands and the Automation API require a CLI with a version.
    const flags = set(["github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", version]);
    return buildArguments(flags, ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"]);
  },
};

/** The version of a package in node_modules. */
const packageVersion = (name: string) =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  (require(`${name}/package.json`) as { version: string }).version;

/**
 * The version that the Kubernetes provider reports: the one of the npm package, because otherwise the engine would print a
 * warning in every run, followed by the commit it was built from, which is ignored when versions are compared.
 * @param module version of its Go module, such as "v4.0.0-20260115033456-f47bc2d6f199"
 * @param sdk version of the npm package, such as "4.34.2"
 * @see https://semver.org/#spec-item-10
 */
export const providerVersion = (module: string, sdk: string): string =>
  `${sdk}+${module.split("-").slice(1).join(".") || module}`;

/** The original Kubernetes provider, from the newest commit that is available as a Go module. */
export const kubernetesProvider: Tool = {
  name: "pulumi-resource-kubernetes",
  what: { en: "the Kubernetes provider", ko: "쿠버네티스 프로바이더" },
  minutes: 5,
  of: "github.com/pulumi/pulumi-kubernetes/provider/v4",
  args: (version) => {
    const reported = providerVersion(version, packageVersion("@pulumi/kubernetes"));
    return buildArguments(set(["main.version", reported]), ["."]);
  },
};

/** The required version of a module in a go.mod. */
export function requiredVersion(goMod: string, module: string): string {
  const line = goMod.split("\n").find((text) =>
    text
      .trim()
      .replace(/^require /, "")
      .startsWith(`${module} `),
  );
  const version = /\sv\S+/.exec(line ?? "")?.[0].trim();
  if (!version) throw new Error(`no version of ${module} in this go.mod`);
  return version;
}

/** The Go version that a go.mod requires. */
export function goVersion(goMod: string): string {
  const version = /^go (\d+\.\d+(?:\.\d+)?)\s*$/m.exec(goMod)?.[1];
  if (!version) throw new Error("no Go version in this go.mod");
  return version;
}

const isTest = (file: string) => file.endsWith("_test.go") || /(^|\/)(testdata|\.)/.test(file);

const moduleOf = (tool: Tool) => path.resolve(__dirname, tool.folder ?? path.join("tools", tool.name));

/** The recipe of a tool. */
export async function toolRecipe(tool: Tool): Promise<Recipe & { args: readonly string[] }> {
  const content = await filesOf(moduleOf(tool), (file) => !isTest(file));
  const required = (module: string) => requiredVersion(content["go.mod"] ?? "", module);
  const version = tool.of ? required(tool.of) : "";
  const args = tool.args(version, required);
  return {
    name: tool.name,
    version: [version, platform].filter(Boolean).join("-"),
    content: { ...content, args: args.join(" "), names: tool.names?.are.join(" ") ?? "" },
    ...(tool.minutes && { step: { what: tool.what, minutes: tool.minutes } }),
    args,
  };
}

/** A folder with a tool's programs in `bin`. */
export async function goTool(root: string, tool: Tool, report: Report): Promise<string> {
  const recipe = await toolRecipe(tool);
  const make = async (folder: string) => {
    await build(tool.what, moduleOf(tool), folder, recipe.args, root, report, tool.cgo);
    for (const name of tool.names?.are ?? []) await symlink(tool.names?.of ?? "", path.join(folder, "bin", name));
  };
  return await fill(root, recipe, make, report);
}

/** The providers of Docker and of random values: Terraform's, with Pulumi's bridge. */
const plugins: Tool = {
  name: "plugins",
  folder: "plugins",
  what: { en: "the provider plugins", ko: "프로바이더 플러그인" },
  minutes: 2,
  // Without docker compose, which Terraform's provider has for a resource that Pulumi's does not offer.
  args: () => buildArguments([], ["./cmd/..."], { tags: "no_compose" }),
};

/** The tools that provide plugins. */
export const pluginTools = (names: readonly string[]): Tool[] => [
  ...(names.some((name) => name !== "kubernetes") ? [plugins] : []),
  ...(names.includes("kubernetes") ? [kubernetesProvider] : []),
];

/** Folders with provider plugins in `bin`. */
export async function providerPlugins(root: string, names: readonly string[], report: Report): Promise<string[]> {
  const folders: string[] = [];
  for (const tool of pluginTools(names)) folders.push(await goTool(root, tool, report));
  const there = (await Promise.all(folders.map((folder) => readdir(path.join(folder, "bin"))))).flat();
  const missing = names.filter((name) => !there.includes(`pulumi-resource-${name}`));
  if (missing.length > 0) throw missingPlugins(missing, there);
  return folders;
}

function missingPlugins(missing: readonly string[], there: readonly string[]): LabError {
  const [names, known] = [missing.join(", "), there.map((file) => file.replace(/^pulumi-resource-/, "")).join(", ")];
  return new LabError({
    en: `There is no provider plugin for ${names} in tools/install/closed-network/plugins (available: ${known}). Disable the labs that need it with the setting course-labs:labs.`,
    ko: `tools/install/closed-network/plugins에 프로바이더 플러그인이 없습니다: ${names} (사용할 수 있는 플러그인: ${known}). 이 플러그인이 필요한 실습을 course-labs:labs 설정에서 빼세요.`,
  });
}

async function build(
  what: Text,
  module: string,
  folder: string,
  args: readonly string[],
  root: string,
  report: Report,
  cgo = false,
): Promise<void> {
  const asked = goVersion(await readFile(path.join(module, "go.mod"), "utf8"));
  const go = await toolchain(asked, report);
  if (cgo && !findProgram("gcc")) await install(["gcc", "libc6-dev"], "gcc", report);
  const into = args.map((arg) => (arg.startsWith("bin/") ? path.join(folder, "bin") + arg.slice("bin".length) : arg));
  const log = path.join(root, "log", `${path.basename(path.dirname(folder))}-build.log`);
  await withProgress({ en: `building ${what.en} with Go`, ko: `Go로 ${what.ko} 빌드` }, report, async () => {
    const env = { ...process.env, ...go.env, GOWORK: "off", CGO_ENABLED: cgo ? "1" : "0" };
    const result = await run(go.program, into, { cwd: module, env, log });
    if (result.code === 0) return;
    if (/no space left on device/i.test(result.tail)) {
      throw new LabError({
        en: `The disk is full, so ${what.en} could not be built. Free up space, then run the command again; finished parts are kept.\n${lastLines(result.tail, 3)}`,
        ko: `디스크가 가득 차서 빌드하지 못했습니다: ${what.ko}. 공간을 확보한 뒤 명령을 다시 실행하세요. 완료된 부분은 남아 있습니다.\n${lastLines(result.tail, 3)}`,
      });
    }
    throw new LabError({
      en: `Building ${what.en} with Go failed. The build needs the Go module proxy: check "go env GOPROXY" and run the command again; finished parts are kept. Full output: ${log}\n${lastLines(result.tail)}`,
      ko: `Go 빌드에 실패했습니다: ${what.ko}. 빌드에는 Go 모듈 프록시가 필요합니다. "go env GOPROXY"를 확인한 뒤 명령을 다시 실행하세요. 완료된 부분은 남아 있습니다. 전체 출력: ${log}\n${lastLines(result.tail)}`,
    });
  });
}

interface Toolchain {
  program: string;
  env: Record<string, string>;
}

/** A Go toolchain that can build modules of a Go version. */
async function toolchain(asked: string, report: Report): Promise<Toolchain> {
  const find = () =>
    findProgram("go") ?? ["/usr/local/go/bin/go", "/usr/lib/go/bin/go"].find((file) => existsSync(file));
  if (!find()) await install(["golang-go"], "Go", report);
  const go = find();
  const answer = go
    ? await run(go, ["env", "GOVERSION"], { cwd: "/", env: { ...process.env, GOTOOLCHAIN: "local" } })
    : undefined;
  const version = /^go(\d+\.\d+(?:\.\d+)?)/.exec(answer?.stdout ?? "")?.[1];
  if (!go || !version) {
    throw new LabError({
      en: go
        ? `Go ${asked} or newer is required, but "${go} env GOVERSION" failed. Reinstall Go and add it to PATH.`
        : `Go ${asked} or newer is required, but it was not found. Install Go and add it to PATH.`,
      ko: go
        ? `Go ${asked} 이상이 필요한데 "${go} env GOVERSION" 명령이 실패했습니다. Go를 다시 설치하고 PATH에 추가하세요.`
        : `Go ${asked} 이상이 필요한데 설치된 Go를 찾지 못했습니다. Go를 설치하고 PATH에 추가하세요.`,
    });
  }
  // Since version 1.21, Go downloads the required toolchain itself.
  if (version.localeCompare("1.21", "en", { numeric: true }) >= 0) return { program: go, env: { GOTOOLCHAIN: "auto" } };
  return await olderGo(go, version, asked, report);
}

/** Downloads the required toolchain from the module proxy, which Go before 1.21 cannot do itself. */
async function olderGo(go: string, version: string, asked: string, report: Report): Promise<Toolchain> {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const module = `golang.org/toolchain@v0.0.1-go${asked}.${process.platform}-${arch}`;
  const what = {
    en: `downloading Go ${asked} as a Go module (installed: ${version})`,
    ko: `Go 모듈로 Go ${asked} 내려받기 (설치된 버전: ${version})`,
  };
  const result = await withProgress(what, report, () => run(go, ["mod", "download", "-json", module], { cwd: "/" }));
  const folder = /"Dir": "([^"]+)"/.exec(result.stdout)?.[1];
  if (result.code !== 0 || !folder) {
    throw new LabError({
      en: `Go ${version} is too old (${asked} is required), and ${module} could not be downloaded from the Go module proxy. Install Go ${asked} or newer.\n${lastLines(result.tail)}`,
      ko: `설치된 Go 버전(${version})이 너무 낮고(${asked} 이상 필요), Go 모듈 프록시에서 새 버전을 내려받지도 못했습니다: ${module}. Go ${asked} 이상을 설치하세요.\n${lastLines(result.tail)}`,
    });
  }
  // Files of modules are not executable.
  for (const programs of ["bin", `pkg/tool/${process.platform}_${arch}`]) {
    const at = path.join(folder, programs);
    for (const file of existsSync(at) ? await readdir(at) : []) await chmod(path.join(at, file), 0o755);
  }
  return { program: path.join(folder, "bin", "go"), env: { GOROOT: folder, GOTOOLCHAIN: "local" } };
}
