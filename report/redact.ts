const mask = "•••";

/** Names of variables whose values are nobody's business. */
export const secretName = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|SALT/i;

/** The values that must not be in a report, out of lines such as NAME=value. */
export const secretValues = (environment: readonly string[]): string[] =>
  environment.flatMap((line) => {
    const at = line.indexOf("=");
    const value = line.slice(at + 1);
    return secretName.test(line.slice(0, at)) && value.length >= 4 ? [value] : [];
  });

/** The same thing with every secret in every text of it masked, and whatever follows a word for a secret. */
export function redacted<T>(thing: T, secrets: readonly string[]): T {
  // The longest first: one may be a part of another.
  const known = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  const clean = (text: string) =>
    known
      .reduce((rest, secret) => rest.replaceAll(secret, mask), text)
      .replace(/((?:password|passwd|secret|token)["']?\s*[=:]\s*["']?)[^\s"',;)]+/gi, `$1${mask}`);
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return clean(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), walk(inner)]));
  };
  return walk(thing) as T;
}
