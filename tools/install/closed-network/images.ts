import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { Report, cacheKey, filesOf, withLock } from "./cache";
import { StandIn, requireStandIn } from "./references";
import { run, told } from "./run";
import { TreePlan, docker, treeImage, treePlan } from "./trees";

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
      for (const { image, plan } of await missing(unique)) {
        if (!(await namedAgain(root, image, plan, report))) bases.add(await make(root, image, plan, report));
      }
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
  tree: TreePlan;
  /** Changes with the tree and with what is built on top of it. */
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
 * Gives an image back the name that it has lost, as a pull would: whatever still runs from it is then as it should be.
 * @returns whether there is such an image
 */
async function namedAgain(root: string, image: string, { digest }: Plan, report: Report): Promise<boolean> {
  const id = await readFile(noteOf(root, image, digest), "utf8").catch(() => undefined);
  if (id === undefined || (await run("docker", ["tag", id, image])).code !== 0) return false;
  report({
    en: `${image}: the image that was made before is still here, and has its name back`,
    ko: `${image}: 전에 만든 이미지가 아직 있어서 이름을 되돌렸습니다`,
  });
  return true;
}

/** File with the id of the image that was made for a name: labels do not tell it from what somebody built on it. */
const noteOf = (root: string, image: string, digest: string) =>
  path.join(root, "images", `${image.replace(/[^\w.-]/g, "_")}-${digest}`);

/** Makes an image, and returns the name of the tree that it was built on. */
async function make(root: string, image: string, plan: Plan, report: Report): Promise<string> {
  const { image: base, versions } = await treeImage(root, plan.tree, report);
  const label = `Debian ${plan.standIn.release} packages: ${versions.join(", ")}`;
  const what = { en: `${image}: building the image`, ko: `${image}: 이미지 빌드` };
  await told(what, report, async () => {
    const older = await idOf(image);
    const labels = [`${standInLabel}=${label}`, `${recipeLabel}=${plan.digest}`].flatMap((text) => ["--label", text]);
    const context = path.join(folder, plan.standIn.folder);
    await docker(root, image, ["build", "--build-arg", `BASE=${base}`, ...labels, "--tag", image, context]);
    await writeFile(noteOf(root, image, plan.digest), await idOf(image));
    // An image that lost its name to a newer one of ours; refused, and rightly, while a container runs from it.
    if (older !== "") await removeUnnamed(older);
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

/** The id of an image, empty if there is no such image. */
const idOf = async (image: string) =>
  (await run("docker", ["image", "inspect", "--format", "{{.Id}}", image])).stdout.trim();

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
