import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Result } from "../../../tools/checks/check";
import { dockerFacts } from "../../../tools/checks/facts/docker";
import { Choice, Target, targetOf } from "../../../tools/checks/target";
import { settingsOf } from "../../../tools/stack/settings";
import { LabName } from "../../../config";
import { setting } from "../edits";
import { docker, dockerObjects, npmRun } from "../harness";
import { Mutant, titleOf } from "../mutants";
import { Environment } from "./environment";

export const redis = "ck-redis";
export const debian = "ck-debian";
export const mysql = "ck-mysql";
export const wordpress = "ck-wordpress";
export const network = "ck-wordpress";
export const redisImage = "ck-redis:v1.0";
const registryPort = 36500;
/** debian:12 in a registry of this test's own, from which it is really pulled. */
export const baseImage = `localhost:${registryPort}/debian:12`;
/** Name of this test's own for what a student commits. */
export const mine = "ck-mine:1";

const settings = [
  setting("prefix", "ck-"),
  setting("redisPort", 36379),
  setting("composePort", 33000),
  setting("registryImage", baseImage),
];

/** The labs on Docker, up once for all their checks. */
export class DockerLabs extends Environment {
  private atFirst!: string[];
  private registry!: ChildProcess;

  async up(): Promise<void> {
    this.atFirst = ofThisTest();
    await this.startRegistry();
    await this.provision(settings, "redis,registry,compose");
  }

  /** Starts a registry that has the image of its lab; Docker itself has it no more then. */
  async startRegistry(): Promise<void> {
    const server = join(__dirname, "registry-server.ts");
    const args = ["--require", "ts-node/register/transpile-only", server, `${registryPort}`];
    this.registry = spawn(process.execPath, args, { stdio: "ignore" });
    for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
      if (await fetch(`http://localhost:${registryPort}/v2/`).catch(() => undefined)) break;
      assert.ok(Date.now() < deadline, "the registry does not start");
    }
    docker("tag", "debian:12", baseImage);
    docker("push", baseImage);
    docker("image", "rm", baseImage);
  }

  async stopRegistry(): Promise<void> {
    const gone = once(this.registry, "exit");
    this.registry.kill();
    await gone;
  }

  async down(): Promise<void> {
    await super.down();
    await this.stopRegistry();
    docker("image", "rm", "--force", baseImage);
    assert.deepEqual(ofThisTest(), this.atFirst, "nothing is left");
  }

  target(choice: Choice = {}): Target {
    return targetOf(settingsOf("dev"), this.outputs, { committed: mine, ...choice });
  }

  /** Looks at labs as `npm run check` does, drills left out. */
  async look(labs: LabName[], choice: Choice = {}): Promise<Result[]> {
    const at = this.target({ ...choice, labs });
    return this.examine(at, { docker: await dockerFacts() });
  }

  /** Makes a container again that something else is in the place of. */
  async again(name: string): Promise<void> {
    docker("rm", "--force", name);
    const { code, said } = await npmRun(this.folder, "up", ["--labs", "redis,registry,compose"]);
    assert.equal(code, 0, said);
  }

  /**
   * Declares the test of wrong states that are there at once. A container that was started just before it may have yet to answer.
   */
  wrong(labs: LabName[], mutants: Mutant | readonly Mutant[], choice: Choice = {}): void {
    it(titleOf(mutants), () => this.shows(mutants, () => this.look(labs, choice), 60));
  }
}

/** What there is of this test and of drills. */
export const ofThisTest = () =>
  Object.values(dockerObjects())
    .flat()
    .filter((name) => /^ck-|^course-labs-drill-/.test(name));

/** Builds an image from a Dockerfile that is only this text. */
export function build(content: string, name: string): void {
  const context = mkdtempSync(join(tmpdir(), "course-labs-build-"));
  try {
    writeFileSync(join(context, "Dockerfile"), content);
    docker("build", "--tag", name, context);
  } finally {
    rmSync(context, { recursive: true });
  }
}
