import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { running, stateOfLabs } from "../../tools/review/state";
import { baseTree, changedFiles, formerNames, headTree, Tree } from "../../tools/review/tree";
import { LabError } from "../../text";

describe("the files of the two revisions that are compared", () => {
  let root: string;
  const trees: Tree[] = [];
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      encoding: "utf8",
    }).trim();
  const write = (file: string, text: string) => writeFileSync(join(root, file), text);
  const commit = (message: string) => (
    git("add", "--all"),
    git("commit", "--quiet", "--message", message),
    git("rev-parse", "HEAD")
  );
  const kept = <T extends Tree>(tree: T) => (trees.push(tree), tree);
  const read = ({ folder }: Tree, file: string) => readFileSync(join(folder, file), "utf8");
  let first: string;

  before(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "review-test-")));
    git("init", "--quiet", "--initial-branch", "main");
    mkdirSync(join(root, "docker"));
    mkdirSync(join(root, "node_modules"));
    write(".gitignore", "node_modules\nhidden\n");
    write("docker/file", "one\n");
    write("Pulumi.dev.yaml", "config:\n  a: 1\n");
    write("package-lock.json", "{}\n");
    first = commit("first");
    git("checkout", "--quiet", "-b", "change");
    write("docker/file", "two\n");
    commit("second");
    git("checkout", "--quiet", "main");
    write("docker/later", "on main meanwhile\n");
    commit("third");
    git("checkout", "--quiet", "change");
    write("docker/added", "not committed\n");
    write("hidden", "not for anybody\n");
    write("Pulumi.dev.yaml", "config:\n  a: 1\nencryptionsalt: v1:abc\n");
  });
  after(() => {
    for (const tree of trees) tree.remove();
    rmSync(root, { recursive: true });
  });

  it("takes the base from the commit where the change began, not from what was added there since", () => {
    const base = kept(baseTree(root, "main", "dev"));
    assert.equal(base.commit, first);
    assert.equal(read(base, "docker/file"), "one\n");
    assert.ok(!existsSync(join(base.folder, "docker/later")));
    assert.equal(git("worktree", "list").split("\n").length, 1);
  });

  it("takes the head as it is now, without this machine's salt and what git ignores", () => {
    const head = kept(headTree(root, "dev"));
    assert.equal(read(head, "docker/file"), "two\n");
    assert.equal(read(head, "docker/added"), "not committed\n");
    assert.equal(read(head, "Pulumi.dev.yaml"), "config:\n  a: 1\n");
    assert.ok(!existsSync(join(head.folder, "hidden")));
    assert.match(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8"), /salt/, "the folder itself is left alone");
    assert.equal(realpathSync(join(head.folder, "node_modules")), join(root, "node_modules"));
  });

  // Windows makes links only for those who may.
  if (process.platform !== "win32") {
    it("keeps a link of the head a link, even if it leads nowhere", () => {
      symlinkSync("docker", join(root, "link"));
      symlinkSync("nowhere", join(root, "broken"));
      const head = kept(headTree(root, "dev"));
      assert.equal(readlinkSync(join(head.folder, "link")), "docker");
      assert.equal(read(head, "link/file"), "two\n");
      assert.equal(readlinkSync(join(head.folder, "broken")), "nowhere");
    });
  }

  it("lists the files that differ, committed or not", () => {
    const below = changedFiles(root, first).filter((file) => file.startsWith("docker/"));
    assert.deepEqual(below, ["docker/added", "docker/file"]);
  });

  it("tells the former name of a file that was moved", () => {
    const moves = [
      ["docker/file", "docker/moved"],
      ["package-lock.json", "docker/other"],
    ] as const;
    for (const move of moves) git("mv", ...move);
    assert.deepEqual(
      [...formerNames(root, "HEAD")].sort(),
      moves.map(([from, to]) => [to, from]),
    );
    for (const [from, to] of moves) git("mv", to, from);
  });

  it("lists the files of stacks only if git knows them", () => {
    write("Pulumi.mine.yaml", "config:\n  a: 1\n");
    write("Pulumi.kim.yaml", "config:\n  a: 1\n");
    git("add", "Pulumi.kim.yaml");
    assert.deepEqual(
      changedFiles(root, first).filter((file) => file.startsWith("Pulumi")),
      ["Pulumi.dev.yaml", "Pulumi.kim.yaml"],
    );
  });

  it("refuses an unknown revision with the command that fetches it", () => {
    assert.throws(
      () => baseTree(root, "origin/nowhere", "dev"),
      (error: LabError) =>
        /--base is "origin\/nowhere".*git fetch origin nowhere/.test(error.text.en) && /git fetch/.test(error.text.ko),
    );
  });
});

