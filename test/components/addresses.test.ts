import assert from "node:assert/strict";
import { hostAndPort, localHost, nodeHost } from "../../components/addresses";

describe("localHost", () => {
  it("is localhost for this machine", () => assert.equal(localHost("127.0.0.1"), "localhost"));
  it("is localhost for every address", () => assert.equal(localHost("0.0.0.0"), "localhost"));
  it("is any other address itself", () => assert.equal(localHost("10.1.2.3"), "10.1.2.3"));
});

describe("hostAndPort", () => {
  it("has the port", () => assert.equal(hostAndPort("localhost", 8080), "localhost:8080"));
  it("leaves out the 80 of plain HTTP", () => assert.equal(hostAndPort("localhost", 80), "localhost"));
});

describe("nodeHost", () => {
  const own = { kubeContext: "course-labs", kubernetesHost: undefined };
  it("is the node's own address on Linux", () => assert.equal(nodeHost(own, "linux"), undefined));
  for (const platform of ["darwin", "win32"] as const) {
    it(`is localhost on ${platform}, where the node is inside Docker Desktop`, () =>
      assert.equal(nodeHost(own, platform), "localhost"));
    it(`is the node's own address on ${platform} for a cluster that the commands did not make`, () =>
      assert.equal(nodeHost({ ...own, kubeContext: "class" }, platform), undefined));
  }
  it("is what was chosen, wherever that is", () =>
    assert.equal(nodeHost({ ...own, kubernetesHost: "labs.example.org" }, "darwin"), "labs.example.org"));
});
