import { Language, Text } from "../text";

let language: Language = /^ko/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "")
  ? "ko"
  : "en";

/** Chooses the language of all that is printed; the locale decides until this is called. */
export function speak(chosen: Language): void {
  language = chosen;
}

/** The text in the learner's language. */
export function told(text: Text): string {
  return text[language];
}

/** Prints to the learner. Standard output is kept for results that a program may read. */
export function say(text: Text): void {
  console.error(told(text));
}
