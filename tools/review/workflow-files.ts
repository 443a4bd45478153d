import { Warning } from "./resources/model";
import { isForeign } from "./resources/images";
import { at, isObject, shown } from "./resources/values";

/** Events by which somebody else's change runs with this repository's rights. */
const foreign = ["pull_request_target", "workflow_run", "issue_comment", "issues", "repository_dispatch"];

/** Everything in a workflow that gives somebody something. @see https://docs.github.com/actions/reference/security */
function given(workflow: unknown): Set<string> {
  const found = new Set<string>();
  if (!isObject(workflow)) return found;
  const events = JSON.stringify(workflow.on ?? "");
  for (const event of foreign) if (events.includes(`"${event}"`)) found.add(`on: ${event}`);
  const look = (value: unknown, key: string, within: string, job: string): void => {
    if (Array.isArray(value)) return value.forEach((item) => look(item, key, within, job));
    if (isObject(value)) {
      if (/^actions\/checkout@/.test(shown(value.uses)) && at(value, "with.persist-credentials") !== false)
        found.add("actions/checkout: persist-credentials");
      for (const [name, item] of Object.entries(value)) {
        const inside = name === "permissions" || within === "permissions" ? "permissions" : key;
        look(item, name, inside, key === "jobs" && within === "" ? `jobs.${name}: ` : job);
      }
      return;
    }
    const is = String(value);
    if (within === "permissions" && /write/.test(is))
      found.add(`${job}permissions: ${key === "permissions" ? "" : `${key}: `}${is}`);
    if (key === "uses" && !is.startsWith("./")) {
      if (!/^(actions|github)\//.test(is)) found.add(`uses: ${is.replace(/@.*/, "")}`);
      // One commit is always the same; a tag is whatever its owner makes of it.
      if (!/@[0-9a-f]{40}$/.test(is)) found.add(`uses: ${is}`);
    }
    if ((key === "container" || key === "image") && isForeign("ubuntu", is)) found.add(`${key}: ${is}`);
    if (key === "ref" && /\bhead\b|head_ref/.test(is)) found.add(`ref: ${is}`);
    if (key === "runs-on" && /self-hosted/.test(is)) found.add(`runs-on: ${is}`);
    if (/^(run|script)$/.test(key) && /\$\{\{\s*github\.(event|head_ref)/.test(is))
      found.add("run: text of the event as a command");
    for (const [, name] of is.matchAll(/\bsecrets\.(\w+)|toJSON\(secrets\)/g))
      found.add(`${job}secrets.${name ?? "*"}`);
    if (/\bgithub\.token\b/.test(is)) found.add(`${job}github.token`);
    if (key === "secrets" && is === "inherit") found.add(`${job}secrets: inherit`);
  };
  look(workflow, "", "", "");
  const jobs = isObject(workflow.jobs) ? Object.entries(workflow.jobs) : [];
  for (const [name, job] of jobs) {
    if (workflow.permissions === undefined && !(isObject(job) && job.permissions !== undefined))
      found.add(`jobs.${name}: the repository's default permissions`);
  }
  return found;
}

/** What a workflow gives away that it did not before. */
export function workflowGives(file: string, before: unknown, after: unknown): Warning[] {
  const known = given(before);
  return [...given(after)]
    .filter((gift) => !known.has(gift))
    .map((gift) => ({
      ...{ kind: "security", dangerous: true, lab: file },
      text: {
        en: `\`${gift}\` is new: it grants more than before to anyone who can trigger the workflow. Find out who can.`,
        ko: `\`${gift}\` 추가. 이 워크플로를 실행시킬 수 있는 사람에게 전보다 많은 권한을 줍니다. 누가 실행시킬 수 있는지 확인하세요.`,
      },
    }));
}
