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

type Power = "programs" | "network" | "text" | "secrets" | "machine";

/** What code may begin to do that no comparison of resources shows. */
const powers: Record<Power, Text> = {
  programs: { en: "start other programs", ko: "다른 프로그램을 실행하기 시작합니다" },
  network: { en: "talk to the network", ko: "네트워크와 통신하기 시작합니다" },
  text: { en: "run text as code", ko: "글을 코드로 실행하기 시작합니다" },
  secrets: { en: "turn secrets into plain text", ko: "비밀 값을 드러내기 시작합니다" },
  machine: { en: "look at this machine or change it", ko: "이 컴퓨터의 것을 읽거나 바꾸기 시작합니다" },
};

const words = (text: string) => text.split(" ");

/** By what it is known: modules, functions and properties. */
const signs: Record<Power, { modules: string[]; names: string[] }> = {
  programs: {
    modules: ["child_process", "worker_threads", "cluster", "execa", "shelljs", "@pulumi/pulumi/automation"],
    names: ["dlopen"],
  },
  network: {
    modules: words("http https http2 net tls dgram dns inspector undici axios ws @kubernetes/client-node"),
    names: ["fetch", "WebSocket"],
  },
  text: { modules: ["vm", "module"], names: ["eval", "Function", "getBuiltinModule", "_linkedBinding"] },
  secrets: { modules: [], names: ["unsecret"] },
  machine: { modules: ["fs", "process"], names: [] },
};

/** Modules of Node.js that only compute. */
const computing = words("assert buffer crypto events os path querystring string_decoder timers url util");

/** What the program that is reviewed has no business with, and the commands around it have. */
const outside = (module: string) =>
  /^(\.\.?\/)+(tools|test)(\/|$)/.test(module) ||
  (isBuiltin(module) &&
    !Object.values(signs).some(({ modules }) => modules.includes(module)) &&
    !computing.includes(module));

function used(text: string): { modules: Set<string>; names: Set<string> } {
  const [modules, names] = [new Set<string>(), new Set<string>()];
  const load = (from: ts.Node | undefined) => {
    if (from && ts.isStringLiteralLike(from) && !from.text.startsWith("/"))
      modules.add(from.text.replace(/^node:/, "").replace(/^([^@./][^/]*)\/.*$/, "$1"));
    else if (from) names.add("eval");
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) load(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) load(node.expression);
    else if (ts.isCallExpression(node)) {
      const { expression: called } = node;
      const isLoad = called.kind === ts.SyntaxKind.ImportKeyword || /(^|\.)require$/.test(called.getText());
      // What is loaded by a computed name may be anything.
      if (isLoad) load(node.arguments[0]);
      if (/\.constructor$/.test(called.getText())) names.add("Function");
    }
    if (ts.isIdentifier(node)) names.add(node.text);
    // `pulumi["unsecret"]`
    if (ts.isElementAccessExpression(node)) {
      if (ts.isStringLiteralLike(node.argumentExpression)) names.add(node.argumentExpression.text);
      else if (/^\(?(global(This)?|process)\b/.test(node.expression.getText())) names.add("eval");
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed(text));
  return { modules, names };
}

/** @param program whether it is the program itself, which has no need of this machine */
export function powersGained(before: string | undefined, after: string, program = false): Text[] {
  const [was, is] = [used(before ?? ""), used(after)];
  const has = ({ modules, names }: ReturnType<typeof used>, power: Power) =>
    signs[power].modules.some((name) => modules.has(name)) ||
    signs[power].names.some((name) => names.has(name)) ||
    (power === "machine" && [...modules].some(outside));
  return (Object.keys(powers) as Power[])
    .filter((power) => program || power !== "machine")
    .filter((power) => has(is, power) && !has(was, power))
    .map((power) => powers[power]);
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
