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
      "no-restricted-syntax": ["error", ...always, ...sentences],
    },
  },
  {
    // Tests look at sentences, and try what fails.
    files: ["test/**"],
    rules: { "house/reason-beside": "off", "no-restricted-syntax": ["error", ...always] },
  },
  // Says its reasons once it has settled.
  { files: ["tools/install/closed-network/**"], rules: { "house/reason-beside": "off" } },
  { files: ["**/*.mjs", "**/*.cjs"], ...tseslint.configs.disableTypeChecked },
  {
    files: ["**/*.cjs"],
    rules: { "@typescript-eslint/no-require-imports": "off" },
    languageOptions: { globals: { require: false, module: false, console: false } },
  },
  { files: ["eslint.config.mjs"], rules: { "no-restricted-syntax": "off" } },
);
