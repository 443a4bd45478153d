import { chmod, readdir, readFile, symlink } from "node:fs/promises";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { LabError, Text } from "../text";
import { findProgram, install } from "./apt";
import { Recipe, Report, fill, filesOf } from "./cache";
import { lastLines, run, told } from "./run";

const platform = `${process.platform}-${process.arch}`;

/** Programs that one Go module below `tools/` builds. */
export interface Tool {
  /** The module's folder. */
  name: string;
  /** What a person calls it. */
  what: Text;
  /** How long it takes the first time on two cores, if that is worth a word. */
  minutes?: number;
  /** The module that it is made of, whose version it has; none for a program of this project. */
  of?: string;
  /**
   * Arguments of go, which writes what it builds to `bin/`.
   * @param version of the module that it is made of
   * @param other version of another module that it requires
   */
  args: (version: string, other: (module: string) => string) => readonly string[];
  /** Where the module lies. @default its name below `tools` */
  folder?: string;
  /** Whether it is compiled with C, for a driver of minikube that nobody uses here. @default false */
  cgo?: boolean;
  /** Further names of a program that is called by several, each a link to it. */
  names?: { of: string; are: readonly string[] };
}

/**
 * Arguments of go that make the same program wherever the module and the cache lie.
 * @param flags of the linker
 */
export const buildArguments = (
  flags: readonly string[],
  packages: readonly string[],
  { into = "bin/", tags }: { into?: string; tags?: string } = {},
): string[] => {
  const chosen = tags === undefined ? [] : ["-tags", tags];
  return ["build", ...chosen, "-trimpath", "-ldflags", ["-s -w", ...flags].join(" "), "-o", into, ...packages];
};

/** Sets variables of a program while it is linked. */
export const set = (...variables: [name: string, value: string][]): string[] =>
  variables.map(([name, value]) => `-X ${name}=${value}`);

