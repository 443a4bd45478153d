import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { State } from "../../tools/stack/stack";
import { edit, setting } from "./edits";
import { everything } from "./everything";
import { clone, killedOneThenRun, killedThenRun, npmRun, tearDown } from "./harness";
import { kubectl, startCluster } from "./minikube";

const namespace = "killed";
const lab = ["--labs", "kubernetes"];
/** The original provider: Pulumi's release, or what its Go module is built to. */
const originalProvider = /resource-kubernetes-v4|pulumi-resource-kubernetes\/v4\.0\.0-\d{14}-[0-9a-f]{12}/;

interface Moments {
  up: [string, RegExp];
  destroy: [string, RegExp];
  /** Whether these are tried in every run. @default false */
  always?: boolean;
}

/** Moments of each command, by what it has printed by then. */
const moments: Moments[] = [
  {
    up: ["before anything is made", /Deploying/],
    destroy: ["when it tells what goes", /Removing PersistentVolumeClaim/],
  },
  { up: ["after the namespace", /\+ Namespace/], destroy: ["after the first Deployment", /- Deployment/] },
  {
    always: true,
    up: ["while the Deployments start", /\+ PersistentVolumeClaim/],
    destroy: ["after the first claim", /- PersistentVolumeClaim/],
  },
  {
    always: true,
    up: ["with MySQL ready and WordPress starting", /\+ Deployment mysql/],
    destroy: ["with the Secret gone", /- Secret/],
  },
];

describe("kill -9 in the middle of the Kubernetes lab, then the plain command again", () => {
  let folder: string;

  before(async () => {
    await startCluster();
    folder = clone();
    edit(folder, [setting("kubernetesNamespace", namespace), setting("nodePort", 30182)]);
  });
  after(async () => {
    await tearDown(folder);
  });

  for (const { up, destroy } of moments.filter(({ always }) => everything || always)) {
    it(`up killed ${up[0]} converges`, async () => {
      await killedThenRun(folder, "up", lab, up[1]);
      const { wordpressUrl } = JSON.parse((await npmRun(folder, "outputs", ["--json"])).stdout) as {
        wordpressUrl: string;
      };
      assert.equal((await fetch(`${wordpressUrl}/wp-login.php`, { redirect: "manual" })).status, 302);
      assert.match((await npmRun(folder, "up", lab)).said, /No changes/);
      const json = <T>(file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
      const { checkpoint } = json<{ checkpoint: { latest: State } }>(".pulumi/stacks/course-labs/dev.json");
      const provider = checkpoint.latest.resources.find(({ type }) => type === "pulumi:providers:kubernetes");
      const { dependencies } = json<{ dependencies: Record<string, string> }>("package.json");
      assert.equal(
        provider?.inputs?.version,
        dependencies["@pulumi/kubernetes"],
        "the provider that made it is recorded",
      );
    });

    it(`destroy killed ${destroy[0]} converges`, async () => {
      await killedThenRun(folder, "destroy", [], destroy[1]);
      assert.equal(kubectl("get", "namespace", namespace, "--ignore-not-found", "--output", "name"), "");
    });
  }

  /** One of the processes of `up`, by its command line. @param always whether it is killed in every run */
  const processes: [what: string, which: RegExp, always: boolean][] = [
    ["the engine", /(^|\/)pulumi up /, true],
    ["the provider plugin", /pulumi-resource-kubernetes/, true],
    ["the language host", /pulumi-language-nodejs|language-host/, false],
    ["the program", /@pulumi\/pulumi\/cmd\/run/, false],
  ];
  for (const [what, which] of processes.filter(([, , always]) => everything || always)) {
    it(`up converges where only ${what} was killed`, async () => {
      const when = /\+ PersistentVolumeClaim/;
      const killed = await killedOneThenRun(folder, ["up", ...lab], when, which);
      if (what === "the provider plugin") assert.match(killed, originalProvider);
      assert.match((await npmRun(folder, "up", lab)).said, /No changes/);
      const { code, said } = await npmRun(folder, "destroy");
      assert.equal(code, 0, said);
    });
  }
});
