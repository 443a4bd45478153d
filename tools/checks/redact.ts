import { isSecretName } from "../review/resources/secret-names";
import { Result } from "./check";

const mask = "•••";

/** The values that must not be shown, out of lines such as NAME=value. */
export const secretValues = (environment: readonly string[]): string[] =>
  environment.flatMap((line) => {
    const at = line.indexOf("=");
    return isSecretName(line.slice(0, at)) ? [line.slice(at + 1)] : [];
  });

/** Words that are followed by a secret. */
const telling: [pattern: RegExp, masked: string][] = [
  [/((?:password|passwd|_pwd|secret|token)["']?\s*[=:]\s*["']?)[^\s"',;)]+/gi, `$1${mask}`],
  [/(--requirepass["']?[\s=,]+["']?)[^\s"',;)]+/gi, `$1${mask}`],
  [/(\w:\/\/[^\s:@/]*:)[^\s@/]+@/g, `$1${mask}@`],
];

/** The same value with all secrets masked in its texts, and whatever follows a word for a secret. Keys are kept. */
export function redacted<T>(thing: T, secrets: readonly string[]): T {
  // The longest first, because one may contain another. Values of up to three letters occur in many words.
  const known = [...new Set(secrets.map((secret) => secret.trim()))]
    .filter(({ length }) => length >= 4)
    .sort((a, b) => b.length - a.length);
  const clean = (text: string) =>
    telling.reduce(
      (rest, [pattern, masked]) => rest.replace(pattern, masked),
      known.reduce((rest, secret) => rest.replaceAll(secret, mask), text),
    );
  return JSON.parse(JSON.stringify(thing), (_, value: unknown) =>
    typeof value === "string" ? clean(value) : value,
  ) as T;
}

/** The texts of a result. */
const words = new Set(["why", "next", "evidence"]);

/**
 * A result with all secrets masked in its texts. Its id and status are kept for programs: a password may
 * be one of those words.
 */
export const redactedResult = (result: Result, secrets: readonly string[]): Result =>
  Object.fromEntries(
    Object.entries(result).map(([key, value]) => [key, words.has(key) ? redacted<unknown>(value, secrets) : value]),
  ) as unknown as Result;
