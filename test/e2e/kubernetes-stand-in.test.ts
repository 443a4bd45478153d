import assert from "node:assert/strict";
import { kubectl } from "./minikube";
import {
  Changes,
  comparable,
  freshCluster,
  inNamespace,
  nameOf,
  namespaces,
  nodePort,
  normalised,
  passwords,
  pause,
  recorded,
  removeEverything,
} from "./recorded-kubernetes";
import { byUrn, Project, Recorded, recordedPreviews, recording, resourcesOf, Step, stepsInto } from "./recordings";

// Runs the recorded program again, with the stand-in plugin on PATH, a real engine and a real cluster, and holds what it
// did against what the original did (test/fixtures/recordings). Everything here is in namespaces called standin-….

describe("stand-in for the kubernetes plugin, the recorded program", function () {
  this.timeout(240_000);
  before(async function () {
    this.timeout(600_000);
    await freshCluster();
  });
  after(removeEverything);

  const project = new Project("protok8s", "k8s");
  let state: Recorded[];
  let printed = "";

  before(async () => {
    const stack = await project.stack(recorded());
    const up = await stack.up();
    printed += up.stdout + up.stderr;
    assert.equal(up.outputs.data?.secret, true);
    // Only a refresh notes the inputs of what is only read, such as the node.
    await stack.refresh();
    state = (await resourcesOf(stack)).filter(({ type }) => type.startsWith("kubernetes:"));
  });

  after(async () => {
    await (await project.stack(recorded())).destroy();
    project.remove();
  });

  for (const expected of JSON.parse(recording("kubernetes-state.json")) as Recorded[]) {
    it(`records ${nameOf(expected)} as the original does`, () => {
      const actual = state.find((resource) => nameOf(resource) === nameOf(expected));
      assert.ok(actual, `no ${nameOf(expected)} in the state`);
      assert.deepEqual(normalised(comparable(actual)), normalised(comparable(expected)));
    });
  }

  it("has nothing to do when nothing changed, with and without a refresh", async () => {
    const stack = await project.stack(recorded());
    const same = { read: 1, same: state.length + 1 };
    assert.deepEqual((await stack.preview()).changeSummary, same);
    assert.deepEqual((await stack.preview({ refresh: true })).changeSummary, same);
  });

  it("gives the passwords away nowhere", () => {
    const texts = Object.values(passwords).flatMap((text) => [text, Buffer.from(text).toString("base64")]);
    const files = project.stateFiles();
    assert.match(files, /mysql-data/);
    assert.match(printed, /mysql-data/);
    for (const text of texts) {
      assert.ok(!files.includes(text), "a state file has a password in plain text");
      assert.ok(!printed.includes(text), "an output has a password in plain text");
    }
    const data = kubectl(...inNamespace, "get", "secret", "mysql", "--output", "jsonpath={.data.password}");
    assert.equal(Buffer.from(data, "base64").toString(), passwords.password);
  });

  describe("while WordPress is not ready", () => {
    before(async () => {
      const file = "/var/www/html/wp-admin/install.php";
      kubectl(...inNamespace, "exec", "deployment/wordpress", "--", "mv", file, `${file}.away`);
      kubectl(...inNamespace, "wait", "--for=condition=Available=false", "deployment/wordpress");
      await (await project.stack(recorded())).refresh();
    });

    it("notes in the state what does not work", async () => {
      const unready = (await resourcesOf(await project.stack(recorded()))).filter(
        ({ initErrors }) => initErrors !== undefined && initErrors.length > 0,
      );
      assert.deepEqual(unready.map(nameOf).sort(), [
        "kubernetes:apps/v1:Deployment wordpress/wordpress",
        "kubernetes:core/v1:Service wordpress/wordpress",
      ]);
      const deployment = unready.find((resource) => nameOf(resource).includes("Deployment"));
      assert.match(deployment?.initErrors?.join("\n") ?? "", /\[MinimumReplicasUnavailable\] Deployment does not have/);
    });

    const cases: [string, Changes][] = [
      ["the MySQL image", { image: pause }],
      ["the size of the claims", { storage: "2Gi" }],
      ["the access mode of the claims", { accessMode: "ReadWriteMany" }],
      ["the node port", { nodePort: nodePort + 1 }],
      ["the type of the Service", { type: "LoadBalancer" }],
      ["the passwords", { password: "another" }],
      ["the name of the namespace", { namespace: namespaces.other }],
      ["the selector", { selector: "other" }],
      ["the number of replicas", { replicas: 2 }],
    ];
    const previews = recordedPreviews("kubernetes-previews.jsonl");

    it("has a change for every recorded preview", () => assert.equal(cases.length, previews.length));

    cases.forEach(([what, changes], i) => {
      it(`previews ${what} as the original does`, async () => {
        const steps: Step[] = [];
        const onEvent = stepsInto(steps, "read", "replace", "update");
        const preview = (await project.stack(recorded(changes))).preview({ onEvent });
        if (changes.selector) {
          // The API server refuses it, so that the steps after it are left out, in no certain order.
          await assert.rejects(preview, /`selector` does not match template `labels`/);
          const ofMysql = ({ urn }: Step) => urn === "kubernetes:apps/v1:Deployment::mysql";
          assert.deepEqual(steps.filter(ofMysql), previews[i]?.filter(ofMysql));
        } else {
          await preview;
          assert.deepEqual(steps.sort(byUrn), previews[i]?.sort(byUrn));
        }
      });
    });

    it("repairs it", async () => {
      const file = "/var/www/html/wp-admin/install.php";
      kubectl(...inNamespace, "exec", "deployment/wordpress", "--", "mv", `${file}.away`, file);
      const stack = await project.stack(recorded());
      assert.equal((await stack.up()).summary.resourceChanges?.update, 2);
      assert.equal((await stack.preview()).changeSummary.update, undefined);
    });
  });

  describe("once all is ready", () => {
    it("finds what was edited by hand, and puts it right", async () => {
      const get = (path: string) =>
        kubectl(...inNamespace, "get", "service", "wordpress", "--output", `jsonpath={${path}}`);
      const ports = JSON.stringify({ spec: { ports: [{ port: 80, nodePort: nodePort + 2 }] } });
      kubectl(...inNamespace, "patch", "service", "wordpress", "--patch", ports);
      kubectl(...inNamespace, "label", "service", "wordpress", "app=mine", "--overwrite");
      kubectl(...inNamespace, "annotate", "service", "wordpress", "mine=kept");
      const stack = await project.stack(recorded());
      assert.equal((await stack.up({ refresh: true })).summary.resourceChanges?.update, 1);
      assert.equal(get(".spec.ports[0].nodePort"), String(nodePort));
      assert.equal(get(".metadata.labels.app"), "wordpress");
      assert.equal((await stack.preview({ refresh: true })).changeSummary.update, undefined);
    });

    it("makes again what was deleted by hand", async () => {
      kubectl(...inNamespace, "delete", "service", "wordpress", "mysql");
      const stack = await project.stack(recorded());
      assert.equal((await stack.refresh()).summary.resourceChanges?.delete, 2);
      assert.equal((await stack.up()).summary.resourceChanges?.create, 2);
    });

    it("rolls out a new version, and does not touch the rest", async () => {
      const changes = { replicas: 2 };
      const stack = await project.stack(recorded(changes));
      const { resourceChanges } = (await stack.up()).summary;
      assert.deepEqual([resourceChanges?.update, resourceChanges?.same], [1, state.length]);
      const ready = ["get", "deployment", "wordpress", "--output", "jsonpath={.status.readyReplicas}"];
      assert.equal(kubectl(...inNamespace, ...ready), "2");
    });

    it("destroys everything, also what is gone already", async () => {
      kubectl(...inNamespace, "delete", "deployment", "wordpress");
      const destroyed = await (await project.stack(recorded())).destroy();
      assert.equal(destroyed.summary.result, "succeeded");
      const left = ["get", "namespace", namespaces.recorded, "--ignore-not-found", "--output", "name"];
      assert.equal(kubectl(...left), "");
    });
  });
});
