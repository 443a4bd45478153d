import { mkdir, readFile } from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../text";
import { deb822, fetchOptions, findProgram, hostSources, install, sourcesFor } from "./apt";
import { Recipe, Report, cacheKey, fill, filesOf, withLock } from "./cache";
import { StandIn, requireStandIn } from "./references";
import { lastLines, run, told } from "./run";

const folder = path.join(__dirname, "stand-ins");

/** Says what an image is, for whoever looks at it with `docker image inspect`. */
export const standInLabel = "course-labs.stand-in";
/** Tells an image of ours from the original, and from one made by an older recipe. */
const recipeLabel = "course-labs.recipe";

/** Puts every image on the daemon that is not there yet. */
export async function images(root: string, wanted: readonly string[], report: Report): Promise<void> {
  const unique = [...new Set(wanted)];
  if ((await missing(unique)).length === 0) return;
  await mkdir(path.join(root, "images"), { recursive: true });
  await withLock(path.join(root, "images", ".lock"), "images", report, async () => {
    const bases = new Set<string>();
    // Looked for again: the run that held the lock may have made them. One after the other: each keeps the machine busy.
    try {
      for (const { image, plan } of await missing(unique)) bases.add(await make(root, image, plan, report));
    } finally {
      // Names that only a build needs; the layers stay with the images that were built.
      if (bases.size > 0) await run("docker", ["image", "rm", "--no-prune", ...bases]);
    }
  });
}

interface Missing {
  image: string;
  plan: Plan;
}

async function missing(unique: readonly string[]): Promise<Missing[]> {
  const labels = await Promise.all(unique.map(recipeOf));
  const found: Missing[] = [];
  for (const [i, image] of unique.entries()) {
    // There, and not made here: whatever it is, it is what the person wants.
    if (labels[i] === "") continue;
    const plan = await planFor(requireStandIn(image));
    if (labels[i] !== plan.digest) found.push({ image, plan });
  }
  return found;
}

/** The recipe label of an image: undefined if there is no such image, empty if it was not made here. */
async function recipeOf(image: string): Promise<string | undefined> {
  const format = `{{with .Config.Labels}}{{index . "${recipeLabel}"}}{{end}}`;
  const result = await run("docker", ["image", "inspect", "--format", format, image]);
  return result.code === 0 ? result.stdout.trim() : undefined;
}

interface Plan {
  standIn: StandIn;
  /** The tree of installed packages, which takes long and changes seldom. */
  tree: Recipe;
  /** Sources of packages, in apt's format. */
  sources: string;
  options: readonly string[];
  /** Changes with the tree and with what is built on top of it. */
  digest: string;
}

const dpkgOptions = [
  "force-unsafe-io",
  ...["man", "info", "doc", "locale", "lintian", "bug"].map((name) => `path-exclude=/usr/share/${name}/*`),
  "path-include=/usr/share/doc/*/copyright",
];

async function planFor(standIn: StandIn): Promise<Plan> {
  const host = hostSources();
  const sources = deb822(sourcesFor(standIn.release, host.sources, host.release));
  const options = [
    ...(await fetchOptions()),
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "true";',
    'APT::AutoRemove::SuggestsImportant "false";',
    'APT::Install-Recommends "false";',
  ];
  const scripts = await scriptsOf(standIn);
  const content: Record<string, string> = { sources, options: options.join("\n"), dpkg: dpkgOptions.join("\n") };
  content.packages = standIn.packages.join(" ");
  for (const script of scripts) content[path.relative(folder, script)] = await readFile(script, "utf8");
  const tree = { name: `tree-${standIn.folder}`, version: `${standIn.release}-${process.arch}`, content };
  const top = await filesOf(path.join(folder, standIn.folder), (file) => !file.startsWith("tree"));
  const whole = { name: standIn.folder, version: tree.version, content: { ...top, tree: cacheKey(tree) } };
  return { standIn, tree, sources, options, digest: cacheKey(whole) };
}

/** What is run on the tree when its packages are installed. */
async function scriptsOf(standIn: StandIn): Promise<string[]> {
  const own = Object.keys(await filesOf(path.join(folder, standIn.folder), (file) => file === "tree.sh"));
  return [...own.map((file) => path.join(folder, standIn.folder, file)), path.join(folder, "tree.sh")];
}

