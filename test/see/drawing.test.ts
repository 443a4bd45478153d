import assert from "node:assert/strict";
import { page } from "../../tools/see/page";
import { Told } from "../../tools/see/told";

const nothing = { en: "", ko: "" };
const told = (drawing: Told["drawing"]): Told => ({
  ...{ drawing, title: nothing, of: "", steps: [], notes: [] },
  end: { ok: true, actor: "", lit: [], head: nothing, what: nothing, more: [], evidence: [] },
});

/** The boxes of a drawing and the ways between them, as a browser reads them. */
function drawn(drawing: Told["drawing"]) {
  const html = page(told(drawing));
  const numbers = (text: string) => [...text.matchAll(/-?[\d.]+/g)].map(Number);
  const boxes = html.matchAll(
    /class="(box[^"]*)" id="box-(\w+)"><rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)".*?<text[^>]*? x="([\d.]+)" y="([\d.]+)"/g,
  );
  return {
    extent: numbers(/viewBox="([^"]*)"/.exec(html)![1]!).slice(2),
    boxes: new Map(
      [...boxes].map(([, look, id, ...at]) => {
        const [x, y, w, h, ...text] = at.map(Number) as [number, number, number, number, ...number[]];
        return [id!, { look, x, y, w, h, text, right: x + w, middle: y + h / 2 }];
      }),
    ),
    ways: [...html.matchAll(/id="way-(\w+)" d="M([^"]*)"/g)].map(([, id, d]) => {
      const [x1, y1, x2, y2] = numbers(d!) as [number, number, number, number];
      return { id: id!, from: { x: x1, y: y1 }, to: { x: x2, y: y2 } };
    }),
  };
}

for (const drawing of ["cluster", "docker"] as const) {
  describe(`the drawing of ${drawing}`, () => {
    const { extent, boxes, ways } = drawn(drawing);
    const [width = 0, height = 0] = extent;
    const [hub, first, ...column] = [...boxes.values()];

    it("fills its width, with one box on the left, one in the middle and the others on the right", () => {
      assert.equal(first!.x, width - column[0]!.right);
      assert.equal(hub!.x - first!.right, column[0]!.x - hub!.right);
      assert.ok(first!.x > 0 && hub!.x > first!.right);
      // The letters stand on a line a little below the middle.
      for (const { x, w, middle, text } of boxes.values()) assert.deepEqual(text, [x + w / 2, middle + 5]);
      assert.deepEqual(
        [...boxes.values()].filter(({ look }) => look === "box middle"),
        [hub],
      );
    });

    it("is symmetric from top to bottom, with evenly spaced boxes", () => {
      for (const box of [hub!, first!]) assert.equal(box.middle, height / 2);
      const gaps = column.slice(1).map(({ y }, i) => y - column[i]!.y);
      assert.equal(new Set(gaps).size, 1);
      assert.ok(gaps[0]! > column[0]!.h, "no box is over another");
      for (const size of ["x", "w", "h"] as const) assert.equal(new Set(column.map((box) => box[size])).size, 1);
      assert.equal(column[0]!.y, height - column.at(-1)!.y - column.at(-1)!.h);
      assert.ok(column[0]!.y > 0);
    });

    it("has an arrow for each box, from one edge to just before the other", () => {
      assert.deepEqual(
        ways.map(({ id }) => id),
        [...boxes.keys()].slice(1),
      );
      for (const { id, from, to } of ways) {
        const box = boxes.get(id)!;
        const edges = box.x < hub!.x ? [box.right, hub!.x] : [box.x, hub!.right];
        const outward = drawing === "docker" && box !== first;
        const [begin, end] = (outward ? [...edges].reverse() : edges) as [number, number];
        assert.equal(from.x, begin, id);
        assert.equal(Math.abs(to.x - end), 3, id);
        assert.ok((to.x - from.x) * (end - begin) > 0 && Math.abs(to.x - from.x) < Math.abs(end - begin), id);
        assert.equal(outward ? to.y : from.y, box.middle, id);
      }
    });

    it("has straight arrows to the middle box if it is high enough, and none at its corners", () => {
      const inner = ways.slice(1).map(({ from, to }) => (from.x < to.x ? from.y : to.y));
      assert.deepEqual(inner.map((y) => height - y).reverse(), inner, "the same above as below");
      for (const [i, y] of inner.entries()) {
        const { middle } = column[i]!;
        if (y !== middle) assert.ok(Math.min(y - hub!.y, hub!.y + hub!.h - y) >= 14);
        if (y !== middle) assert.ok(Math.abs(middle - height / 2) > Math.abs(y - height / 2));
      }
      assert.equal(ways[0]!.from.y, ways[0]!.to.y);
    });
  });
}
