import * as pulumi from "@pulumi/pulumi";
import { project, Settings } from "../../../config";
import { called, labOf } from "../resources/labs";
import { register, Registered } from "../resources/register";
import { explain } from "../../stack/explain";
import { LabError, lines, Text } from "../../../text";
import { Allowed, rules } from "./rules";

export interface Violation {
  rule: string;
  urn: string;
  lab: string;
  name: string;
  text: Text;
}

/** Every rule that a resource of a program breaks. What a program only looks up is not its to mend. */
export function violations(resources: readonly Registered[], allowed: Allowed): Violation[] {
  const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
  return (
    resources
      .filter(({ read }) => !read)
      // What a component notes as its result is kept and shown in plain text, as what it is made with is.
      .flatMap((resource) => [resource, ...(resource.outputs ? [{ ...resource, inputs: resource.outputs }] : [])])
      .flatMap((resource) =>
        rules.flatMap(({ name: rule, check }) =>
          check(resource, allowed).map((wrong) => {
            const { urn, name } = resource;
            const text = { en: `${called(resource)}: ${wrong.en}`, ko: `${called(resource)}: ${wrong.ko}` };
            return { rule, urn, lab: labOf(urn, parents), name, text };
          }),
        ),
      )
  );
}

export function refusal(found: readonly Violation[]): LabError {
  const listed = lines(
    found.map(({ rule, text }) => ({ en: `  - ${text.en} [${rule}]`, ko: `  - ${text.ko} [${rule}]` })),
  );
  return new LabError({
    en: `Nothing was changed, because the program breaks the rules in tools/review/policies/rules.ts:\n${listed.en}`,
    ko: `프로그램이 tools/review/policies/rules.ts 파일의 규칙을 어겨서 아무것도 바꾸지 않았습니다:\n${listed.ko}`,
  });
}

/** The settings as Pulumi hands them to a program. */
const configOf = (settings: Settings) =>
  Object.fromEntries(
    Object.entries(settings)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`${project}:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
  );

/** @throws LabError that lists every broken rule with its remedy; no engine, Docker or cluster is asked */
export async function checkPolicies(stack: string, settings: Settings): Promise<void> {
  const program = () => {
    // A module runs once a process; the program runs again when its resources are made.
    const index = require.resolve("../../../index");
    delete require.cache[index];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(index) as unknown;
  };
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const state = require("@pulumi/pulumi/runtime/state") as Parameters<typeof register>[1]["state"];
  const options = { pulumi, state, project, stack, config: configOf(settings) };
  // A program that does not run would not do so later either.
  const resources = await register(program, options).catch((error: Error) => {
    throw explain([], error);
  });
  const found = violations(resources, settings);
  if (found.length > 0) throw refusal(found);
}
