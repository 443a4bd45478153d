import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseSettings, Settings } from "../../config";
import { look } from "../../tools/cluster/get";
import { Interrupted } from "../../tools/terminal/interruption";
import { whileItAnswers } from "../../tools/cluster/watchdog";

describe("a cluster that is watched during an operation", () => {
  const pace = { every: 20, patience: 200 };
  let server: Server;
  let folder: string;
  let settings: Settings;
  let status: number | undefined;

  before(async () => {
    server = createServer((_, response) => {
      if (status === undefined) response.destroy();
      else response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    folder = mkdtempSync(join(tmpdir(), "course-labs-watched-"));
    const kubeconfig = join(folder, "config");
    const cluster = { name: "c", cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } };
    const context = { name: "c", context: { cluster: "c", user: "c" } };
    const users = [{ name: "c", user: { token: "x" } }];
    writeFileSync(kubeconfig, JSON.stringify({ clusters: [cluster], contexts: [context], users }));
    settings = parseSettings({ kubeconfig, kubeContext: "c" });
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const answers = async () => (await look(settings)).answers;
  const told = (lost: AbortSignal) =>
    new Promise<number>((resolve) => {
      const began = performance.now();
      lost.addEventListener("abort", () => resolve(performance.now() - began));
    });

  for (const [what, answer] of [
    ["nothing", undefined],
    ["an error of the server", 503],
  ] as const) {
    it(`is lost after a while of ${what}, and not before`, async () => {
      status = answer;
      assert.ok((await whileItAnswers(answers, told, pace)) >= pace.patience);
    });
  }

  it("is called unreachable where the stopped operation fails, unless the user stopped it", async () => {
    status = undefined;
    const failing = (error: Error) =>
      whileItAnswers(answers, (lost) => told(lost).then(() => Promise.reject(error)), pace);
    const failed = new Error("update failed");
    await assert.rejects(failing(failed), { message: "the kubernetes cluster is unreachable", cause: failed });
    await assert.rejects(failing(new Interrupted("stopped")), Interrupted);
  });

  for (const answer of [200, 401, 404]) {
    it(`is not lost while it answers ${answer}, nor in a short silence`, async () => {
      status = answer;
      const work = async (lost: AbortSignal) => {
        await sleep(pace.patience / 2);
        status = undefined;
        await sleep(pace.patience / 2);
        status = answer;
        await sleep(pace.patience);
        return lost.aborted;
      };
      assert.equal(await whileItAnswers(answers, work, pace), false);
    });
  }

  it("is not asked any more after the operation, which may fail", async () => {
    status = 200;
    const failing = whileItAnswers(answers, () => Promise.reject(new Error("as it is")), pace);
    await assert.rejects(failing, /as it is/);
    let asked = 0;
    const count = () => (asked += 1);
    server.on("request", count);
    await sleep(pace.every * 4);
    server.off("request", count);
    assert.equal(asked, 0);
  });
});
