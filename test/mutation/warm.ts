// Runs test files for the process that started it, without starting Node.js, its packages and the compiler each time.
import { sep } from "node:path";
import Mocha from "mocha";
import { REGISTER_INSTANCE } from "ts-node";

const folder = process.cwd() + sep;
const timeout = Number(process.argv[2]);

const compiler = process[REGISTER_INSTANCE];
if (compiler) {
  const compile = compiler.compile.bind(compiler);
  const compiled = new Map<string, string>();
  compiler.compile = (code, file) => {
    const key = `${file}\n${code}`;
    const output = compiled.get(key) ?? compile(code, file);
    compiled.set(key, output);
    return output;
  };
}

/** Lets go of what is loaded of the project, also where a package remembers that it loaded it. */
function forget() {
  for (const [path, module] of Object.entries(require.cache)) {
    if (path.startsWith(folder)) delete require.cache[path];
    else if (module) module.children = module.children.filter(({ id }) => !id.startsWith(folder));
  }
}

/** Whether the tests of a file pass, the project loaded anew. */
async function pass(file: string): Promise<boolean> {
  const env = { ...process.env };
  try {
    forget();
    const mocha = new Mocha({ bail: true, timeout, reporter: class {} as never }).addFile(folder + file);
    const failures = await new Promise((resolve) => mocha.run(resolve));
    mocha.dispose();
    return failures === 0;
  } catch {
    return false; // It cannot be loaded.
  } finally {
    process.chdir(folder);
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    process.exitCode = undefined;
  }
}

process.on("message", (file: string) => void pass(file).then((passed) => process.send?.(passed)));
// Whoever started it may be gone.
process.on("disconnect", () => process.exit());
