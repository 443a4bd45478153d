import { Language, Text } from "../../text";

const asked = /--lang[= ](ko|en)\b/.exec(process.argv.join(" "))?.[1] as Language | undefined;
const { LC_ALL, LC_MESSAGES, LANG } = process.env;
// Windows has none of these: there it is the system's.
const locale = LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
/** `--lang`, else the locale: read before the options are, because they may be what has to be told about. */
const language: Language = asked ?? (/^ko/i.test(locale) ? "ko" : "en");

/** The text in the learner's language. */
export function told(text: Text): string {
  return text[language];
}

/** Prints to the learner. Standard output is kept for results that a program may read. */
export function say(text: Text): void {
  console.error(told(text));
}
