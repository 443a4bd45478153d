import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { Recipe, Report, cacheKey, filesOf, withLock } from "./cache";
import { StandIn, requireStandIn } from "./references";
import { run, withProgress } from "./run";
import { TreePlan, docker, treeImage, treePlan } from "./trees";

const folder = path.join(__dirname, "stand-ins");

/** Label that describes the content of an image for `docker image inspect`. */
export const standInLabel = "course-labs.stand-in";
/** Label that distinguishes our images from the originals and from older recipes. */
const recipeLabel = "course-labs.recipe";

/** Builds all images that are missing in Docker. */
export async function images(root: string, wanted: readonly string[], report: Report): Promise<void> {
  const unique = [...new Set(wanted)];
  if ((await missing(unique)).length === 0) return;
  await mkdir(path.join(root, "images"), { recursive: true });
  await withLock(path.join(root, "images", ".lock"), "images", report, async () => {
    const bases = new Set<string>();
    // Check again, because another run may have built them while this one waited. Each build keeps all cores busy.
    try {
      for (const { image, plan } of await missing(unique)) {
        if (!(await namedAgain(root, image, plan, report))) bases.add(await make(root, image, plan, report));
      }
    } finally {
      // These names are needed only for the build; the built images keep the layers.
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
    // The image exists and was not built here, so the user has chosen it.
    if (labels[i] === "") continue;
    const plan = await planFor(requireStandIn(image));
    if (labels[i] !== plan.digest) found.push({ image, plan });
  }
  return found;
}

/** The recipes of the packages of images that are missing in Docker. */
export const imageRecipes = async (wanted: readonly string[]): Promise<Recipe[]> =>
  (await missing([...new Set(wanted)])).map(({ plan }) => plan.tree.recipe);

/** The recipe label of an image: undefined if there is no such image, empty if it was not built here. */
async function recipeOf(image: string): Promise<string | undefined> {
  const format = `{{with .Config.Labels}}{{index . "${recipeLabel}"}}{{end}}`;
  const result = await run("docker", ["image", "inspect", "--format", format, image]);
  return result.code === 0 ? result.stdout.trim() : undefined;
}

interface Plan {
  standIn: StandIn;
  tree: TreePlan;
  /** Digest of the tree and of everything built on top of it. */
  digest: string;
}

async function planFor(standIn: StandIn): Promise<Plan> {
  const { folder: name, release, packages } = standIn;
  const script = path.join(folder, name, "tree.sh");
  const scripts = existsSync(script) ? { [path.relative(folder, script)]: script } : {};
  const tree = await treePlan({ name, release, packages, scripts });
  const top = await filesOf(path.join(folder, name), (file) => !file.startsWith("tree"));
  const whole = { name, version: tree.recipe.version, content: { ...top, tree: cacheKey(tree.recipe) } };
  return { standIn, tree, digest: cacheKey(whole) };
}

/**
 * Restores the lost name of an image, as a pull would do, so that containers that use it match again.
 * @returns whether there is such an image
 */
async function namedAgain(root: string, image: string, { digest }: Plan, report: Report): Promise<boolean> {
  const id = await readFile(noteOf(root, image, digest), "utf8").catch(() => undefined);
  if (id === undefined || (await run("docker", ["tag", id, image])).code !== 0) return false;
  report({
    en: `${image}: restored the name of the image that was built earlier`,
    ko: `${image}: 전에 만든 이미지가 남아 있어 이름을 다시 지정했습니다`,
  });
  return true;
}

/** File with the id of the image built for a name. Labels are inherited by images that somebody builds on top of it. */
const noteOf = (root: string, image: string, digest: string) =>
  path.join(root, "images", `${image.replace(/[^\w.-]/g, "_")}-${digest}`);

/** Builds an image, and returns the name of its base image. */
async function make(root: string, image: string, plan: Plan, report: Report): Promise<string> {
  const { image: base, versions } = await treeImage(root, plan.tree, report);
  const label = `Debian ${plan.standIn.release} packages: ${versions.join(", ")}`;
  const what = { en: `${image}: building the image`, ko: `${image}: 이미지 빌드` };
  await withProgress(what, report, async () => {
    const older = await idOf(image);
    const labels = [`${standInLabel}=${label}`, `${recipeLabel}=${plan.digest}`].flatMap((text) => ["--label", text]);
    const context = path.join(folder, plan.standIn.folder);
    await docker(root, image, ["build", "--build-arg", `BASE=${base}`, ...labels, "--tag", image, context]);
    await writeFile(noteOf(root, image, plan.digest), await idOf(image));
    // Remove the previous image, unless a container still uses it.
    if (older !== "") await removeUnnamed(older);
  });
  const { name, package: chosen } = plan.standIn.shown;
  const version = versions.map((line) => line.split(" ")).find(([installed]) => installed === chosen)?.[1];
  const is = version === undefined ? name : `${name} ${plain(version)}`;
  report({
    en: `${image}: stand-in image built from Debian packages (${is})`,
    ko: `${image}: Debian 패키지로 만든 대체 이미지 (${is})`,
  });
  return base;
}

/** The id of an image, empty if there is no such image. */
const idOf = async (image: string) =>
  (await run("docker", ["image", "inspect", "--format", "{{.Id}}", image])).stdout.trim();

async function removeUnnamed(id: string): Promise<void> {
  const tags = await run("docker", ["image", "inspect", "--format", "{{len .RepoTags}}", id]);
  if (tags.stdout.trim() === "0") await run("docker", ["image", "rm", id]);
}

/** The upstream version without Debian's epoch and revision. */
export function plain(version: string): string {
  return version
    .replace(/^\d+:/, "")
    .replace(/[+~](dfsg|deb).*$/, "")
    .replace(/-[^-]*$/, "");
}
