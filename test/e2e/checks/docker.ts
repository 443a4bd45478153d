import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
/** Name of this test's own for debian:12, which other labs go on using. */
export const baseImage = "ck-base/debian:12";
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

  async up(): Promise<void> {
    this.atFirst = ofThisTest();
    docker("tag", "debian:12", baseImage);
    await this.provision(settings, "redis,registry,compose");
  }

  async down(): Promise<void> {
    await super.down();
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
