import assert from "node:assert/strict";
import { hidesNodes, hostAndPort, localHost, nodeHost } from "../../components/addresses";

describe("localHost", () => {
  it("is localhost for this machine", () => assert.equal(localHost("127.0.0.1"), "localhost"));
  it("is localhost for every address", () => assert.equal(localHost("0.0.0.0"), "localhost"));
  it("is any other address unchanged", () => assert.equal(localHost("10.1.2.3"), "10.1.2.3"));
});

describe("hostAndPort", () => {
  it("contains the port", () => assert.equal(hostAndPort("localhost", 8080), "localhost:8080"));
  it("omits port 80", () => assert.equal(hostAndPort("localhost", 80), "localhost"));
});

describe("hidesNodes", () => {
  it("is true on macOS and Windows, where Docker runs in a virtual machine", () =>
    assert.ok(hidesNodes("darwin", {}) && hidesNodes("win32", {})));
  it("is true in WSL, because the browser runs on Windows", () =>
    assert.ok(hidesNodes("linux", { WSL_DISTRO_NAME: "Ubuntu" })));
  it("is true in WSL with sudo, in a service or over SSH, by the name of the kernel", () =>
    assert.ok(hidesNodes("linux", {}, { kernel: "5.15.153.1-microsoft-standard-WSL2", container: false })));
  it("is false in a container with the kernel of Docker Desktop", () =>
    assert.ok(!hidesNodes("linux", {}, { kernel: "5.15.153.1-microsoft-standard-WSL2", container: true })));
  it("is false on other systems, whatever their kernel is called", () =>
    assert.ok(!hidesNodes("freebsd", {}, { kernel: "microsoft", container: false })));
  it("is false on Linux", () => assert.ok(!hidesNodes("linux", {}, { kernel: "6.8.0-51-generic", container: false })));
});

describe("nodeHost", () => {
  const own = { kubeContext: "course-labs", kubernetesHost: undefined };
  it("is the node's own address if it can be reached", () => assert.equal(nodeHost(own, false), undefined));
  it("is localhost if the node is hidden", () => assert.equal(nodeHost(own, true), "localhost"));
  it("is the node's own address for a cluster that the commands did not create", () =>
    assert.equal(nodeHost({ ...own, kubeContext: "class" }, true), undefined));
  it("is the setting, if there is one", () =>
    assert.equal(nodeHost({ ...own, kubernetesHost: "labs.example.org" }, true), "labs.example.org"));
});
