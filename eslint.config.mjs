import tseslint from "typescript-eslint";

/** A sentence may be improved at any time, and no program may go by it. */
const text = "MemberExpression[property.name=/^(en|ko)$/]";
const sentences = [
  `BinaryExpression[operator=/^[!=]==?$/] > ${text}`,
  `CallExpression[callee.property.name=/^(test|exec)$/] > ${text}.arguments`,
  `CallExpression[callee.property.name=/^(startsWith|endsWith|includes|indexOf|match|search|split|slice|at)$/] > MemberExpression.callee > ${text}.object`,
].map((selector) => ({
  selector,
  message: "Go by what a text was made of (a cause, a kind, a name), not by its words.",
}));

const always = [
  { selector: "ExportDefaultDeclaration", message: "Export by name." },
  { selector: "CallExpression[callee.property.name=/^(only|skip)$/]", message: "Tests run whole." },
];

/** How long something takes, or may take. */
const spans = [
  {
    selector:
      "BinaryExpression[operator=/^[-+]$/] > CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "Measure with performance.now(): the clock may be set meanwhile.",
  },
];

/** Refuses a `catch` that lets an error go without a comment that says why. */
const reasonBeside = {
  meta: { type: "problem", messages: { none: "Say beside it why this error may be let go." } },
  create({ sourceCode, report }) {
    const told = (node) =>
      sourceCode.getCommentsInside(node).length > 0 || sourceCode.getCommentsBefore(node).length > 0;
    /** What a comment stands above: a whole statement, or an entry of an object. */
    const whole = (node) =>
      /^(Program|BlockStatement|SwitchCase|ClassBody|ObjectExpression)$/.test(node.parent.type)
        ? node
        : whole(node.parent);
    return {
      CatchClause(node) {
        const throws = node.body.body.at(-1)?.type === "ThrowStatement";
        if (!node.param && !throws && !told(node) && !told(node.parent)) report({ node, messageId: "none" });
      },
      "CallExpression[callee.property.name='catch']"(node) {
        const [handler] = node.arguments;
        const lets = /Function/.test(handler?.type) && handler.params.length === 0;
        if (lets && !told(whole(node))) report({ node, messageId: "none" });
      },
    };
  },
};

/** Functions over 60 lines: where, how long the longest is, and why it is not several. */
const long = [
  // A constructor reads as the list of what a component makes.
  ["components/*.ts", 110],
  // A table of causes, the surest first: each is a few lines, and the order is the point.
  ["tools/{causes/{ends,storage},checks/doctor/docker,see/note}.ts", 94],
  // A check with every way in which it fails, each with its sentence in two languages.
  ["tools/checks/{target,labs/*}.ts", 88],
  // The rows of one table.
  ["tools/checks/report/compare.ts", 120],
  // What is asked at once, and put together in one place.
  ["tools/class/watched.ts", 94],
];
const lines = (max) => ["error", { max, skipComments: true, skipBlankLines: true }];

export default tseslint.config(
  { ignores: ["node_modules/", ".pulumi/"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.mjs", "tools/*.mjs", ".github/scripts/*.mjs", "test/*.cjs"] },
      },
    },
    plugins: { house: { rules: { "reason-beside": reasonBeside } } },
    rules: {
      eqeqeq: "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "house/reason-beside": "error",
      "no-restricted-syntax": ["error", ...always, ...sentences, ...spans],
    },
  },
  {
    // Tests look at sentences, and try what fails.
    files: ["test/**"],
    rules: { "house/reason-beside": "off", "no-restricted-syntax": ["error", ...always] },
  },
  {
    files: ["*.ts", "components/**", "config/**", "tools/**"],
    rules: { "max-lines-per-function": lines(60) },
  },
  ...long.map(([file, max]) => ({ files: [file], rules: { "max-lines-per-function": lines(max) } })),
  // Says its reasons once it has settled.
  {
    files: ["tools/install/closed-network/**"],
    rules: { "house/reason-beside": "off", "max-lines-per-function": "off" },
  },
  { files: ["**/*.mjs", "**/*.cjs"], ...tseslint.configs.disableTypeChecked },
  {
    files: ["**/*.cjs"],
    rules: { "@typescript-eslint/no-require-imports": "off" },
    languageOptions: { globals: { require: false, module: false, console: false } },
  },
  { files: ["eslint.config.mjs"], rules: { "no-restricted-syntax": "off" } },
);
