import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { checkOwnMinikube, checkOwnPlugin, isOlder } from "../../tools/install/own-programs";
import { refused } from "../refused";

describe("the user's own programs", function () {
  if (process.platform === "win32") return;
  const { PATH } = process.env;
  let folder: string;
  const program = (name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-own-"));
    process.env.PATH = `${folder}${delimiter}${PATH}`;
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  for (const [version, than, older] of [
    ["1.33.9", "1.34.0", true],
    ["1.34.0", "1.34.0", false],
    ["1.38.1", "1.34.0", false],
    ["0.99.0", "1.34.0", true],
    ["2.0.0", "1.34.0", false],
    ["v1.9.10", "1.10.2", true],
  ] as const) {
    it(`${version} ${older ? "is" : "is not"} older than ${than}`, () => assert.equal(isOlder(version, than), older));
  }

  it("a minikube that is too old is refused, with the required version", async () => {
    program("minikube", "echo v1.25.2");
    await refused(
      checkOwnMinikube(),
      /minikube 1\.25\.2 in \S+ is too old: 1\.34\.0 or newer is required/,
      /1\.34\.0 이상이 필요합니다/,
    );
  });

  for (const script of ["echo v1.34.0", "echo v1.38.1", "echo no version", "exit 3"]) {
    it(`a minikube that answers \`${script}\` is used`, async () => {
      program("minikube", script);
      await checkOwnMinikube();
    });
  }

  for (const version of ["4.5.1", "5.1.9", "6.0.0"]) {
    it(`a docker plugin of version ${version} is refused if 5.2.0 is required`, async () => {
      program("pulumi-resource-docker", `[ "$1" = --version ] && echo ${version}`);
      await refused(
        checkOwnPlugin("docker", "5.2.0"),
        new RegExp(
          `The docker plugin on PATH \\(${folder}/pulumi-resource-docker\\) has version ${version}, but 5\\.2\\.0 is required`,
        ),
        /필요한 버전은 5\.2\.0입니다/,
      );
    });
  }

  for (const script of ["echo 5.2.0", "echo v5.3.1-alpha", "exit 2"]) {
    it(`a docker plugin that answers \`${script}\` is used`, async () => {
      program("pulumi-resource-docker", script);
      await checkOwnPlugin("docker", "5.2.0");
    });
  }

  it("a plugin that is not on PATH is not checked", () => checkOwnPlugin("no-such", "1.0.0"));
});
