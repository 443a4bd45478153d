import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineFacts } from "../../tools/checks/doctor/machine";

// The programs are scripts for a shell.
(process.platform === "win32" ? describe.skip.bind(describe) : describe)("what a machine has", () => {
  const { PATH } = process.env;
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "course-labs-machine-"))));
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  /** What is told where there are programs that answer a command each, and no others. */
  async function told(answers: Record<string, string>): Promise<Record<string, string>> {
    const programs = new Set(Object.keys(answers).map((command) => command.split(" ")[0]!));
    for (const program of programs) {
      const list = Object.entries(answers).filter(([command]) => command.startsWith(`${program} `));
      const lines = list.map(([command, answer]) => `[ "$*" = '${command.replace(/^\S+ /, "")}' ] && echo '${answer}'`);
      writeFileSync(join(folder, program), `#!/bin/sh\n${lines.join("\n")}\ntrue\n`, { mode: 0o755 });
    }
    process.env.PATH = folder;
    const facts = await machineFacts({ disk: 5 * 2 ** 30, memory: 2 ** 30 }, new Date("2026-03-01"));
    return Object.fromEntries(facts.map(({ name, value }) => [name.en, value.en]));
  }

  it("includes the version of each program, as the program reports it", async () => {
    const facts = await told({
      "docker version --format {{.Server.Version}}": "28.2.2+dfsg1",
      "docker compose version --short": "2.26.1-4",
      "pulumi version": "v3.276.0",
      "minikube version --short": "v1.38.1",
      "kubectl version --client": "Client Version: v1.36.0\nKustomize Version: v5.7.1",
    });
    const { memory = "", ...others } = facts;
    assert.match(memory, /^\d+\.\d GiB, \d+\.\d GiB free$/);
    assert.deepEqual(Object.entries(others).slice(0, 7), [
      ["Node.js", facts["Node.js"]],
      ["Docker", "28.2.2+dfsg1"],
      ["docker compose", "2.26.1-4"],
      ["Pulumi", "3.276.0"],
      ["minikube", "1.38.1"],
      ["kubectl", "1.36.0"],
      ["disk", "5.0 GiB free"],
    ]);
    assert.ok(facts["Node.js"]!.startsWith(process.versions.node));
  });

  it("includes what to do about a program that is missing, or does not report its version", async () => {
    const {
      Docker,
      "docker compose": compose,
      Pulumi,
      minikube,
      kubectl,
    } = await told({ "pulumi version": "(devel)" });
    assert.equal(Docker, "does not answer");
    for (const tool of [Pulumi, minikube]) assert.match(tool!, /npm run up downloads its own/);
    for (const tool of [compose, kubectl]) assert.match(tool!, /only needed for the manual version/);
  });
});
