import assert from "node:assert/strict";
import { LabError } from "../text";

/** Expects a refusal that says this in both languages. */
export const refused = (what: Promise<void>, english: RegExp, korean: RegExp) =>
  assert.rejects(what, (error: unknown) => {
    assert.ok(error instanceof LabError, String(error));
    assert.match(error.text.en, english);
    assert.match(error.text.ko, korean);
    return true;
  });
