// How the commands load their code.
import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";

/** What Pulumi's SDK loads for functions that are sent to a cloud, which no lab has. */
const seldomUsed = ["typescript"];

/** Puts something in a module's place that loads it when it is used. */
function loadOnUse(require, name) {
  const file = require.resolve(name);
  const load = () => {
    delete require.cache[file];
    return require(file);
  };
  let loaded;
  const get = (_, key) => (key === "__esModule" ? true : (loaded ??= load())[key]);
  require.cache[file] = Object.assign(new Module(file), {
    exports: new Proxy({}, { get }),
    filename: file,
    loaded: true,
  });
}

/**
 * Makes TypeScript loadable, its types only stripped: `npm test` checks them. ts-node could do it, but loads the whole
 * compiler first.
 * @param root the project's folder
 * @returns a `require` for the modules of cli/
 */
export function loader(root) {
  const require = createRequire(join(root, "cli", "run.mjs"));
  const sdk = createRequire(require.resolve("@pulumi/pulumi"));
  for (const name of seldomUsed) loadOnUse(sdk, name);
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
