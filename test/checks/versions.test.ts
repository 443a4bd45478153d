import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { minikubeVersion } from "../../tools/install/official";
import { requiredVersion } from "../../tools/install/closed-network/go";
import { parseSettings } from "../../config";
import { ended, endedFacts, newestNode, nodeFact, versions } from "../../tools/checks/doctor/versions";

const root = join(__dirname, "..", "..");
const read = (...names: string[]) => readFileSync(join(root, ...names), "utf8");
const listed = (what: string) => versions.find((version) => version.what === what)?.version;

describe("the versions that people get", () => {
  it("are supported for another 30 days: move what is not, and its date in tools/checks/doctor/versions.ts", () => {
    const month = new Date(Date.now() + 30 * 24 * 3600_000);
    assert.deepEqual(ended(month), []);
    const node = nodeFact(`${newestNode}.0.0`, month).value;
    assert.equal(node.en, `${newestNode}.0.0`);
  });

  it("are the listed ones", () => {
    const { mysqlImage, wordpressImage, redisBaseImage, registryImage } = parseSettings({});
    assert.equal(`mysql:${listed("mysql")}`, mysqlImage);
    assert.equal(`wordpress:${listed("wordpress")}-php${listed("PHP of wordpress")}-apache`, wordpressImage);
    assert.equal(`ubuntu:${listed("ubuntu")}`, redisBaseImage);
    assert.equal(`debian:${listed("debian")}`, registryImage);
    assert.equal(listed("minikube"), minikubeVersion);
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    assert.equal(listed("Pulumi"), dependencies["@pulumi/pulumi"]);
    const closed = requiredVersion(
      read("tools", "install", "closed-network", "tools", "kubernetes", "go.mod"),
      "k8s.io/kubernetes",
    );
    assert.ok(closed.startsWith(`v${listed("Kubernetes in a closed network")}.`), closed);
    const minikube = requiredVersion(
      read("tools", "install", "closed-network", "tools", "minikube", "go.mod"),
      "k8s.io/minikube",
    );
    assert.equal(minikube, `v${minikubeVersion}`);
  });

  it("are each reported by doctor from the day after their last one", () => {
    const [kubernetes] = versions;
    assert.ok(kubernetes?.until);
    assert.deepEqual(endedFacts(new Date(kubernetes.until)), []);
    const [fact] = endedFacts(new Date(Date.parse(kubernetes.until) + 24 * 3600_000));
    for (const text of [fact?.value.en, fact?.value.ko]) assert.ok(text?.includes(kubernetes.version), text);
  });

  it("of Node.js are reported when they no longer get fixes", () => {
    const now = new Date("2026-11-29");
    assert.match(nodeFact("20.20.2", now).value.en, /^20\.20\.2, without security fixes since 2026-04-30\. Get 24/);
    assert.match(nodeFact("20.20.2", now).value.ko, /2026-04-30 이후/);
    assert.equal(nodeFact("22.12.0", now).value.en, "22.12.0");
    assert.equal(nodeFact("26.1.0", now).value.en, "26.1.0", "one that is newer than this list");
  });
});