describe("a folder that is no repository, or a part of one", () => {
  let top: string;
  const trees: Tree[] = [];
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", top, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      encoding: "utf8",
    }).trim();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(top, file)), { recursive: true });
    writeFileSync(join(top, file), text);
  };
  const refused = (folder: string, base: string, says: RegExp) =>
    assert.throws(
      () => baseTree(folder, base, "dev"),
      (error: LabError) => says.test(error.text.en) && !error.text.en.includes("\n") && /[가-힣]/.test(error.text.ko),
    );

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), "review-test-")));
  });
  afterEach(() => {
    for (const tree of trees.splice(0)) tree.remove();
    rmSync(top, { recursive: true });
  });

  it("refuses a ZIP without history in one line", () => {
    write("labs/Pulumi.yaml", "name: course-labs\n");
    refused(
      join(top, "labs"),
      "origin/main",
      /git finds no earlier revision to compare with in .*labs: fatal: .*downloaded ZIP.*git clone/,
    );
  });

  it("passes on what git says about a repository that it cannot read", () => {
    write(".git", "gitdir: /nowhere\n");
    refused(top, "main", /^git finds no earlier revision to compare with in .*: fatal: /);
  });

  it("compares a subfolder with the same folder of the base", () => {
    git("init", "--quiet", "--initial-branch", "main");
    write(".gitignore", "node_modules\n");
    write("readme", "of all courses\n");
    write("course/labs/index.ts", "one\n");
    write("course/labs/docker/file", "one\n");
    write("course/labs/package-lock.json", "{}\n");
    git("add", "--all");
    git("commit", "--quiet", "--message", "first");
    write("readme", "changed\n");
    write("course/labs/index.ts", "two\n");
    write("course/labs/added", "not committed\n");
    const labs = join(top, "course/labs");
    mkdirSync(join(labs, "node_modules"));
    const [base, head] = [baseTree(labs, "main", "dev"), headTree(labs, "dev")];
    trees.push(base, head);
    const read = ({ folder }: Tree, file: string) => readFileSync(join(folder, file), "utf8");
    assert.deepEqual([read(base, "index.ts"), read(head, "index.ts")], ["one\n", "two\n"]);
    assert.equal(read(base, "docker/file"), "one\n");
    assert.ok(!existsSync(join(base.folder, "readme")) && !existsSync(join(base.folder, "course")));
    // Both ask for the same packages: nothing is installed.
    for (const tree of trees) assert.equal(realpathSync(join(tree.folder, "node_modules")), join(labs, "node_modules"));
    assert.deepEqual(changedFiles(labs, base.commit), ["added", "index.ts"]);
  });

  it("refuses a subfolder that the base does not have", () => {
    git("init", "--quiet", "--initial-branch", "main");
    git("commit", "--quiet", "--allow-empty", "--message", "first");
    write("labs/index.ts", "one\n");
    refused(join(top, "labs"), "main", /--base is "main": git knows no such revision of .*labs/);
  });
});

describe("the state of what is running", () => {
  const urn = (types: string, name: string) => `urn:pulumi:dev::course-labs::${types}::${name}`;
  const top = urn("pulumi:pulumi:Stack", "course-labs-dev");
  const [redis, kubernetes, owner] = [
    urn("course:labs:RedisLab", "redis"),
    urn("course:labs:KubernetesWordPress", "kubernetes"),
    urn("course:labs:LabOwner", "owner"),
  ];
  const providers = ["docker", "kubernetes"].map((name) => ({
    urn: urn(`pulumi:providers:${name}`, name),
    type: `pulumi:providers:${name}`,
    id: name,
    parent: top,
  }));
  const on = (name: string) => `${urn(`pulumi:providers:${name}`, name)}::${name}`;
  const resources = [
    { urn: top, type: "pulumi:pulumi:Stack" },
    ...providers,
    { urn: owner, type: "course:labs:LabOwner", parent: top },
    { urn: redis, type: "course:labs:RedisLab", parent: top },
    {
      urn: urn("course:labs:RedisLab$docker:index/container:Container", "c"),
      type: "docker:index/container:Container",
      parent: redis,
      provider: on("docker"),
    },
    { urn: kubernetes, type: "course:labs:KubernetesWordPress", parent: top },
    {
      urn: urn("course:labs:KubernetesWordPress$kubernetes:core/v1:Service", "s"),
      type: "kubernetes:core/v1:Service",
      parent: kubernetes,
      provider: on("kubernetes"),
    },
  ];
  const state = running({ version: 3, deployment: { resources, pending_operations: [{}], manifest: 1 } });

  it("finds the labs by their types, whatever their names and parents", () => {
    const [course, cache] = [urn("acme:labs:Course", "course"), urn("acme:labs:Course$course:labs:RedisLab", "cache")];
    const part = { urn: `${cache}-part`, type: "docker:index/container:Container", parent: cache, custom: true };
    const alone = { urn: urn("docker:index/volume:Volume", "mine"), type: "docker:index/volume:Volume", custom: true };
    const other = running({
      version: 3,
      deployment: {
        resources: [
          { urn: top, type: "pulumi:pulumi:Stack" },
          { urn: course, type: "acme:labs:Course", parent: top },
          { urn: cache, type: "course:labs:RedisLab", parent: course },
          part,
          { ...alone, parent: top },
        ],
      },
    });
    assert.deepEqual(other.labs, ["course", "redis", "mine"]);
    assert.deepEqual(other.outside, ["mine"]);
  });

  it("names the labs", () => assert.deepEqual(state.labs, ["redis", "kubernetes"]));

  it("keeps for some labs what all labs share, but no provider of the others", () => {
    const { deployment } = stateOfLabs(state, ["redis"]) as {
      deployment: { resources: { urn: string }[]; pending_operations: unknown[]; manifest: number };
    };
    assert.deepEqual(
      deployment.resources.map((resource) => resource.urn.split("::").pop()),
      ["course-labs-dev", "docker", "owner", "redis", "c"],
    );
    assert.deepEqual(deployment.pending_operations, []);
    assert.equal(deployment.manifest, 1);
  });
});
