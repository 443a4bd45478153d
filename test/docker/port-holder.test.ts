import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { holderOf, processOn, tryPort, holderText } from "../../tools/docker/port-holder";

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
const thisProcess = new RegExp(`\\(process ${process.pid}\\)$`);

describe("ports", () => {
  it("are described with their holder, in both languages", () => {
    assert.deepEqual(holderText({ id: "0a1b", name: "redis" }), { en: "container redis", ko: "redis 컨테이너" });
    assert.deepEqual(holderText({ name: "nginx (process 4711)" }), {
      en: "nginx (process 4711)",
      ko: "nginx(PID 4711)",
    });
  });

  it("that are in use are reported with the process", async () => {
    const port = await listening(async (port) => {
      assert.equal(await tryPort("127.0.0.1", port), "taken");
      assert.match((await processOn(port)) ?? "", thisProcess);
    });
    assert.equal(await tryPort("127.0.0.1", port), "free");
    assert.equal(await processOn(port), undefined);
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

    it("are attributed to a container rather than to Docker's process", async () => {
      await listening(async (port) => {
        dockerSays("0123abcd web");
        assert.deepEqual(await holderOf(port), { id: "0123abcd", name: "web" });
      });
    });

    it("are attributed to a process, if it can be seen, if no container publishes them", async () => {
      dockerSays("");
      const port = await listening(async (port) => {
        const holder = await holderOf(port);
        assert.match(holder?.name ?? "", thisProcess);
        assert.equal(holder?.id, undefined);
      });
      assert.equal(await holderOf(port), undefined);
    });
  });
});