/** The Pulumi CLI. */
export const pulumiCli: Tool = {
  name: "pulumi",
  what: { en: "the Pulumi CLI", ko: "Pulumi CLI" },
  minutes: 3,
  of: "github.com/pulumi/pulumi/pkg/v3",
  args: (version) => {
    // Without its version the CLI is refused by the Automation API.
    const flags = set(["github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", version]);
    return buildArguments(flags, ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"]);
  },
};

/** The version of a package in node_modules. */
const packageVersion = (name: string) =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  (require(`${name}/package.json`) as { version: string }).version;

/**
 * The version that the Kubernetes provider is to say of itself: that of the package that calls it, or the engine would
 * warn at every run, and behind the plus the commit that it was made of, which no comparison of versions looks at.
 * @param module version of its Go module, such as "v4.0.0-20260115033456-f47bc2d6f199"
 * @param sdk version of the npm package, such as "4.34.2"
 * @see https://semver.org/#spec-item-10
 */
export const providerVersion = (module: string, sdk: string): string =>
  `${sdk}+${module.split("-").slice(1).join(".") || module}`;

/** The original Kubernetes provider, of the newest commit that there is as a Go module. */
export const kubernetesProvider: Tool = {
  name: "pulumi-resource-kubernetes",
  what: { en: "the Kubernetes provider", ko: "쿠버네티스 프로바이더" },
  minutes: 3,
  of: "github.com/pulumi/pulumi-kubernetes/provider/v4",
  args: (version) => {
    const told = providerVersion(version, packageVersion("@pulumi/kubernetes"));
    return buildArguments(set(["main.version", told]), ["."]);
  },
};

/** The version of a module that a go.mod requires. */
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

/** The Go version that a go.mod asks for. */
export function goVersion(goMod: string): string {
  const version = /^go (\d+\.\d+(?:\.\d+)?)\s*$/m.exec(goMod)?.[1];
  if (!version) throw new Error("no Go version in this go.mod");
  return version;
}

const isTest = (file: string) => file.endsWith("_test.go") || /(^|\/)(testdata|\.)/.test(file);

const moduleOf = (tool: Tool) => path.join(__dirname, tool.folder ?? path.join("tools", tool.name));

/** All that decides what a tool's programs are. */
export async function toolRecipe(tool: Tool): Promise<Recipe & { args: readonly string[] }> {
  const content = await filesOf(moduleOf(tool), (file) => !isTest(file));
  const required = (module: string) => requiredVersion(content["go.mod"] ?? "", module);
  const version = tool.of ? required(tool.of) : "";
  const args = tool.args(version, required);
  return {
    name: tool.name,
    version: [version, platform].filter(Boolean).join("-"),
    content: { ...content, args: args.join(" "), names: tool.names?.are.join(" ") ?? "" },
    args,
  };
}

/** A folder with a tool's programs in `bin`. */
export async function goTool(root: string, tool: Tool, report: Report): Promise<string> {
  const recipe = await toolRecipe(tool);
  const make = async (folder: string) => {
    const { what, minutes } = tool;
    if (minutes !== undefined) {
      report({
        en: `${what.en} is built from source: about ${minutes} minutes on two cores, once; what is compiled is kept when you stop it`,
        ko: `${what.ko} 을(를) 소스에서 빌드합니다. 코어 두 개에서 ${minutes}분쯤 걸리고 한 번만 하면 됩니다. 중간에 멈춰도 컴파일한 것은 남습니다`,
      });
    }
    await build(what, moduleOf(tool), folder, recipe.args, root, report, tool.cgo);
    for (const name of tool.names?.are ?? []) await symlink(tool.names?.of ?? "", path.join(folder, "bin", name));
  };
  return await fill(root, recipe, make, report);
}

/** The providers of Docker and of random values. */
const plugins: Tool = {
  name: "plugins",
  folder: "plugins",
  what: { en: "the provider plugins", ko: "프로바이더 플러그인" },
  minutes: 3,
  // Terraform's Docker provider has all of docker compose for a resource that Pulumi's does not have.
  args: () => buildArguments([], ["./cmd/..."], { tags: "no_compose" }),
};

/** Folders whose `bin` holds provider plugins. */
export async function providerPlugins(root: string, names: readonly string[], report: Report): Promise<string[]> {
  const others = names.filter((name) => name !== "kubernetes");
  const folders: string[] = [];
  if (others.length > 0) folders.push(await goTool(root, plugins, report));
  const there = (await Promise.all(folders.map((folder) => readdir(path.join(folder, "bin"))))).flat();
  const missing = others.filter((name) => !there.includes(`pulumi-resource-${name}`));
  if (missing.length > 0) throw missingPlugins(missing, there);
  if (others.length < names.length) folders.push(await goTool(root, kubernetesProvider, report));
  return folders;
}

function missingPlugins(missing: readonly string[], there: readonly string[]): LabError {
  const [names, known] = [missing.join(", "), there.map((file) => file.replace(/^pulumi-resource-/, "")).join(", ")];
  return new LabError({
    en: `There is no provider plugin for ${names} in closed-network/plugins (there: ${known}). Turn off the labs that need it with course-labs:labs.`,
    ko: `closed-network/plugins 에 ${names} 프로바이더 플러그인이 없습니다 (있는 것: ${known}). course-labs:labs 설정에서 그 실습을 빼세요.`,
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
  await told({ en: `building ${what.en} with Go`, ko: `Go 로 ${what.ko} 빌드` }, report, async () => {
    const env = { ...process.env, ...go.env, GOWORK: "off", CGO_ENABLED: cgo ? "1" : "0" };
    const result = await run(go.program, into, { cwd: module, env, log });
    if (result.code === 0) return;
    throw new LabError({
      en: `go build of ${what.en} failed. It needs the Go module proxy: try "go env GOPROXY" and run this again; finished parts are kept. All output: ${log}\n${lastLines(result.tail)}`,
      ko: `${what.ko} 을(를) go build 하지 못했습니다. Go 모듈 프록시가 필요합니다: "go env GOPROXY" 를 확인하고 다시 실행하세요. 끝난 부분은 남아 있습니다. 전체 출력: ${log}\n${lastLines(result.tail)}`,
    });
  });
}

interface Toolchain {
  program: string;
  env: Record<string, string>;
}

const compare = (a: string, b: string) => {
  const [x, y] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < 3; i++) if ((x?.[i] ?? 0) !== (y?.[i] ?? 0)) return (x?.[i] ?? 0) - (y?.[i] ?? 0);
  return 0;
};

/** A Go that can build a module of that Go version. */
async function toolchain(asked: string, report: Report): Promise<Toolchain> {
  const find = () =>
    findProgram("go") ?? ["/usr/local/go/bin/go", "/usr/lib/go/bin/go"].find((file) => existsSync(file));
  if (!find()) await install(["golang-go"], "Go", report);
  const go = find();
  const told = go
    ? await run(go, ["env", "GOVERSION"], { cwd: "/", env: { ...process.env, GOTOOLCHAIN: "local" } })
    : undefined;
  const version = /^go(\d+\.\d+(?:\.\d+)?)/.exec(told?.stdout ?? "")?.[1];
  if (!go || !version) {
    throw new LabError({
      en: `Go ${asked} or newer is needed, and ${go ?? "no program go"} does not answer "go env GOVERSION". Install Go and put it on PATH.`,
      ko: `Go ${asked} 이상이 필요한데 ${go ?? "go 프로그램"} 이(가) "go env GOVERSION" 에 답하지 않습니다. Go 를 설치하고 PATH 에 넣으세요.`,
    });
  }
  // From 1.21 on, Go itself fetches the Go that a module asks for, as a module.
  if (compare(version, "1.21") >= 0) return { program: go, env: { GOTOOLCHAIN: "auto" } };
  return await olderGo(go, version, asked, report);
}

/** What a Go older than 1.21 is not able to do by itself: fetch the Go that is asked for from the module proxy. */
async function olderGo(go: string, version: string, asked: string, report: Report): Promise<Toolchain> {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const module = `golang.org/toolchain@v0.0.1-go${asked}.${process.platform}-${arch}`;
  const what = {
    en: `fetching Go ${asked} as a Go module (here: ${version})`,
    ko: `Go 모듈로 Go ${asked} 받기 (현재: ${version})`,
  };
  const result = await told(what, report, () => run(go, ["mod", "download", "-json", module], { cwd: "/" }));
  const folder = /"Dir": "([^"]+)"/.exec(result.stdout)?.[1];
  if (result.code !== 0 || !folder) {
    throw new LabError({
      en: `Go ${version} is too old (${asked} is needed), and ${module} could not be had from the Go module proxy. Install Go ${asked} or newer.\n${lastLines(result.tail)}`,
      ko: `Go ${version} 은(는) 너무 오래되었고 (${asked} 필요) Go 모듈 프록시에서 ${module} 을(를) 받지 못했습니다. Go ${asked} 이상을 설치하세요.\n${lastLines(result.tail)}`,
    });
  }
  // Modules are unpacked without leave to run their files.
  for (const programs of ["bin", `pkg/tool/${process.platform}_${arch}`]) {
    const at = path.join(folder, programs);
    for (const file of existsSync(at) ? await readdir(at) : []) await chmod(path.join(at, file), 0o755);
  }
  return { program: path.join(folder, "bin", "go"), env: { GOROOT: folder, GOTOOLCHAIN: "local" } };
}
