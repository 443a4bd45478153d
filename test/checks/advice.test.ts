import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";

/**
 * Every cause that a check or doctor can give, by the file that gives it with a next step; and the wrong state that an
 * end-to-end test mends by nothing but that step, or why there is none.
 */
const advices: Record<string, string | { none: string }> = {
  "compose: no container": { none: "by hand alone: no docker compose where the tests run" },
  "compose: several containers": { none: "by hand alone: no docker compose where the tests run" },
  "compose: not one project": "WordPress of another stack",
  "compose: another network": "both up, on the default bridge and apart",
  "compose: name not resolved": "a second one answers to mysql",
  "compose: published too widely": "MySQL published, too",
  "compose: not on a volume": "MySQL's volume mounted one folder off",
  "compose: shared volume": { none: "the step is that of a volume that is not there" },
  "compose-drill: data lost": { none: "copies as for a volume that is not there; the drill alone takes half a minute" },
  "containers: no image": "tagged latest instead of v1.0",
  "containers: no container": "a container ck-redis-x",
  "containers: another image": "up, and Redis, but not from this image",
  "containers: crash loop": "ends, and is started again, and ends",
  "containers: stopped": "stopped",
  "containers: ended": { none: "the step is that of one that was stopped" },
  "containers: killed": "killed: exit code 137",
  "containers: cannot start": "a command that its image does not have",
  "containers: out of memory": { none: "the memory of this machine would have to be full" },
  "containers: published too widely": "WordPress on 0.0.0.0",
  "containers: not published": "EXPOSE taken for --publish",
  "redis: image differs from Dockerfile": "its base under the image's name",
  "redis: another base image": "built from nothing",
  "redis: image cannot be built": "of a Dockerfile with a slip of the pen",
  "redis: access refused": "a password nobody was told",
  "redis: no answer": "listening on another port inside",
  "redis: another server": "redis-cli says PONG, of another Redis",
  "redis: another network": "on two networks",
  "registry: another image": "another system under its name",
  "registry: nothing committed": "committed before anything was written",
  "registry: another base image": "committed from another base",
  "registry: not committed": "built from a Dockerfile",
  "registry: not removed": "a container of it, and another tag",
  "registry: removed too much": "an image of another lab removed, too",
  "wordpress-database: broken wp-config.php": "a slip of the pen in wp-config.php",
  "wordpress-database: another database": "another MySQL, same password: the page works",
  "wordpress-database: no answer": "a MySQL that listens to itself alone",
  "wordpress-database: wrong password": "another password than the volume's",
  "wordpress-database: wrong database name": "a database that the user may not use",
  "wordpress-database: database error": { none: "the step is that of a MySQL that does not answer" },
  "wordpress: no answer": "a container that runs, and no server in it",
  "wordpress: stale address": "the address of another port in the database",
  "wordpress: no wp-config.php": "wp-config.php lost",
  "wordpress: error page": "a plugin that fails",
  "wordpress: not WordPress": "a page that says WordPress, and is none",
  "docker: image cannot be pulled": "no image, no container, and no registry",
  "docker: port taken": "another container got its port while it was stopped",
  "docker: unhealthy": { none: "the step is that of a crash loop" },
  "machine: disk full": { none: "the disk of this machine would have to be full" },
  "machine: too little memory": { none: "this machine would have to be smaller" },
  "inside-minikube: docker of minikube": { none: "nodes run containerd, whose docker-env needs a program of its own" },

  "kubernetes: access refused": { none: "rights are given by whoever runs the cluster" },
  "kubernetes: cluster unreachable": { none: "kubernetes-failures.test.ts stops the cluster, and goes on by `up`" },
  "kubernetes: no namespace": {
    none: "kubernetes-by-hand.test.ts begins with it, and types the commands that it names",
  },
  "kubernetes: no node": "a node of another name",
  "kubernetes: node not ready": { none: "the suites beside need the one node" },
  "kubernetes: not ready": "runs, but is never ready: no endpoint",
  "kubernetes: policy too strict": "a policy that lets in another pod than WordPress",
  "kubernetes: node port taken": { none: "another setting is a person's choice; the cluster gives no port twice" },
  "kubernetes-drill: pod not replaced": "a quota of no pods",
  "kubernetes-drill: data lost": "MySQL stores beside its claim",
  "kubernetes-isolation: policy too wide": "a second policy that lets the whole namespace in",
  "kubernetes-objects: no claim": "a claim mysql-dat",
  "kubernetes-objects: claim being deleted": "deleted while its pod runs",
  "kubernetes-objects: no volume": "pending: no class, and no volume that fits",
  "kubernetes-objects: no Deployment": "a ReplicaSet without its Deployment: the page works",
  "kubernetes-objects: wrong number of pods": "scaled to nothing",
  "kubernetes-objects: several databases": "two MySQL replicas",
  "kubernetes-objects: rolling update": "rolling update on a disk for one",
  "kubernetes-objects: shared volume": "a second Deployment on MySQL's claim",
  "kubernetes-objects: not on a volume": "emptyDir instead of the claim",
  "kubernetes-services: published too widely": "the database on a node port",
  "kubernetes-services: not published": "another node port",
  "kubernetes-services: no Service": "no Service for the database",
  "kubernetes-services: no endpoints": "a label too many in the selector",
  "kubernetes-services: too many endpoints": "a selector that fits both",
  "kubernetes-services: wrong target port": "a port that nobody listens on",
  "ends: out of memory": "killed for memory: exit code 137",
  "ends: killed": { none: "Kubernetes mends it by itself" },
  "ends: crash loop": "a command that ends at once",
  "logs: volume full": { none: "kubernetes-failures.test.ts mounts a small disk; room is made on this machine's" },
  "logs: another processor": { none: "there is no image for another processor where the tests run" },
  "logs: half-made database": { none: "the step is that of a password that nobody knows" },
  "logs: older database": { none: "there is one version of MySQL where the tests run" },
  "logs: too old a database": { none: "there is one version of MySQL where the tests run" },
  "logs: shared volume": { none: "which of two servers is to stop is a person's choice" },
  "logs: wrong password": { none: "kubernetes-failures.test.ts starts over with new volumes" },
  "parts: cluster part": { none: "the suites beside need the cluster whole" },
  "pods: image cannot be pulled": "an image that does not exist",
  "pods: evicted": { none: "the node's disk or memory would have to be full" },
  "pods: too little memory": { none: "the suites beside need the node's memory" },
  "pods: unschedulable": "a node that is not there",
  "pods: cannot start": "no Secret with its password",
  "pods: volume cannot be mounted": { none: "the node makes the folder of a volume that is not there" },
  "pods: image still being pulled": { none: "no registry can be reached where the tests run" },
  "pods: not ready": "runs, but is asked as another user",
  "refusals: pod refused": "a quota of no pods",
  "storage: no volume": "pending: no class, and no volume that fits",
  "storage: no storage class": "pending: a class that does not exist",
  "check: cannot be checked": { none: "leads to doctor, which knows more" },
};

