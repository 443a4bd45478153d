import { isSecretName } from "../review/resources/secret-names";
import { Result } from "./check";

const mask = "•••";

/** The values that must not be shown, out of lines such as NAME=value. */
export const secretValues = (environment: readonly string[]): string[] =>
  environment.flatMap((line) => {
    const at = line.indexOf("=");
    return isSecretName(line.slice(0, at)) ? [line.slice(at + 1)] : [];
  });

/** Where the next word is a secret, whatever it is. */
const telling: [pattern: RegExp, masked: string][] = [
  [/((?:password|passwd|_pwd|secret|token)["']?\s*[=:]\s*["']?)[^\s"',;)]+/gi, `$1${mask}`],
  [/(--requirepass["']?[\s=,]+["']?)[^\s"',;)]+/gi, `$1${mask}`],
  [/(\w:\/\/[^\s:@/]*:)[^\s@/]+@/g, `$1${mask}@`],
];

/** The same thing with every secret in every text of it masked, and whatever follows a word for a secret. Keys stay. */
export function redacted<T>(thing: T, secrets: readonly string[]): T {
  // The longest first: one may be a part of another. Three letters or none stand in many a word.
  const known = [...new Set(secrets.map((secret) => secret.trim()))]
    .filter(({ length }) => length >= 4)
    .sort((a, b) => b.length - a.length);
  const clean = (text: string) =>
    telling.reduce(
      (rest, [pattern, masked]) => rest.replace(pattern, masked),
      known.reduce((rest, secret) => rest.replaceAll(secret, mask), text),
    );
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return clean(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(thing) as T;
}

/** What a result says in words of what was looked at. */
const words = new Set(["why", "next", "evidence"]);

/**
 * A result with every secret masked in what it says. What programs go by stays, such as its id and its status: a password may
 * be a word that is in there.
 */
export const redactedResult = (result: Result, secrets: readonly string[]): Result =>
  Object.fromEntries(
    Object.entries(result).map(([key, value]) => [key, words.has(key) ? redacted<unknown>(value, secrets) : value]),
  ) as unknown as Result;
