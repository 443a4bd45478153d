import type { Deployment } from "@pulumi/pulumi/automation";
import { exported } from "../install/pulumi";
import { withoutAddress } from "../stack/same-docker";
import type { StateResource } from "../stack/stack";
import { labNames } from "../../config";
import { labOf, shared } from "./resources/labs";

interface Resource extends StateResource {
  /** A plugin makes it. */
  custom?: boolean;
  parent?: string;
  /** `urn::id` of the provider. */
  provider?: string;
}

/** What is running, as Pulumi noted it. */
export interface Running {
  deployment: Deployment;
  labs: string[];
  /** What is in no lab. */
  outside: string[];
  parents: ReadonlyMap<string, string | undefined>;
}

const resourcesOf = ({ deployment }: Deployment) => (deployment as { resources?: Resource[] } | null)?.resources ?? [];

const parentsOf = (resources: readonly Resource[]) => new Map(resources.map(({ urn, parent }) => [urn, parent]));

export function running(deployment: Deployment): Running {
  const resources = resourcesOf(deployment);
  const parents = parentsOf(resources);
  const labsOf = (some: readonly Resource[]) =>
    [...new Set(some.map(({ urn }) => labOf(urn, parents)))].filter((lab) => lab !== shared);
  const labs = labsOf(resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"));
  const made = labsOf(resources.filter(({ custom }) => custom));
  return { deployment, parents, labs, outside: made.filter((lab) => !(labNames as readonly string[]).includes(lab)) };
}

/** The state of some labs, with what they share. */
export function stateOfLabs({ deployment, parents }: Running, labs: readonly string[]): Deployment {
  const kept = resourcesOf(deployment).filter(({ urn }) => [shared, ...labs].includes(labOf(urn, parents)));
  const used = new Set(kept.map(({ provider }) => provider));
  const resources = kept.filter(
    ({ type, urn, id }) => !type.startsWith("pulumi:providers:") || used.has(`${urn}::${id}`),
  );
  const rest = deployment.deployment as object;
  return { ...deployment, deployment: { ...rest, resources, pending_operations: [] } };
}

/** Reads the state of a stack; undefined if there is no such stack, or nothing in it. Changes nothing. */
export async function readState(stack: string): Promise<Running | undefined> {
  const state = await exported(stack).catch((error: Error) => {
    if (/no stack named/.test(error.message)) return undefined;
    throw error;
  });
  if (!state) return undefined;
  const deployment = withoutAddress(state.deployment as Parameters<typeof withoutAddress>[0]);
  const found = running({ ...state, deployment });
  return found.labs.length > 0 ? found : undefined;
}
