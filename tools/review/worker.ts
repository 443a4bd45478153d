// Runs the program of one revision, in a process and with the packages of its own. Started by program.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import type * as automation from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { configOf } from "../stack/settings";
import type { Text } from "../../text";
import { observe, Observed, PulumiModules } from "./resources/register";

export type Request =
  | { ask: "register"; project: string; stack: string }
  | {
      ask: "preview";
      labs: string[];
      deployment: automation.Deployment;
      backend: string;
      /** Where the tools and Docker are, which may have been found since this process started. */
      env: NodeJS.ProcessEnv;
    };

/** What a program is, as far as it can be told without running anything. */
export interface RegisterAnswer extends Observed {
  /** Every setting with its default, as text; only what the stack's file has, where the program does not tell. */
  settings: Record<string, string>;
  labs: string[];
}

export interface PreviewAnswer {
  steps: StepEventMetadata[];
}

export interface Failure {
  failure: { text?: Text; message: string; reported: string[] };
}

export type Answer = RegisterAnswer | PreviewAnswer | Failure;

// Two copies of Pulumi do not understand each other: the program's own is used.
const load = createRequire(join(process.cwd(), "index.ts"));
const modules = (): PulumiModules => ({
  pulumi: load("@pulumi/pulumi") as PulumiModules["pulumi"],
  state: load("@pulumi/pulumi/runtime/state") as PulumiModules["state"],
});

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** What the program makes of the config: with its defaults, where its config.ts tells them; others' settings as they are. */
function settingsOf(project: string, config: Record<string, string>): Record<string, string> {
  const entries = Object.entries(config);
  const isOurs = (key: string) => key.startsWith(`${project}:`);
  const { parseSettings } = load("./config") as { parseSettings?: (raw: Record<string, string>) => object };
  const raw = Object.fromEntries(
    entries.filter(([key]) => isOurs(key)).map(([key, value]) => [key.slice(project.length + 1), value]),
  );
  const settings = parseSettings ? parseSettings(raw) : raw;
  return Object.fromEntries(
    [...Object.entries(settings), ...entries.filter(([key]) => !isOurs(key))]
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, asText(value)]),
  );
}

function program(): unknown {
  // A module runs once a process, the program once for each of the two questions.
  const index = load.resolve("./index");
  delete load.cache[index];
  return load(index);
}

async function registered({ project, stack }: { project: string; stack: string }): Promise<RegisterAnswer> {
  const values = Object.entries(configOf(stack, project));
  const config = Object.fromEntries(values.map(([key, value]) => [key, asText(value)]));
  const settings = settingsOf(project, config);
  const labs = JSON.parse(settings.labs ?? "[]") as string[];
  return { settings, labs, ...(await observe(program, { ...modules(), project, stack, config })) };
}

async function previewed(
  { project, stack }: { project: string; stack: string },
  { labs, deployment, backend, env }: Extract<Request, { ask: "preview" }>,
  reported: string[],
): Promise<PreviewAnswer> {
  Object.assign(process.env, env);
  const { LocalWorkspace } = load("@pulumi/pulumi/automation") as typeof automation;
  const { pulumi } = modules();
  const opened = await LocalWorkspace.createStack(
    {
      stackName: stack,
      projectName: project,
      // eslint-disable-next-line @typescript-eslint/require-await
      program: async () => {
        pulumi.runtime.setConfig(`${project}:labs`, JSON.stringify(labs));
        return program() as Record<string, unknown>;
      },
    },
    {
      workDir: process.cwd(),
      envVars: { PULUMI_BACKEND_URL: backend, PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true" },
    },
  );
  await opened.importStack(deployment);
  const steps: StepEventMetadata[] = [];
  await opened.preview({
    suppressProgress: true,
    onEvent: ({ resourcePreEvent: pre, diagnosticEvent: told }) => {
      if (pre?.planning) steps.push(pre.metadata);
      if (told?.severity === "error") reported.push(told.message.trim());
    },
  });
  return { steps };
}

/** The program is compared with what was deployed last, not with what somebody has done to it since. */
function withoutRefresh(): void {
  const file = "Pulumi.yaml";
  const content = parse(readFileSync(file, "utf8")) as { options?: { refresh?: unknown } };
  if (content.options?.refresh === undefined) return;
  delete content.options.refresh;
  writeFileSync(file, stringify(content));
}

let about: { project: string; stack: string };
process.on("message", (request: Request) => {
  const reported: string[] = [];
  const work = async (): Promise<Answer> => {
    if (request.ask === "preview") {
      withoutRefresh();
      return previewed(about, request, reported);
    }
    about = request;
    return registered(request);
  };
  work().then(
    (answer) => process.send!(answer),
    (error: Error & { text?: Text }) =>
      process.send!({ failure: { text: error.text, message: error.message, reported } } satisfies Failure),
  );
});
