import { pulledImages } from "../../components/names";
import { parseSettings } from "../../config";
import { context, kubectlJson, kubectl, startCluster, until } from "./minikube";

/** First of the suites that share a cluster: they find it made. */
describe("the cluster that the suites share", () => {
  it("starts, with the lab's images on its node", async function () {
    // From empty caches its programs and its node are built before; the whole run's limit is this one's.
    this.timeout(0);
    await startCluster();
    kubectl("wait", "--for=condition=Ready", `node/${context}`, "--timeout=60s");
    const images = pulledImages(parseSettings({ labs: ["kubernetes"] })).map(({ image }) => image);
    const onNode = () => {
      const { status } = kubectlJson<{ status: { images: { names: string[] }[] } }>("get", "node", context);
      const there = status.images.flatMap(({ names }) => names);
      return images.every((image) => there.some((name) => name === image || name.endsWith(`/${image}`)));
    };
    // The node tells of what was loaded into it some seconds later.
    await until(onNode, `the node has ${images.join(" and ")}`, 90);
  });
});