/** Makes an image, and returns the name of the tree that it was built on. */
async function make(root: string, image: string, plan: Plan, report: Report): Promise<string> {
  const tree = await fill(root, plan.tree, (into) => bootstrap(root, plan, into, report), report);
  const versions = (await readFile(path.join(tree, "packages"), "utf8")).trim().split("\n");
  const label = `Debian ${plan.standIn.release} packages: ${versions.join(", ")}`;
  const what = { en: `${image}: building the image`, ko: `${image}: 이미지 빌드` };
  const base = `course-labs/${plan.tree.name}:${path.basename(tree)}`;
  await told(what, report, async () => {
    const older = await run("docker", ["image", "inspect", "--format", "{{.Id}}", image]);
    if ((await run("docker", ["image", "inspect", base])).code !== 0) {
      await docker(root, image, ["import", path.join(tree, "tree.tar"), base]);
    }
    const labels = [`${standInLabel}=${label}`, `${recipeLabel}=${plan.digest}`].flatMap((text) => ["--label", text]);
    const context = path.join(folder, plan.standIn.folder);
    await docker(root, image, ["build", "--build-arg", `BASE=${base}`, ...labels, "--tag", image, context]);
    // An image that lost its name to a newer one of ours; refused, and rightly, while a container runs from it.
    const id = older.stdout.trim();
    if (id !== "") await removeUnnamed(id);
  });
  const { name, package: chosen } = plan.standIn.told;
  const version = versions.map((line) => line.split(" ")).find(([installed]) => installed === chosen)?.[1];
  const is = version === undefined ? name : `${name} ${plain(version)}`;
  report({
    en: `${image}: stand-in made of Debian packages (${is})`,
    ko: `${image}: Debian 패키지로 만든 대체 이미지 (${is})`,
  });
  return base;
}

async function removeUnnamed(id: string): Promise<void> {
  const tags = await run("docker", ["image", "inspect", "--format", "{{len .RepoTags}}", id]);
  if (tags.stdout.trim() === "0") await run("docker", ["image", "rm", id]);
}

/** A version as its own project writes it, without what Debian adds. */
export function plain(version: string): string {
  return version
    .replace(/^\d+:/, "")
    .replace(/[+~](dfsg|deb).*$/, "")
    .replace(/-[^-]*$/, "");
}

async function docker(root: string, image: string, args: readonly string[]): Promise<void> {
  const log = path.join(root, "log", `docker-${args[0]}.log`);
  const result = await run("docker", args, { log });
  if (result.code === 0) return;
  throw new LabError({
    en: `docker ${args[0]} failed for ${image}. Mend what it says and run this again; all output: ${log}\n${lastLines(result.tail)}`,
    ko: `${image} 의 docker ${args[0]} 이(가) 실패했습니다. 나온 문제를 고치고 다시 실행하세요. 전체 출력: ${log}\n${lastLines(result.tail)}`,
  });
}

/** Installs Debian packages into an empty tree, and packs the tree. */
async function bootstrap(root: string, plan: Plan, into: string, report: Report): Promise<void> {
  const { release, packages, folder: name } = plan.standIn;
  if (!findProgram("mmdebstrap")) await install(["mmdebstrap"], "mmdebstrap", report);
  const keyrings = [...plan.sources.matchAll(/^Signed-By: (\/.*)$/gm)].flatMap((match) => match[1]?.split(/\s+/) ?? []);
  const args = [
    "--variant=minbase",
    "--format=tar",
    `--include=${packages.join(",")}`,
    ...plan.options.map((option) => `--aptopt=${option}`),
    ...dpkgOptions.map((option) => `--dpkgopt=${option}`),
    // The packages of bookworm expect it, and newer ones bring it along.
    ...(release === "bookworm" ? ["--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"] : []),
    ...(await scriptsOf(plan.standIn)).map((script) => `--customize-hook=${script}`),
    release,
    path.join(into, "tree.tar"),
    "-",
  ];
  const log = path.join(root, "log", `${plan.tree.name}.log`);
  const what = {
    en: `installing Debian ${release} packages for ${name}`,
    ko: `${name} 용 Debian ${release} 패키지 설치`,
  };
  await told(what, report, async () => {
    const env = {
      ...process.env,
      LAB_PACKAGES: [...packages, "base-files"].join(" "),
      LAB_PACKAGES_FILE: path.join(into, "packages"),
      LAB_KEYRINGS: [...new Set(keyrings)].join(" "),
    };
    const result = await run("mmdebstrap", args, { input: plan.sources, env, log, outlives: true });
    if (result.code === 0) return;
    throw new LabError({
      en: `Debian ${release} packages for ${name} could not be installed with mmdebstrap from the sources in /etc/apt. Mend what it says and run this again; all output: ${log}\n${lastLines(result.tail)}`,
      ko: `/etc/apt 의 저장소에서 mmdebstrap 으로 ${name} 용 Debian ${release} 패키지를 설치하지 못했습니다. 나온 문제를 고치고 다시 실행하세요. 전체 출력: ${log}\n${lastLines(result.tail)}`,
    });
  });
}
