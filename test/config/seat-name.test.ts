import assert from "node:assert/strict";
import { numberedSeats, seatName } from "../../config/seat-name";

describe("the name of a seat", () => {
  for (const [text, name] of [
    ["김민수", "gimminsu"],
    ["이", "i"],
    ["박 서준", "bak-seojun"],
    ["최윤희", "choeyunhui"],
    ["닭값쌤", "dakgapssaem"],
    ["김민수".normalize("NFD"), "gimminsu"],
    ["José Ángel", "jose-angel"],
    ["O'Neil", "oneil"],
    ["kim_2.b", "kim-2-b"],
    ["ＫＩＭ", "kim"],
  ] as const) {
    it(`is ${name} for ${text}, who is not forgotten`, () => {
      assert.deepEqual(seatName(text), { name, student: text });
    });
  }

  it("is the text itself where it can be", () => {
    assert.deepEqual(seatName("lee"), { name: "lee" });
    assert.deepEqual(seatName("a".repeat(40)), { name: "a".repeat(40) });
  });

  it("is not made up where there is no one way to write it", () => {
    for (const text of ["", " ", "王", "Иван", "lee+kim", "-lee", "lee-", "a".repeat(41), "😀"]) {
      assert.equal(seatName(text), undefined, text);
    }
  });

  it("is the same however many seats there are", () => {
    assert.deepEqual(numberedSeats(2), ["01", "02"]);
    assert.deepEqual(numberedSeats(120).slice(97, 101), ["98", "99", "100", "101"]);
    assert.deepEqual(numberedSeats(0), []);
  });
});
