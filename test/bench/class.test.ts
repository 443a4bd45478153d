import assert from "node:assert/strict";
import { worseThanLinear } from "./class";

const row = (seats: number, more: object = {}) => ({
  ...{ seats, up: seats, preview: seats, apiServer: 300, program: 200, opened: 22, minute: 0, shown: 400 },
  ...more,
});

describe("growth with the number of seats", () => {
  it("is at most linear if nothing grows by more than the seats and a quarter", () => {
    assert.deepEqual(worseThanLinear([row(1), row(30), row(100, { up: 124 })]), []);
    assert.deepEqual(worseThanLinear([row(1), row(30, { minute: 30 })]), []);
  });

  it("is reported with both numbers if it is worse", () => {
    assert.deepEqual(worseThanLinear([row(30), row(100, { up: 126 })]), [
      "from 30 to 100 seats, up grew from 30.0 to 126.0, more than 4.2-fold",
    ]);
    assert.equal(worseThanLinear([row(30), row(100, { minute: 9 })]).length, 1);
  });
});
