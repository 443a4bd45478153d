import assert from "node:assert/strict";
import { quantity } from "../../config/quantity";

describe("a quantity of Kubernetes", () => {
  it("is a number, whatever it is written in", () => {
    const suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    suffixes.forEach((suffix, i) => assert.equal(quantity(`2${suffix}`), Number(`2e${3 * (i - 3)}`), suffix));
    ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].forEach((suffix, i) =>
      assert.equal(quantity(`2${suffix}`), 2 * 1024 ** (i + 1), suffix),
    );
    assert.deepEqual([quantity("1.5"), quantity(".5"), quantity("1e3"), quantity("7")], [1.5, 0.5, 1000, 7]);
    assert.equal(quantity("1.5Gi"), 1.5 * 1024 ** 3);
    assert.equal(quantity("1e-3"), 0.001);
    for (const text of ["much", "", "1ki", "1ni", "1Kii"]) assert.equal(quantity(text), undefined, text);
  });
});
