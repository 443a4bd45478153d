import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../../../text";
import { Recipe, Report, cacheKey, fill, filesOf, withLock } from "./cache";
import { privileged } from "./dockerd";
import { Tool, goTool, toolRecipe } from "./go";
import { coredns, etcd, kubernetes, minikubeImages, parts } from "./kubernetes";
import { lastLines, run, withProgress } from "./run";
import { TreePlan, docker, treeImage, treePlan } from "./trees";

const folder = path.join(__dirname, "node");
const tools: readonly Tool[] = [kubernetes, etcd, coredns];

const packages = [
  ...["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "procps", "kmod", "mount", "ca-certificates"],
  ...["containerd", "runc", "containernetworking-plugins", "catatonit"],
  ...["iptables", "ebtables", "conntrack", "ethtool", "iproute2", "socat"],
  // Used by minikube's commands.
  ...["curl", "lz4", "rsync", "usr-is-merged"],
];

interface Plan {
  /** Version of Kubernetes, such as "v1.36.4". */
  version: string;
  /** Name of the image, which includes a digest of its recipe. */
  image: string;
  tree: TreePlan;
  /** Recipe of the images of the control plane. */
  system: Recipe;
}

async function planNode(): Promise<Plan> {
  const tree = await treePlan({ name: "node", release: "bookworm", packages, scripts: {} });
  const made = await Promise.all(tools.map(toolRecipe));
  const keys = Object.fromEntries([tree.recipe, ...made].map((recipe) => [recipe.name, cacheKey(recipe)]));
  const version = made[0]?.version.split("-")[0] ?? "";
  const system = {
    name: "system-images",
    version,
    content: { ...keys, ...(await filesOf(path.join(folder, "system"))), images: minikubeImages.join(" ") },
  };
  const own = await filesOf(folder, (file) => !file.startsWith("system"));
  const whole = { name: "node", version, content: { ...own, ...keys, system: cacheKey(system) } };
  return { version, image: `course-labs/node:${cacheKey(whole)}`, tree, system };
}

/** The image of a minikube node. */
export interface Node {
  image: string;
  /** Version of Kubernetes in the image, such as "v1.36.4". */
  version: string;
}

const imageExists = async (image: string) => (await run("docker", ["image", "inspect", image])).code === 0;

/** The recipes of what a node's image is made of; none if it exists. */
export async function nodeRecipes(): Promise<Recipe[]> {
  const { image, tree } = await planNode();
  if (await imageExists(image)) return [];
  return [...(await Promise.all(tools.map(toolRecipe))), tree.recipe];
}

/** Builds the image of a minikube node if it is missing in Docker. */
export async function node(root: string, report: Report): Promise<Node> {
  const { version, image, tree, system } = await planNode();
  const exists = () => imageExists(image);
  if (await exists()) return { image, version };
  const bin: Record<string, string> = {};
  for (const tool of tools) bin[tool.name] = path.join(await goTool(root, tool, report), "bin");
  await fs.mkdir(path.join(root, "node"), { recursive: true });
  return await withLock(path.join(root, "node", ".lock"), "node", report, async () => {
    if (await exists()) return { image, version };
    // While we hold the lock, these folders can only be left by an interrupted build.
    for (const left of (await fs.readdir(path.join(root, "node"))).filter((name) => name.startsWith(".context-"))) {
      await fs.rm(path.join(root, "node", left), { recursive: true, force: true });
    }
    const base = (await treeImage(root, tree, report)).image;
    try {
      // systemImages runs containerd in a container that is as privileged as the node.
      await privileged(root, base, report);
      const images = await fill(root, system, (into) => systemImages(root, base, bin, into, report), report);
      const what = { en: "building the image of a Kubernetes node", ko: "쿠버네티스 노드 이미지 빌드" };
      await withProgress(what, report, async () => {
        await inContext(root, async (context) => {
          await fs.cp(folder, context, { recursive: true });
          const programs = path.join(context, "kubernetes", "bin");
          await link(programs, bin.kubernetes ?? "", [parts.program, ...parts.node, "kubectl", "crictl"]);
          await link(path.dirname(programs), images, ["containerd.tar"]);
          await docker(root, image, ["build", "--build-arg", `BASE=${base}`, "--tag", image, context]);
        });
      });
    } finally {
      // The name is needed only for builds; the built image keeps the layers.
      await run("docker", ["image", "rm", "--no-prune", base]);
    }
    return { image, version };
  });
}

/** Writes the images for kubeadm and minikube's addons to one file, `containerd.tar`. */
async function systemImages(
  root: string,
  base: string,
  bin: Readonly<Record<string, string>>,
  into: string,
  report: Report,
): Promise<void> {
  const what = { en: "building the images of Kubernetes itself", ko: "쿠버네티스 시스템 이미지 빌드" };
  await withProgress(what, report, async () => {
    const names = await wantedImages(path.join(bin.kubernetes ?? "", "kubeadm"));
    const all = "course-labs/kubernetes";
    const system = path.join(folder, "system");
    const inside = async (volume: string, script: string) => {
      const volumes = ["--volume", `${volume}:/work`, "--volume", `${system}:/system:ro`];
      await docker(root, all, ["run", "--rm", "--privileged", ...volumes, "--entrypoint", script, base, "/work"]);
    };
    await inContext(root, async (context) => {
      await inside(context, "/system/collect");
      const programs = path.join(context, "usr", "local", "bin");
      await link(programs, bin.kubernetes ?? "", [parts.program, ...parts.system, "storage-provisioner"]);
      for (const tool of [etcd, coredns]) await link(programs, bin[tool.name] ?? "", [tool.name]);
      await docker(root, all, ["build", "--file", path.join(system, "Dockerfile"), "--tag", all, context]);
    });
    try {
      for (const name of names) {
        await docker(root, name, ["build", "--tag", name, "-"], `FROM ${all}\n${entrypoint(name)}`);
      }
      await docker(root, all, ["save", "--output", path.join(into, "images.tar"), ...names]);
      await inside(into, "/system/unpack");
    } finally {
      await run("docker", ["image", "rm", all, ...names]);
    }
  });
}

/** The entrypoint of images that are started without a command. */
export function entrypoint(image: string): string {
  if (/\/pause:/.test(image)) return `ENTRYPOINT ["pause", "-P"]`;
  if (/\/coredns:/.test(image)) return `ENTRYPOINT ["coredns"]`;
  return "";
}

async function wantedImages(kubeadm: string): Promise<string[]> {
  const version = await run(kubeadm, ["version", "--output", "short"]);
  const list = await run(kubeadm, ["config", "images", "list", "--kubernetes-version", version.stdout.trim()]);
  const names = list.stdout.trim().split("\n");
  if (list.code !== 0 || names.length < 7) {
    throw new LabError({
      en: `kubeadm did not list the images it needs. Delete ${path.dirname(kubeadm)} and run the command again.\n${lastLines(list.tail)}`,
      ko: `kubeadm이 필요한 이미지 목록을 출력하지 않았습니다. 다음 폴더를 삭제한 뒤 명령을 다시 실행하세요: ${path.dirname(kubeadm)}\n${lastLines(list.tail)}`,
    });
  }
  return [...new Set([...names, ...minikubeImages])];
}

/** A build context on the file system of the cache, so that large files can be linked instead of copied. */
async function inContext(root: string, work: (context: string) => Promise<void>): Promise<void> {
  const context = await fs.mkdtemp(path.join(root, "node", ".context-"));
  try {
    await work(context);
  } finally {
    await fs.rm(context, { recursive: true, force: true });
  }
}

async function link(into: string, from: string, files: readonly string[]): Promise<void> {
  await fs.mkdir(into, { recursive: true });
  for (const file of files) await fs.link(path.join(from, file), path.join(into, file));
}
