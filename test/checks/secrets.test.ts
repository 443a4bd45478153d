import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { secretsOf } from "../../tools/checks/report/secrets";
import { parseSettings } from "../../config";
import { healthy } from "./fakes";

describe("the secrets of what was checked", function () {
  if (process.platform === "win32") return;
  /** What is told where this is the `docker` command. */
  async function told(script: string, docker = healthy()): Promise<string[]> {
    const { PATH } = process.env;
    const folder = mkdtempSync(join(tmpdir(), "course-labs-"));
    try {
      writeFileSync(join(folder, "docker"), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, "docker"), 0o755);
      process.env.PATH = `${folder}${delimiter}${PATH}`;
      return await secretsOf({ docker }, parseSettings({}));
    } finally {
      process.env.PATH = PATH;
      rmSync(folder, { recursive: true });
    }
  }
  const environment = `printf '%s\\n' '["PATH=/bin","MYSQL_PASSWORD=hunter22"]' null`;

  it("are in the containers' environments", async () => assert.deepEqual(await told(environment), ["hunter22"]));

  it("are found in the remaining containers if one has just been removed", async () =>
    assert.deepEqual(await told(`${environment}; echo 'Error: No such container: id-of-redis' >&2; exit 1`), [
      "hunter22",
    ]));

  it("are none if there is no container, without asking Docker", async () =>
    assert.deepEqual(await told("exit 1", { containers: [], images: [] }), []));

  it("do not count as none if Docker does not answer", () =>
    assert.rejects(told("echo 'Cannot connect to the Docker daemon' >&2; exit 1")));
});
