// One preview in a process of its own, by Pulumi's Automation API; prints its time and what it found.
//   node bench/preview-once.mjs FOLDER labs            this project, opened as `npm run preview` opens it
//   node bench/preview-once.mjs FOLDER PROJECT [FLAG]  any other, opened as Pulumi's documentation does
// With the flag `check` the program's types are checked, with `up` it is provisioned first.
import { createRequire } from "node:module";
import { join } from "node:path";
import { loader } from "../cli/load.mjs";

const [folder, projectName, flag] = process.argv.slice(2);
process.chdir(folder);

/** What the commands do with the labs, in the place of the Automation API's stack. */
function openLabs() {
  const { preview } = loader(folder)("./pulumi.ts");
  return {
    preview: async () => {
      let changeSummary;
      const onEvent = ({ summaryEvent }) => (changeSummary = summaryEvent?.resourceChanges ?? changeSummary);
      await preview({ name: "dev" }, { onEvent });
      return { changeSummary };
    },
  };
}

async function openOther() {
  const require = createRequire(join(folder, "index.ts"));
  require("ts-node").register({ transpileOnly: flag !== "check" });
  // ts-node maps every stack trace back to TypeScript, and Pulumi takes many: it is not what is measured here.
  Error.prepareStackTrace = undefined;
  const { LocalWorkspace } = require("@pulumi/pulumi/automation");
  const program = async () => ({ ...require("./index.ts") });
  return LocalWorkspace.createOrSelectStack({ stackName: "dev", projectName, program }, { workDir: folder });
}

const stack = await (projectName === "labs" ? openLabs() : openOther());
if (flag === "up") await stack.up();
const started = performance.now();
const { changeSummary } = await stack.preview();
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, changeSummary }));
