import assert from "node:assert/strict";
import { join } from "node:path";
import { Linter } from "eslint";

/** What the project's own rules of the lint say of a piece of a program. */
async function said(code: string): Promise<string[]> {
  const file = join(__dirname, "..", "eslint.config.mjs");
  const { default: config } = (await import(file)) as { default: Linter.Config[] };
  const { plugins, rules } = config.find((one) => one.plugins?.house) ?? assert.fail();
  const own = Object.fromEntries(
    Object.entries(rules ?? {}).filter(([name]) => name === "no-restricted-syntax" || name.startsWith("house/")),
  );
  return new Linter()
    .verify(code, [{ plugins, rules: own }], "tools/x.js")
    .map(({ message }) => message.split(" ").slice(0, 2).join(" "));
}

describe("the lint", () => {
  const words = ["Go by"];
  const reason = ["Say beside"];
  const refused: [code: string, says: string[]][] = [
    ['if (next.en === "") f();', words],
    ["if (a.what.ko !== before) f();", words],
    ["if (/^password/.test(text.en)) f();", words],
    ["const name = /^container (.*)/.exec(text.en);", words],
    ['if (why.ko.startsWith("x")) f();', words],
    ["const first = title.en.slice(0, 1);", words],
    ["try { f(); } catch { g(); }", reason],
    ["const a = f().catch(() => []);", reason],
    ["const a = f().then(g).catch(function () {});", reason],
    ["const a = { b: () => f().catch(() => 1) };", reason],
    ["const seconds = (Date.now() - began) / 1000;", ["Measure with"]],
    ["for (const deadline = Date.now() + patience; ; ) f();", ["Measure with"]],
  ];
  for (const [code, says] of refused) it(`refuses ${code}`, async () => assert.deepEqual(await said(code), says));

  const well = [
    "say({ en: `${what.en} more`, ko: what.ko });",
    'if (cause === "no volume") f(text.en);',
    'if (holder.name.startsWith("x")) f();',
    "try { f(); } catch (error) { g(error); }",
    "if (written > Date.now()) f();",
    "try { f(); } catch { throw new Error(); }",
    "try { f(); } catch {\n  // It has ended.\n}",
    "// There may be none.\nconst a = f().catch(() => []);",
    "const a = {\n  // There may be none.\n  b: () => f().catch(() => 1),\n};",
    "const a = f().catch((error) => g(error));",
  ];
  for (const code of well) it(`lets be ${code}`, async () => assert.deepEqual(await said(code), []));
});
