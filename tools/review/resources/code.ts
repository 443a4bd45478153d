import { isBuiltin } from "node:module";
import { isDeepStrictEqual } from "node:util";
import * as ts from "typescript";
import { Text } from "../../../text";
import { cutTo } from "./values";

export const isCode = (file: string) => /\.[cm]?[jt]s$/.test(file);

const parsed = (text: string) => ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true);

/** What code says, without comments and layout: its words and signs, one by one. */
function meaning(text: string): string[] {
  const source = parsed(text);
  const said: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const parts = node.getChildren(source);
    if (parts.length === 0) said.push(node.getText(source));
    else parts.forEach(visit);
  };
  visit(source);
  return said;
}

/** Whether two versions of a file of code do the same: they differ in comments and layout at most. */
export const saysTheSame = (before: string | undefined, after: string | undefined) =>
  before !== undefined && after !== undefined && isDeepStrictEqual(meaning(before), meaning(after));

const words = (text: string) => text.split(" ");

/** Modules that reach beyond what a comparison of resources shows. */
const reaching = words(
  "child_process worker_threads cluster execa shelljs @pulumi/pulumi/automation http https http2 net tls dgram dns " +
    "inspector undici axios ws @kubernetes/client-node vm module",
);

/** Functions and properties that do. */
const calls = words("dlopen fetch WebSocket eval Function getBuiltinModule _linkedBinding unsecret");

/** Modules of Node.js that only compute. */
const computing = words("assert buffer crypto events os path querystring string_decoder timers url util");

/** What the program that is reviewed has no business with, and the commands around it have. */
const outside = (module: string) =>
  /^(\.\.?\/)+(tools|test)(\/|$)/.test(module) || (isBuiltin(module) && !computing.includes(module));

/** What is loaded or called by a name that nobody can read. */
const computed = [
  /\b(require|import) \( (?!["']|`[^`$]*`)/,
  /\b(require|import) \( ["'`]\//,
  /\. constructor \(/,
  /\b(global(This)?|process)\b( as [^)]*)?( \))? \[ (?!["'][^"']*["'] \]|`[^`$]*` \])/,
  /\[ ["'`][^"'`]*\\/,
];

/** Code as it runs: an import of types loads nothing. */
function withoutTypes(text: string): string {
  const types = parsed(text).statements.filter((one) => ts.isImportDeclaration(one) && one.importClause?.isTypeOnly);
  return types.reduceRight((rest, { pos, end }) => rest.slice(0, pos) + rest.slice(end), text);
}

/** What a text of code uses that reaches beyond the labs. */
function reachesOf(text: string, program: boolean): Set<string> {
  const modules = ts
    .preProcessFile(withoutTypes(text), true, true)
    .importedFiles.map(({ fileName }) => fileName.replace(/^node:/, "").replace(/^([^@./][^/]*)\/.*$/, "$1"));
  const tokens = meaning(text);
  // `pulumi["unsecret"]`
  const names = tokens.map((token) => token.replace(/^["'`]|["'`]$/g, ""));
  const unreadable = computed.some((pattern) => pattern.test(tokens.join(" ")));
  return new Set([
    ...modules.filter((name) => reaching.includes(name) || (program && outside(name))),
    ...names.filter((name) => calls.includes(name)),
    ...(unreadable ? ["eval"] : []),
  ]);
}

/** @param program whether it is the program itself, which has no need of this machine */
export function reachesGained(before: string | undefined, after: string, program = false): string[] {
  const known = reachesOf(before ?? "", program);
  return [...reachesOf(after, program)].filter((name) => !known.has(name));
}

/** Fetches something and runs it unseen: `curl … | sh`, `bash <(curl …)`, `sh -c "$(wget …)"`, `curl … && sh …`. */
const fetched = [
  /\b(?:curl|wget|iwr|Invoke-WebRequest)\b.*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:\w*sh|node|perl|python\d?|iex)\b/i,
  /\b(?:\w*sh|eval|source|node|perl|python\d?|iex)\b.*(?:<\(|\$\(|`|\()\s*(?:curl|wget|iwr|Invoke-WebRequest)\b/i,
  /\b(?:curl|wget|iwr|Invoke-WebRequest)\b.*(?:&&|;)\s*(?:sudo\s+)?(?:\.|\w*sh|source|node|perl|python\d?|chmod\s+\S*[+x157])\s+\S/i,
];

const fetcher = /curl|wget|iwr|Invoke-WebRequest/i;

/** A line is looked at around what fetches: a file of data may have no other line ends. */
const around = (line: string) => {
  const at = line.search(fetcher);
  return at < 0 ? "" : line.slice(Math.max(0, at - 500), at + 1500);
};

export const unseen = (line: string): Text => {
  const short = cutTo(line, 100).replaceAll("`", "'");
  return {
    en: `\`${short}\` fetches a program and runs it unseen. What comes from there may be another thing tomorrow.`,
    ko: `\`${short}\` 명령이 프로그램을 내려받아 보지도 않고 실행합니다. 거기에서 오는 것은 내일 달라질 수 있습니다.`,
  };
};

/** The lines of a text that fetch something and run it, and were not there before. */
export function fetchedAndRun(before: string | undefined, after: string): string[] {
  const lines = (text: string) =>
    text
      .replace(/\\\r?\n/g, " ")
      .split("\n")
      .map((line) => around(line.trim()))
      .filter((line) => line !== "");
  const known = new Set(lines(before ?? ""));
  // A comment runs nothing.
  return lines(after)
    .filter((line) => !known.has(line) && !/^(#(?!!)|\/\/|\/?\*|<!--)/.test(line))
    .filter((line) => fetched.some((pattern) => pattern.test(line)));
}
