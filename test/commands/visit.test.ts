import assert from "node:assert/strict";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { checkAddress } from "../../tools/commands/visit";
import { parseSettings } from "../../config";

describe("the printed address", () => {
  const settings = parseSettings({});
  let server: Server;
  let statuses: number[];
  let url: string;
  before(async () => {
    server = createServer((_, response) => {
      response.writeHead(statuses.length > 1 ? (statuses.shift() as number) : (statuses[0] as number)).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("works if it answers, even with a redirect", async () => {
    statuses = [302];
    assert.equal(await checkAddress(url, settings), true);
  });

  it("is requested again while it answers with an error", async () => {
    statuses = [503, 200];
    assert.equal(await checkAddress(url, settings), true);
  });

  it("is reported if the errors continue or nothing answers", async () => {
    for (const status of [500, 404]) {
      statuses = [status];
      assert.equal(await checkAddress(url, settings, 300), false);
    }
    assert.equal(await checkAddress("http://127.0.0.1:9", settings, 300), false);
  });
});
