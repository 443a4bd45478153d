import assert from "node:assert/strict";
import { pulledImages } from "../../components/names";
import { parseSettings } from "../../config";
import { context, kubectlJson, kubectl, startCluster } from "./minikube";

/** First of the suites that share a cluster: they find it made. */
describe("the cluster that the suites share", () => {
  it("starts, with the lab's images on its node", async function () {
    // From empty caches its programs and its node are built before; the whole run's limit is this one's.
    this.timeout(0);
    await startCluster();
    kubectl("wait", "--for=condition=Ready", `node/${context}`, "--timeout=60s");
    const { status } = kubectlJson<{ status: { images: { names: string[] }[] } }>("get", "node", context);
    const there = status.images.flatMap(({ names }) => names);
    for (const { image } of pulledImages(parseSettings({ labs: ["kubernetes"] }))) {
      assert.ok(
        there.some((name) => name.endsWith(`/${image}`)),
        `${image} is not among ${there.join(", ")}`,
      );
    }
  });
});
