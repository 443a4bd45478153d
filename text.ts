/** A sentence for a person, in the two languages this project speaks. */
export interface Text {
  en: string;
  ko: string;
}

/** The languages of {@link Text}. */
export type Language = keyof Text;

/** What is the same in every language, such as a command. */
export const same = (text: string): Text => ({ en: text, ko: text });

/** Joins texts line by line, language by language. */
export function lines(texts: readonly Text[]): Text {
  return { en: texts.map((t) => t.en).join("\n"), ko: texts.map((t) => t.ko).join("\n") };
}

/**
 * Something a person has to act on: what happened, with which value, and the next step.
 * `message` is the English text, which plain `pulumi` prints without a stack trace; the `npm run` commands print `text` in the
 * learner's language.
 */
export class LabError extends Error {
  /** By this mark Pulumi knows its own RunError; loading that class would take every command a twentieth of a second. */
  readonly __pulumiRunError = true;

  constructor(readonly text: Text) {
    super(text.en);
  }
}
