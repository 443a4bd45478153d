import { Language, Text } from "../../text";

const asked = /--lang[= ](ko|en)\b/.exec(process.argv.join(" "))?.[1] as Language | undefined;
const { LC_ALL, LC_MESSAGES, LANG } = process.env;
// Windows sets none of these variables; Intl knows the locale of the system.
const locale = LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
/** `--lang`, or else the locale. Read before the options are parsed, because a wrong option has to be reported, too. */
const language: Language = asked ?? (/^ko/i.test(locale) ? "ko" : "en");

export function told(text: Text): string {
  return text[language];
}

/** Prints a message to standard error. Standard output is reserved for results. */
export function say(text: Text): void {
  console.error(told(text));
}
