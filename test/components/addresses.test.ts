import assert from "node:assert/strict";
import { hidesNodes, hostAndPort, localHost, nodeHost } from "../../components/addresses";

describe("localHost", () => {
  it("is localhost for this machine", () => assert.equal(localHost("127.0.0.1"), "localhost"));
  it("is localhost for every address", () => assert.equal(localHost("0.0.0.0"), "localhost"));
  it("is any other address itself", () => assert.equal(localHost("10.1.2.3"), "10.1.2.3"));
});

describe("hostAndPort", () => {
  it("has the port", () => assert.equal(hostAndPort("localhost", 8080), "localhost:8080"));
  it("leaves out the 80 of plain HTTP", () => assert.equal(hostAndPort("localhost", 80), "localhost"));
});

describe("hidesNodes", () => {
  it("is so on macOS and Windows, where Docker is in a virtual machine", () =>
    assert.ok(hidesNodes("darwin", {}) && hidesNodes("win32", {})));
  it("is so in WSL, whose browser is on Windows", () => assert.ok(hidesNodes("linux", { WSL_DISTRO_NAME: "Ubuntu" })));
  it("is so in WSL under sudo, in a service or over ssh, which only the kernel's name tells", () =>
    assert.ok(hidesNodes("linux", {}, { kernel: "5.15.153.1-microsoft-standard-WSL2", container: false })));
  it("is not so in a container, which has the kernel of Docker Desktop", () =>
    assert.ok(!hidesNodes("linux", {}, { kernel: "5.15.153.1-microsoft-standard-WSL2", container: true })));
  it("is not so on Linux itself", () =>
    assert.ok(!hidesNodes("linux", {}, { kernel: "6.8.0-51-generic", container: false })));
});

describe("nodeHost", () => {
  const own = { kubeContext: "course-labs", kubernetesHost: undefined };
  it("is the node's own address where it can be reached", () => assert.equal(nodeHost(own, false), undefined));
  it("is localhost where the node is hidden", () => assert.equal(nodeHost(own, true), "localhost"));
  it("is the node's own address for a cluster that the commands did not make", () =>
    assert.equal(nodeHost({ ...own, kubeContext: "class" }, true), undefined));
  it("is what was chosen, wherever that is", () =>
    assert.equal(nodeHost({ ...own, kubernetesHost: "labs.example.org" }, true), "labs.example.org"));
});
