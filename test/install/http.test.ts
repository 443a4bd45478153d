import assert from "node:assert/strict";
import { createServer, Server, ServerResponse } from "node:http";
import { AddressInfo } from "node:net";
import { answerOf, statusOf } from "../../tools/install/http";

describe("a request", () => {
  let server: Server;
  let url: string;
  let answer: (response: ServerResponse) => void;
  let asked: { method?: string; header?: string };

  before(async () => {
    server = createServer((request, response) => {
      asked = { method: request.method, header: request.headers["x-test"] as string };
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("returns the status immediately, and follows no redirect", async () => {
    // The body never ends.
    answer = (response) => void response.writeHead(302, { location: "/elsewhere" }).write("more to come");
    assert.equal(await statusOf(url, 5000, { method: "GET", headers: { "x-test": "1" } }), 302);
    assert.deepEqual(asked, { method: "GET", header: "1" });
  });

  it("returns the whole response", async () => {
    answer = (response) => {
      response.writeHead(404).write("실습");
      setTimeout(() => response.end(" 끝"), 50);
    };
    assert.deepEqual(await answerOf(url, 5000), { status: 404, body: "실습 끝" });
  });

  it("has a timeout for the headers", () => {
    answer = () => undefined;
    return assert.rejects(statusOf(url, 100), { name: "AbortError" });
  });

  it("has a timeout for the body", () => {
    answer = (response) => void response.writeHead(200).write("more to come");
    return assert.rejects(answerOf(url, 100), /aborted/);
  });

  it("fails if nothing answers", () => assert.rejects(statusOf("http://127.0.0.1:9/", 5000), { code: "ECONNREFUSED" }));
});
