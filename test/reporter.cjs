// mocha's own reporter, and after it one line that counts.
const { Spec } = require("mocha").reporters;

module.exports = class Counting extends Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ""}`);
  }
};
