import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { containerOn, tryPort, whoUses } from "../../tools/docker/port-holder";

/** Calls with a port that a process of this test listens on. */
async function listening(use: (port: number) => Promise<void>): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  return port;
}

describe("ports", () => {
  it("are in use, or free", async () => {
    const port = await listening(async (port) => assert.equal(await tryPort("127.0.0.1", port), "taken"));
    assert.equal(await tryPort("127.0.0.1", port), "free");
  });

  it("have a command on each system that shows who uses them", () => {
    for (const platform of ["linux", "darwin", "win32"] as const)
      assert.match(whoUses(6379, { platform } as typeof process), /\b6379\b/, platform);
  });

  it("cannot be bound to an address of another machine", async () => {
    assert.equal(await tryPort("203.0.113.7", 45678), "no such address");
  });

  describe("and Docker", function () {
    if (process.platform === "win32") return;
    const { PATH } = process.env;
    let folder: string;
    /** A shell script stands for `docker`. */
    const dockerSays = (line: string) => {
      writeFileSync(join(folder, "docker"), `#!/bin/sh\necho "${line}"\n`);
      chmodSync(join(folder, "docker"), 0o755);
    };
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "course-labs-port-"));
      process.env.PATH = `${folder}${delimiter}${PATH}`;
    });
    afterEach(() => {
      process.env.PATH = PATH;
      rmSync(folder, { recursive: true });
    });

    it("are attributed to the container that publishes them", async () => {
      dockerSays("0123abcd web");
      assert.deepEqual(await containerOn(80), { id: "0123abcd", name: "web" });
      dockerSays("");
      assert.equal(await containerOn(80), undefined);
    });
  });
});
