/** A text for people, in English and Korean. */
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
 * An error that the user has to act on: what happened, with which value, and the next step. Plain `pulumi` prints the
 * English `message` without a stack trace; the `npm run` commands print `text` in the user's language.
 */
export class LabError extends Error {
  /** Pulumi recognizes its RunError by this property. Importing the class would add 50 ms to every command. */
  readonly __pulumiRunError = true;

  constructor(readonly text: Text) {
    super(text.en);
  }
}
