import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { WatchEvent } from "../../tools/see/objects";

const lines = <T>(name: string, edit = (text: string) => text): T[] =>
  edit(readFileSync(join(__dirname, "..", "fixtures", "recordings", name), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

/** A watch of a real cluster; a copy each time, to be changed. */
export const recorded = (name: "pod-creation" | "pod-replaced", edit?: (text: string) => string) =>
  lines<WatchEvent>(`${name}-watch.jsonl`, edit);

export interface Audit {
  user: { username: string };
  verb: string;
  objectRef: { resource: string; subresource?: string; name?: string };
  responseStatus: { code: number };
  responseObject?: { metadata: { name: string; resourceVersion: string } };
}

/** What the API server itself noted of the creation. */
export const audited = () => lines<Audit>("pod-creation-audit.jsonl");
