import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { labNames } from "../../config";
import { register, Registered } from "../../tools/review/resources/register";
import type { State, StateResource } from "../../tools/stack/stack";

type Inputs = Record<string, unknown>;

const states = JSON.parse(
  readFileSync(join(__dirname, "../fixtures/recordings/earlier-states.json"), "utf8"),
) as Record<"docker" | "kubernetes", State>;

/** What this version of the program makes of settings. */
async function program(settings: Record<string, string>): Promise<Registered[]> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const state = require("@pulumi/pulumi/runtime/state") as Parameters<typeof register>[1]["state"];
  const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`course-labs:${key}`, value]));
  const index = require.resolve("../../index");
  const run = () => {
    delete require.cache[index];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(index) as unknown;
  };
  return register(run, { pulumi, state, project: "course-labs", stack: "dev", config });
}

/** Inputs without what the plugins add to them and what they are told while they run; the order of labels is no matter. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value === "string") return value.replace(/^(sha256:)?[0-9a-f]{8,}$/, "COMPUTED");
  if (typeof value !== "object" || value === null) return value;
  const added = ["__defaults", ...((value as { __defaults?: string[] }).__defaults ?? [])];
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (added.includes(key) ? [] : [[key, plain(item)]])),
  );
}

/** What makes the resources that hold data, or that lead to it, anew where it differs, by the plugins' documentation. */
const holding: Record<string, (inputs: Inputs) => unknown> = {
  "docker:index/volume:Volume": (inputs) => inputs,
  "random:index/randomId:RandomId": (inputs) => inputs,
  "random:index/randomPassword:RandomPassword": (inputs) => inputs,
  "kubernetes:core/v1:Namespace": ({ metadata }) => (metadata as Inputs).name,
  "kubernetes:core/v1:PersistentVolumeClaim": ({ metadata, spec }) => {
    const { name, namespace } = metadata as Inputs;
    return { name, namespace, spec };
  },
};
// The container that a student writes in holds data, too.
const isStudents = ({ urn }: { urn: string }) => urn.includes("RegistryLab$docker:index/container:");

describe("an update from an earlier version", () => {
  for (const [what, { resources }, settings] of [
    [
      "Docker's labs",
      states.docker,
      {
        labs: JSON.stringify(["redis", "registry", "compose"]),
        ...{ prefix: "ck-", composePort: "33000", registryImage: "ck-base/debian:12" },
      },
    ],
    [
      "the Kubernetes lab",
      states.kubernetes,
      {
        labs: JSON.stringify(["kubernetes"]),
        ...{ kubernetesNamespace: "elsewhere", kubeContext: "elsewhere", nodePort: "30082" },
      },
    ],
  ] as [string, State, Record<string, string>][]) {
    describe(`of ${what}`, () => {
      const made = resources.filter(({ type }) => !type.startsWith("pulumi:"));
      const held = made.filter((one) => holding[one.type] || isStudents(one));
      let now: Map<string, Registered>;
      before(async () => {
        const all = await program(settings);
        now = new Map(all.flatMap((one) => [one.urn, ...(one.aliases ?? [])].map((urn) => [urn, one] as const)));
      });

      it("finds every resource again: none is re-created under another name", () =>
        assert.deepEqual(
          made.map(({ urn }) => urn).filter((urn) => !now.has(urn)),
          [],
        ));

      it("replaces nothing that holds data or depends on it", () => {
        const replacing = ({ type, inputs = {} }: Pick<StateResource, "type" | "inputs">) => {
          // A trigger where there was none replaces nothing.
          const rest = Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== "replacementTrigger"));
          return plain(holding[type]?.(rest) ?? rest);
        };
        assert.deepEqual(
          held.map((one) => [one.urn, replacing(now.get(one.urn)!)]),
          held.map((one) => [one.urn, replacing(one)]),
        );
        const asked = held.map(({ urn }) => now.get(urn)!).filter(({ replaceOnChanges }) => replaceOnChanges?.length);
        assert.deepEqual(asked, []);
      });
    });
  }

  it("covers everything that holds data", () => {
    const types = Object.values(states).flatMap(({ resources }) => resources.map(({ type }) => type));
    assert.deepEqual(
      Object.keys(holding).filter((type) => !types.includes(type)),
      [],
    );
    assert.ok(labNames.length === 4 && states.docker.resources.some(isStudents));
  });
});
