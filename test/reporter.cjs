// mocha's own reporter, the time of each suite that took long, and at the end one line that counts. What a unit test has
// the product print is printed only where the test fails: among the results it would read as if it had been done to
// one's own labs. Where many runs make one (end to end), all of it is shown as progress, and the count goes to a file as
// well, after every test: a run that is stopped has counted what it did.
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
      if (parent?.root && took >= long) reporters.Base.consoleLog(`  (${title}: ${Math.round(took / 1000)} s)\n`);
    });
    const file = process.env.COURSE_LABS_COUNT_FILE;
    if (!file) return keepQuiet(runner);
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

/** Keeps what anybody but the reporter writes to standard output and standard error, and prints it before a failure. */
function keepQuiet(runner) {
  const { EVENT_RUN_BEGIN, EVENT_TEST_BEGIN, EVENT_TEST_FAIL, EVENT_RUN_END } = Runner.constants;
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  const show = () => streams.forEach((stream, i) => (stream.write = writes[i]));
  let kept = [];
  const keep = (chunk, encoding, written) => {
    kept.push(chunk);
    const done = typeof encoding === "function" ? encoding : written;
    if (done) process.nextTick(done);
    return true;
  };
  const hide = () => streams.forEach((stream) => (stream.write = keep));
  const print = reporters.Base.consoleLog;
  reporters.Base.consoleLog = (...what) => {
    show();
    print(...what);
    hide();
  };
  runner.on(EVENT_RUN_BEGIN, hide);
  runner.prependListener(EVENT_RUN_END, () => {
    reporters.Base.consoleLog = print;
    show();
  });
  runner.on(EVENT_TEST_BEGIN, () => (kept = []));
  runner.prependListener(EVENT_TEST_FAIL, () => {
    show();
    for (const chunk of kept) process.stdout.write(chunk);
    hide();
  });
}
