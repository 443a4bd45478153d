import assert from "node:assert/strict";
import { AddressInfo, createServer } from "node:net";
import { processOn, tryPort } from "../../cli/port-holder";

describe("ports", () => {
  it("that somebody listens on are taken, by a process with a name", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await tryPort("127.0.0.1", port), "taken");
    assert.match((await processOn(port)) ?? "", new RegExp(`\\(process ${process.pid}\\)$`));
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await tryPort("127.0.0.1", port), "free");
    assert.equal(await processOn(port), undefined);
  });

  it("cannot be bound to an address of another machine", async () => {
    assert.equal(await tryPort("203.0.113.7", 45678), "no such address");
  });
});
