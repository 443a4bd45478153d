// The same rules as a policy pack: pulumi preview --policy-pack policies
import { PolicyPack, ResourceValidationPolicy } from "@pulumi/policy";
import { parseSettings, project } from "../../../config";
import { Allowed, rules } from "./rules";

/** What the stack's settings allow; Pulumi hands them to its policy packs as JSON. */
function allowed(): Allowed {
  const config = JSON.parse(process.env.PULUMI_CONFIG ?? "{}") as Record<string, string>;
  const ours = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  return parseSettings(Object.fromEntries(ours.map(([key, value]) => [key.slice(project.length + 1), value])));
}

/**
 * A pack sees secrets as plain text, so that it cannot tell a generated password from one that is written down, except
 * where none belongs: in a pod. The `npm run` commands look at the program itself, and can.
 */
const tells = (rule: string, type: string) =>
  rule !== "no-plain-text-password" || (type.startsWith("kubernetes:") && !type.endsWith(":Secret"));

const policies = rules.map(({ name, description, check }): ResourceValidationPolicy => ({
  name,
  description,
  enforcementLevel: "mandatory",
  validateResource: ({ type, name: of, props }, report) => {
    if (!tells(name, type) || type === "kubernetes:core/v1:Node") return;
    for (const { en } of check({ type, name: of, inputs: props }, allowed())) report(en);
  },
}));

new PolicyPack(project, { policies });
