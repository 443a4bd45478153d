import { generated, hasGenerated, secretSignature, unknownValue } from "../resources/register";
import { isSecretName, isWish } from "../resources/secret-names";

export interface Exposed {
  path: string;
  /** It is no secret to Pulumi, or stands in the program for all to read; or it is one, in an object that shows it. */
  how: "plain" | "shown";
}

const decoded = (text: string) => Buffer.from(text, "base64").toString();

const holdsGenerated = (text: string) => [text, decoded(text)].some(hasGenerated);

const isPassword = (name: string) => isSecretName(name) && !isWish(name);

/**
 * Finds passwords in the inputs of a resource that are not secrets, and secrets that were not generated.
 * @param inputs as {@link register} records them
 */
export function exposedSecrets(type: string, inputs: Record<string, unknown>): Exposed[] {
  const found: Exposed[] = [];
  const judge = (value: unknown, path: string, hidden: boolean): void => {
    if (typeof value !== "string" || value === "" || value === unknownValue) return;
    if (!hidden || !value.includes(generated)) found.push({ path, how: "plain" });
  };
  const look = (value: unknown, path: string, name: string, hidden: boolean): void => {
    if (typeof value === "string") {
      // Whatever it is called: a password that was generated is one.
      if (holdsGenerated(value) && (!hidden || type.startsWith("kubernetes:"))) {
        found.push({ path, how: hidden ? "shown" : "plain" });
        return;
      }
      const [, variable, rest] = /^([A-Za-z_]\w*)=(.*)$/s.exec(value) ?? [];
      if (variable && isPassword(variable)) judge(rest, `${path.replace(/\[\d+\]$/, "")}[${variable}]`, hidden);
      else if (isPassword(name)) judge(value, path, hidden);
      return;
    }
    if (Array.isArray(value)) return value.forEach((item, i) => look(item, `${path}[${i}]`, name, hidden));
    if (typeof value !== "object" || value === null) return;
    const object = value as Record<string, unknown>;
    if (secretSignature in object) return look(object.value, path, name, true);
    const variable = "value" in object && typeof object.name === "string" ? object.name : "";
    for (const [key, item] of Object.entries(object)) {
      look(item, path ? `${path}.${key}` : key, key === "value" && variable ? variable : key, hidden);
    }
  };
  if (type !== "kubernetes:core/v1:Secret") {
    look(inputs, "", "", false);
    return found;
  }
  for (const part of ["data", "stringData"] as const) {
    const whole = inputs[part] as Record<string, unknown> | undefined;
    const hidden = whole !== undefined && secretSignature in whole;
    const entries = (hidden ? whole.value : whole) as Record<string, unknown> | undefined;
    for (const [key, value] of Object.entries(entries ?? {})) {
      const marked = typeof value === "object" && value !== null && secretSignature in value;
      const inside: unknown = marked ? (value as Record<string, unknown>).value : value;
      const text = part === "data" && typeof inside === "string" && inside !== unknownValue ? decoded(inside) : inside;
      judge(text, `${part}.${key}`, hidden || marked);
    }
  }
  return found;
}
