import * as ts from "typescript";

/** A fault that could be in a file: the text from `start` to `end` is another. */
export interface Mutant {
  file: string;
  line: number;
  operator: string;
  start: number;
  end: number;
  replacement: string;
}

const otherSign = new Map<ts.SyntaxKind, [operator: string, sign: string]>([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["comparison", "!=="]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["comparison", "==="]],
  [ts.SyntaxKind.LessThanToken, ["comparison", "<="]],
  [ts.SyntaxKind.LessThanEqualsToken, ["comparison", "<"]],
  [ts.SyntaxKind.GreaterThanToken, ["comparison", ">="]],
  [ts.SyntaxKind.GreaterThanEqualsToken, ["comparison", ">"]],
  [ts.SyntaxKind.AmpersandAmpersandToken, ["and/or", "||"]],
  [ts.SyntaxKind.BarBarToken, ["and/or", "&&"]],
]);

/** What an operator makes of a node: the node or token that it replaces, and by what. */
type Change = [operator: string, from: number, to: number, replacement: string];

function changesOf(node: ts.Node, source: ts.SourceFile): Change[] {
  const text = (part: ts.Node) => part.getText(source);
  const instead = (operator: string, part: ts.Node, replacement: string): Change => [
    operator,
    part.getStart(source),
    part.end,
    replacement,
  ];
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken, right } = node;
    if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
      return [left, right].map((side) => instead("one side of ??", node, text(side)));
    }
    const [operator, sign] = otherSign.get(operatorToken.kind) ?? [];
    return operator && sign ? [instead(operator, operatorToken, sign)] : [];
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [instead("no !", node, text(node.operand))];
  }
  if (ts.isConditionalExpression(node)) {
    const { condition, whenTrue, whenFalse } = node;
    return [instead("branches swapped", node, `${text(condition)} ? ${text(whenFalse)} : ${text(whenTrue)}`)];
  }
  if (ts.isNumericLiteral(node)) return [instead("n + 1", node, String(Number(node.text) + 1))];
  if (ts.isIfStatement(node)) return [instead("if never", node.expression, "false")];
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.map((_, i) => {
      const others = node.elements.filter((_, j) => j !== i);
      return instead("element dropped", node, `[${others.map(text).join(", ")}]`);
    });
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression;
    return name.text === "filter" ? [instead("no filter", node, text(expression))] : [];
  }
  return [];
}

/** Every fault that the operators can build into a file. */
export function mutantsOf(file: string, content: string): Mutant[] {
  const source = ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    // What only the compiler reads can be wrong for the compiler only.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    for (const [operator, start, end, replacement] of changesOf(node, source)) {
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      found.push({ file, line, operator, start, end, replacement });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A file's content with a fault in it. */
export const mutated = (content: string, { start, end, replacement }: Mutant) =>
  content.slice(0, start) + replacement + content.slice(end);

/** Tells whether a fault gets past the type check, which `npm test` runs, too. */
export function typeChecker(root: string, files: readonly string[]): (file: string, content: string) => boolean {
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const names = files.map((file) => `${root}/${file}`);
  let version = 0;
  let current: { name?: string; content?: string } = {};
  const versions = new Map<string, number>();
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => names,
    getScriptVersion: (name) => String(versions.get(name) ?? 0),
    getScriptSnapshot: (name) => {
      const content = name === current.name ? current.content : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => ts.sys.fileExists(path),
    // Without these, the types of Node.js are only found for what loads a package that asks for them.
    directoryExists: (path) => ts.sys.directoryExists(path),
    getDirectories: (path) => ts.sys.getDirectories(path),
    readFile: (path, encoding) => ts.sys.readFile(path, encoding),
  });
  return (file, content) => {
    const name = `${root}/${file}`;
    // The file of before is as it was again.
    if (current.name !== undefined) versions.set(current.name, ++version);
    versions.set(name, ++version);
    current = { name, content };
    return service.getSyntacticDiagnostics(name).length === 0 && service.getSemanticDiagnostics(name).length === 0;
  };
}
