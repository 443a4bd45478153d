// Loads the TypeScript code of the commands.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Makes TypeScript files loadable by removing the types, which `npm test` checks. ts-node would load the whole compiler
 * first.
 * @param root the folder of the project
 * @returns a `require` for the modules of tools/
 */
export function loader(root) {
  const require = createRequire(join(root, "tools", "run.mjs"));
  const { transformSync } = require("@swc/core");
  const options = {
    configFile: false,
    swcrc: false,
    jsc: { parser: { syntax: "typescript" }, target: "es2022", keepClassNames: true },
    module: { type: "commonjs" },
  };
  require.extensions[".ts"] = (module, filename) =>
    module._compile(transformSync(readFileSync(filename, "utf8"), { ...options, filename }).code, filename);
  return require;
}
