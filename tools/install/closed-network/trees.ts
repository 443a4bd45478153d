import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../../../text";
import { deb822, fetchOptions, findProgram, hostSources, install, sourcesFor } from "./apt";
import { Recipe, Report, fill } from "./cache";
import { lastLines, run, withProgress } from "./run";

/** The Debian packages of an image. */
export interface Packages {
  /** A folder name, such as "mysql". */
  name: string;
  /** Debian release of the packages. */
  release: string;
  packages: readonly string[];
  /** Scripts to run on the tree of installed packages, by name in the recipe. */
  scripts: Readonly<Record<string, string>>;
}

/** How to build a tree of installed packages, which takes long and rarely changes. */
export interface TreePlan {
  of: Packages;
  recipe: Recipe;
  /** Sources of packages, in apt's format. */
  sources: string;
  options: readonly string[];
}

const dpkgOptions = [
  "force-unsafe-io",
  ...["man", "info", "doc", "locale", "lintian", "bug"].map((name) => `path-exclude=/usr/share/${name}/*`),
  "path-include=/usr/share/doc/*/copyright",
];

const stepOf = ({ name, release }: Packages) => ({
  en: `installing Debian ${release} packages for ${name}`,
  ko: `${name}에 필요한 Debian ${release} 패키지 설치`,
});

/** The script that finishes every tree. */
const finish = path.join(__dirname, "stand-ins", "tree.sh");

export async function treePlan(of: Packages): Promise<TreePlan> {
  const host = hostSources();
  const sources = deb822(sourcesFor(of.release, host.sources, host.release));
  const options = [
    ...(await fetchOptions()),
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "true";',
    'APT::AutoRemove::SuggestsImportant "false";',
    'APT::Install-Recommends "false";',
  ];
  const content: Record<string, string> = { sources, options: options.join("\n"), dpkg: dpkgOptions.join("\n") };
  content.packages = of.packages.join(" ");
  for (const [name, script] of Object.entries({ ...of.scripts, "tree.sh": finish })) {
    content[name] = await readFile(script, "utf8");
  }
  return {
    of,
    recipe: {
      name: `tree-${of.name}`,
      version: `${of.release}-${process.arch}`,
      content,
      step: { what: stepOf(of), minutes: 1 },
    },
    sources,
    options,
  };
}

/** A tree as an image without a command. */
export interface TreeImage {
  image: string;
  /** Packages and versions, such as "redis 5:7.0". */
  versions: string[];
}

/** Builds a tree if it is not in the cache, and its image if it is missing in Docker. */
export async function treeImage(root: string, plan: TreePlan, report: Report): Promise<TreeImage> {
  const tree = await fill(root, plan.recipe, (into) => bootstrap(root, plan, into, report), report);
  const versions = (await readFile(path.join(tree, "packages"), "utf8")).trim().split("\n");
  const image = `course-labs/${plan.recipe.name}:${path.basename(tree)}`;
  if ((await run("docker", ["image", "inspect", image])).code !== 0) {
    await docker(root, plan.of.name, ["import", path.join(tree, "tree.tar"), image]);
  }
  return { image, versions };
}

/** Runs a docker command for an image. */
export async function docker(root: string, image: string, args: readonly string[], input?: string): Promise<void> {
  const log = path.join(root, "log", `docker-${args[0]}.log`);
  const result = await run("docker", args, input === undefined ? { log } : { log, input });
  if (result.code === 0) return;
  throw new LabError({
    en: `docker ${args[0]} failed for ${image}. Fix the problem, then run the command again. Full output: ${log}\n${lastLines(result.tail)}`,
    ko: `${image} 이미지의 docker ${args[0]} 명령이 실패했습니다. 문제를 해결한 뒤 명령을 다시 실행하세요. 전체 출력: ${log}\n${lastLines(result.tail)}`,
  });
}

/** Installs Debian packages into an empty tree, and archives it. */
async function bootstrap(root: string, plan: TreePlan, into: string, report: Report): Promise<void> {
  const { release, packages, name, scripts } = plan.of;
  if (!findProgram("mmdebstrap")) await install(["mmdebstrap"], "mmdebstrap", report);
  const keyrings = [...plan.sources.matchAll(/^Signed-By: (\/.*)$/gm)].flatMap((match) => match[1]?.split(/\s+/) ?? []);
  const args = [
    "--variant=minbase",
    "--format=tar",
    `--include=${packages.join(",")}`,
    ...plan.options.map((option) => `--aptopt=${option}`),
    ...dpkgOptions.map((option) => `--dpkgopt=${option}`),
    // Packages of bookworm require a merged /usr; newer releases create it themselves.
    ...(release === "bookworm" ? ["--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"] : []),
    ...[...Object.values(scripts), finish].map((script) => `--customize-hook=${script}`),
    release,
    path.join(into, "tree.tar"),
    "-",
  ];
  const log = path.join(root, "log", `${plan.recipe.name}.log`);
  await withProgress(stepOf(plan.of), report, async () => {
    const env = {
      ...process.env,
      LAB_PACKAGES: [...packages, "base-files"].join(" "),
      LAB_PACKAGES_FILE: path.join(into, "packages"),
      LAB_KEYRINGS: [...new Set(keyrings)].join(" "),
    };
    const result = await run("mmdebstrap", args, { input: plan.sources, env, log, outlives: true });
    if (result.code === 0) return;
    throw new LabError({
      en: `mmdebstrap could not install Debian ${release} packages for ${name} from the sources in /etc/apt. Fix the problem, then run the command again. Full output: ${log}\n${lastLines(result.tail)}`,
      ko: `mmdebstrap이 /etc/apt의 저장소에서 ${name}에 필요한 Debian ${release} 패키지를 설치하지 못했습니다. 문제를 해결한 뒤 명령을 다시 실행하세요. 전체 출력: ${log}\n${lastLines(result.tail)}`,
    });
  });
}
