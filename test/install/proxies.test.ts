import assert from "node:assert/strict";
import { createServer, globalAgent } from "node:http";
import { AddressInfo } from "node:net";
import { mock } from "node:test";
import { statusOf } from "../../tools/install/http";
import { goesDirect, keepDirect } from "../../tools/install/proxies";

const proxy = "http://proxy.school.example:3128";
const ours = "localhost,127.0.0.1,::1,192.168.49.0/24,192.168.49.1-192.168.49.254";

describe("connections to this machine and to the node", () => {
  const cases: [what: string, env: NodeJS.ProcessEnv, exceptions: string][] = [
    ["in lower case", { https_proxy: proxy }, ours],
    ["in upper case", { HTTPS_PROXY: proxy }, ours],
    ["of plain HTTP alone", { http_proxy: proxy }, ours],
    ["of gRPC alone", { grpc_proxy: proxy }, ours],
    ["with exceptions in upper case", { http_proxy: proxy, NO_PROXY: "school.example" }, `school.example,${ours}`],
    ["with exceptions in lower case", { http_proxy: proxy, no_proxy: ".school.example" }, `.school.example,${ours}`],
    [
      "with different ones in both",
      { http_proxy: proxy, NO_PROXY: "a.example", no_proxy: "b.example,a.example" },
      `a.example,b.example,${ours}`,
    ],
    [
      "with spaces among them",
      { http_proxy: proxy, no_proxy: "localhost, 127.0.0.1 , x.example" },
      "localhost,127.0.0.1,x.example,::1,192.168.49.0/24,192.168.49.1-192.168.49.254",
    ],
    ["with empty ones", { http_proxy: proxy, no_proxy: ",," }, ours],
    ["for everything", { http_proxy: proxy, NO_PROXY: "*" }, `*,${ours}`],
  ];
  for (const [what, given, exceptions] of cases) {
    it(`bypass a proxy ${what}`, () => {
      const env = { ...given };
      assert.equal(keepDirect([], env), true);
      assert.deepEqual([env.NO_PROXY, env.no_proxy], [exceptions, exceptions]);
      assert.equal(keepDirect([], env), false, "once is enough");
    });
  }

  it("bypass a proxy whose address has spaces around it", () => {
    const env = { https_proxy: ` ${proxy} ` };
    keepDirect([], env);
    assert.equal(env.https_proxy, proxy);
  });

  it("bypass it for gRPC with separate exceptions, too", () => {
    const env: NodeJS.ProcessEnv = { http_proxy: proxy, no_grpc_proxy: "x.example" };
    keepDirect([], env);
    assert.equal(env.no_grpc_proxy, `x.example,${ours}`);
  });

  it("need no exceptions without a proxy", () => {
    for (const env of [{}, { http_proxy: "" }, { NO_PROXY: "x.example" }]) {
      const before = { ...env };
      assert.equal(keepDirect(["192.168.58.2"], env), false);
      assert.deepEqual(env, before);
    }
  });

  it("include a node at another private address, but not a remote cluster", () => {
    const env: NodeJS.ProcessEnv = { HTTPS_PROXY: proxy };
    keepDirect(["192.168.58.2", "kubernetes.docker.internal", "k8s.school.example", "203.0.113.7"], env);
    assert.equal(env.no_proxy, `${ours},192.168.58.2,kubernetes.docker.internal`);
    const direct = ["192.168.58.2", "127.0.0.1", "localhost", "::1", "k8s.school.example", "203.0.113.7"];
    assert.deepEqual(
      direct.map((host) => goesDirect(host, env)),
      [true, true, true, true, false, false],
    );
  });

  it("do not use the global proxy agent of Node.js", async () => {
    const server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const shared = mock.method(globalAgent, "createConnection", () => {
      throw new Error("through the shared agent");
    });
    try {
      assert.equal(await statusOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 5000), 200);
      await assert.rejects(statusOf("http://203.0.113.7/", 5000), /through the shared agent/);
    } finally {
      shared.mock.restore();
      server.close();
    }
  });
});
