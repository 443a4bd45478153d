// mocha's own reporter, the time of each suite that took long, and at the end one line that counts. Where many runs make
// one, the count goes to a file as well, after every test: a run that is stopped has counted what it did.
const { writeFileSync } = require("node:fs");
const { Runner, reporters } = require("mocha");

/** Milliseconds from which a suite's time is worth a line. */
const long = 10_000;

module.exports = class Counting extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_TEST_PASS, EVENT_TEST_FAIL } = Runner.constants;
    let begun = 0;
    runner.on(EVENT_SUITE_BEGIN, ({ parent }) => {
      if (parent?.root) begun = Date.now();
    });
    runner.on(EVENT_SUITE_END, ({ parent, title }) => {
      const took = Date.now() - begun;
      if (parent?.root && took >= long) console.log(`  (${title}: ${Math.round(took / 1000)} s)\n`);
    });
    const file = process.env.COURSE_LABS_COUNT_FILE;
    if (!file) return;
    const count = { passed: 0, failed: 0, failures: [] };
    const keep = () => writeFileSync(file, JSON.stringify(count));
    runner.on(EVENT_TEST_PASS, () => {
      count.passed++;
      keep();
    });
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      count.failed++;
      const at = /^ *at .*\btest\/.*$/m.exec(error?.stack ?? "")?.[0].trim();
      count.failures.push({
        title: test.fullTitle(),
        why: [String(error?.message ?? error), at].filter(Boolean).join("\n"),
      });
      keep();
    });
  }

  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ""}`);
  }
};
