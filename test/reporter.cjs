// mocha's own reporter, the time of each suite that took long, and at the end one line that counts.
const { Runner, reporters } = require("mocha");

/** Milliseconds from which a suite's time is worth a line. */
const long = 10_000;

module.exports = class Counting extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    let begun = 0;
    runner.on(Runner.constants.EVENT_SUITE_BEGIN, ({ parent }) => {
      if (parent?.root) begun = Date.now();
    });
    runner.on(Runner.constants.EVENT_SUITE_END, ({ parent, title }) => {
      const took = Date.now() - begun;
      if (parent?.root && took >= long) console.log(`  (${title}: ${Math.round(took / 1000)} s)\n`);
    });
  }

  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ""}`);
  }
};
