import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { checksOf, Facts } from "../../../tools/checks/labs";
import { Result, runChecks } from "../../../tools/checks/check";
import { live } from "../../../tools/checks/facts/live";
import { Target } from "../../../tools/checks/target";
import { ask } from "../../../tools/commands/doctor";
import { problemsOf } from "../../../tools/checks/doctor";
import { Outputs } from "../../../outputs";
import { Edit, edit } from "../edits";
import { clone, npmRun, remove } from "../harness";
import { Problem } from "../../../tools/causes/problem";
import { fails, Mutant, passes } from "../mutants";

/**
 * A clone with labs up in it, and what the checks say of them. Tests are declared before it is up: only hooks and tests
 * may ask where it is.
 */
export abstract class Environment {
  folder!: string;
  protected outputs!: Partial<Outputs>;
  /** Where the tests were started, to go back to. */
  private readonly here = process.cwd();
  /** Ids of the checks that were seen to pass. */
  readonly known = new Set<string>();
  /** What doctor makes of what was last looked at. */
  private doctor!: () => Promise<Problem[]>;

  /**
   * Runs `npm run up` in a new clone, and goes there.
   * @param settings names and ports of this test's own, so that nothing of the owner's is touched
   */
  protected async provision(settings: readonly Edit[], labs: string): Promise<void> {
    this.folder = clone();
    edit(this.folder, settings);
    const { code, said } = await npmRun(this.folder, "up", ["--labs", labs]);
    assert.equal(code, 0, said);
    this.outputs = JSON.parse((await npmRun(this.folder, "outputs", ["--json"])).stdout) as Partial<Outputs>;
    process.chdir(this.folder);
  }

  /** Goes back, and removes the labs and the clone. */
  async down(): Promise<void> {
    process.chdir(this.here);
    const { code, said } = await npmRun(this.folder, "destroy");
    assert.equal(code, 0, said);
    remove(this.folder);
  }

  /** What `npm run check` itself says of what is right. */
  async checked(...args: string[]): Promise<{ results: Result[]; seconds: number }> {
    const { code, said, stdout } = await npmRun(this.folder, "check", ["--json", ...args]);
    assert.equal(code, 0, said);
    return JSON.parse(stdout) as { results: Result[]; seconds: number };
  }

  /** Looks as the command does, but in this process and at any target: a mutant may be looked at many times. */
  protected async examine(target: Target, facts: Facts, drill = false): Promise<Result[]> {
    const results = await runChecks(checksOf(target, facts, live), { drill });
    this.doctor = () => problemsOf(target, facts, results, ask);
    return results;
  }

  /**
   * Expects exactly the owners of wrong states to fail, and doctor to name the causes.
   * @param look has to end in `examine`, which remembers what doctor is asked about
   */
  fails(mutants: Mutant | readonly Mutant[], look: () => Promise<Result[]>, well?: () => Promise<void>): Promise<void> {
    return fails(mutants, look, () => this.doctor(), well);
  }

  /**
   * Looks until what was changed has had its effect, or the time is over; a first look may itself take all of it.
   * @param times how often in a row it has to be seen: a person looks once
   */
  protected async until(
    look: () => Promise<Result[]>,
    done: (results: Result[]) => boolean,
    seconds: number,
    times = 1,
  ): Promise<Result[]> {
    let [seen, looks] = [0, 0];
    for (const deadline = Date.now() + seconds * 1000; ; await sleep(500)) {
      const results = await look();
      seen = done(results) ? seen + 1 : 0;
      if (seen >= times || (++looks > times && Date.now() > deadline)) return results;
    }
  }

  /** {@link fails}, of a wrong state that may take a while to show. */
  protected shows(these: Mutant | readonly Mutant[], look: () => Promise<Result[]>, seconds: number): Promise<void> {
    const mutants = [these].flat();
    const shown = (results: Result[]) => {
      const failed = results.filter(({ status }) => status === "failed");
      const told = ({ owner, why }: Mutant) =>
        failed.some((one) => one.id === owner && "why" in one && why.test(one.why.en));
      return failed.length === mutants.length && mutants.every(told);
    };
    const wrong = (results: Result[]) => results.filter(({ status }) => status !== "passed" && status !== "open");
    const well = async () => passes(wrong(await this.until(look, (results) => wrong(results).length === 0, 90)));
    const times = mutants.some(({ flips }) => flips) ? 1 : 2;
    return this.fails(mutants, () => this.until(look, shown, seconds, times), well);
  }

  /** Expects all to pass; the mutant table then has to have wrong states for each. */
  note(results: readonly Result[]): void {
    passes(results);
    for (const { id } of results) this.known.add(id);
  }
}