const filesOf = (...folders: string[]) =>
  folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );

/** Visits all of a file. */
function visit(file: string, each: (node: ts.Node) => void): void {
  const walk = (node: ts.Node) => {
    each(node);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
}

/** The texts that an expression can come to. */
function textsIn(node: ts.Node): string[] {
  if (ts.isStringLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(textsIn);
  if (ts.isBinaryExpression(node)) return [node.left, node.right].flatMap(textsIn);
  return ts.isAsExpression(node) ? textsIn(node.expression) : [];
}

const propertyOf = (node: ts.ObjectLiteralExpression, name: string) =>
  node.properties.filter(ts.isPropertyAssignment).find((one) => one.name.getText() === name)?.initializer;

/** The wrong states of the end-to-end tests that are mended by what is said of them. */
function mended(): string[] {
  const [found, shared] = [[] as string[], new Map<string, string>()];
  const files = filesOf("test/e2e/checks");
  for (const file of files) {
    visit(file, (node) => {
      if (!ts.isVariableDeclaration(node) || !node.initializer || !ts.isArrowFunction(node.initializer)) return;
      const { body } = node.initializer;
      const made = ts.isParenthesizedExpression(body) ? body.expression : body;
      const wrong = ts.isObjectLiteralExpression(made) ? propertyOf(made, "wrong") : undefined;
      if (wrong) shared.set(node.name.getText(), textsIn(wrong).join());
    });
  }
  for (const file of files) {
    visit(file, (node) => {
      if (!ts.isObjectLiteralExpression(node)) return;
      const calls = node.properties
        .filter(ts.isSpreadAssignment)
        .flatMap(({ expression }) => (ts.isCallExpression(expression) ? [expression.expression.getText()] : []));
      const wrong = propertyOf(node, "wrong");
      const names = [...(wrong ? textsIn(wrong) : []), ...calls.flatMap((name) => shared.get(name) ?? [])];
      // A plugin's are in what makes it.
      if (propertyOf(node, "mends") || calls.includes("plugin")) found.push(...names);
    });
  }
  return found;
}

describe("what checks and doctor advise", () => {
  it("is carried out on the wrong state it belongs to, or has a reason why not", () => {
    const keys = new Set<string>();
    for (const file of [
      ...filesOf("tools/checks/labs", "tools/checks/doctor", "tools/causes"),
      "tools/checks/check.ts",
    ]) {
      const add = (node: ts.Node | undefined) => {
        for (const text of node ? textsIn(node) : []) keys.add(`${basename(file, ".ts")}: ${text}`);
      };
      visit(file, (node) => {
        const gives = ["failed", "problem", "said"];
        if (ts.isCallExpression(node) && gives.includes(node.expression.getText())) add(node.arguments[0]);
        if (ts.isCallExpression(node) && node.expression.getText() === "explained") add(node.arguments[1]);
        if (ts.isPropertyAssignment(node) && node.name.getText() === "cause") add(node.initializer);
      });
    }
    assert.deepEqual([...keys].sort(), Object.keys(advices).sort());
  });

  it("is carried out by existing tests", () => {
    const there = mended();
    const rows = Object.values(advices).filter((advice) => typeof advice === "string");
    assert.deepEqual(
      rows.filter((wrong) => !there.includes(wrong)),
      [],
    );
    console.log(`      ${new Set(there).size} wrong states are mended by what is said of them`);
  });
});
