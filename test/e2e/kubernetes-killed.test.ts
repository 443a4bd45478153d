import assert from "node:assert/strict";
import { everything } from "./everything";
import { clone, killedThenRun, npmRun, tearDown } from "./harness";
import { kubectl, startCluster } from "./minikube";

const lab = ["--labs", "kubernetes"];

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
    up: ["with MySQL ready and WordPress starting", /\+ Deployment kubernetes-mysql/],
    destroy: ["with the Secret gone", /- Secret/],
  },
];

describe("kill -9 in the middle of the Kubernetes lab, then the plain command again", () => {
  let folder: string;

  before(async () => {
    await startCluster();
    folder = clone();
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
    });

    it(`destroy killed ${destroy[0]} converges`, async () => {
      await killedThenRun(folder, "destroy", [], destroy[1]);
      assert.equal(kubectl("get", "namespace", "wordpress", "--ignore-not-found", "--output", "name"), "");
    });
  }
});
