import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { separateConnections } from "./engine-connections";
import { edit } from "./edits";
import { clone, remove } from "./harness";

/** pulumi preview --policy-pack policies, with the program in this process. */
describe("the rules as a policy pack", () => {
  let folder: string;
  const path = process.env.PATH;

  before(() => {
    folder = clone();
    // What the official release has beside the CLI for packs in TypeScript.
    const starter = join(folder, ".git", "start.cjs");
    writeFileSync(
      starter,
      'require(require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [process.cwd()] }));\n',
    );
    const analyzer = join(folder, ".git", "pulumi-analyzer-policy-nodejs");
    writeFileSync(analyzer, `#!/bin/sh\nexec "${process.execPath}" "${starter}" "$@"\n`, { mode: 0o755 });
    process.env.PATH = join(folder, ".git") + delimiter + path;
  });
  after(() => {
    process.env.PATH = path;
    remove(folder);
  });

  async function preview() {
    separateConnections();
    const index = require.resolve(join(folder, "index"));
    for (const file of Object.keys(require.cache).filter((name) => name.startsWith(folder))) delete require.cache[file];
    const stack = await LocalWorkspace.createOrSelectStack(
      {
        stackName: "dev",
        projectName: "course-labs",
        // eslint-disable-next-line @typescript-eslint/require-await
        program: async () => {
          pulumi.runtime.setConfig("course-labs:labs", '["redis"]');
          // eslint-disable-next-line @typescript-eslint/no-require-imports
          return require(index) as Record<string, unknown>;
        },
      },
      {
        workDir: folder,
        envVars: { PULUMI_BACKEND_URL: `file://${join(folder, ".git")}`, PULUMI_CONFIG_PASSPHRASE: "pack" },
      },
    );
    return stack.preview({ policyPacks: ["policies"] });
  }

  it("lets the labs pass", async () => {
    const { changeSummary, stdout } = await preview();
    assert.ok((changeSummary.create ?? 0) > 5, stdout);
    assert.match(stdout, /course-labs@v/);
  });

  it("refuses what breaks a rule, and names it", async () => {
    const labels = "labels: args.owner.dockerLabels,";
    const asBefore = edit(folder, [["components/redis-lab.ts", labels, ""]]);
    try {
      await assert.rejects(preview(), /\[mandatory\] +labels +\(docker:index\/container:Container: redis-container\)/);
    } finally {
      asBefore();
    }
  });
});
