import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program } from "../../tools/review/program";
import { LabError } from "../../text";
import { RegisterAnswer } from "../../tools/review/worker";

describe("the program of a revision", function () {
  // A process of its own for each, with TypeScript in it.
  this.timeout(60_000);
  let folder: string;

  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "review-program-"));
    const root = join(__dirname, "../..");
    for (const file of ["package.json", "tsconfig.json"]) copyFileSync(join(root, file), join(folder, file));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    write("Pulumi.yaml", "name: course-labs\n");
    write("config.ts", "export {};\n");
    write("index.ts", "export = {};\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const registered = async (): Promise<RegisterAnswer> => {
    const program = new Program(folder, "course-labs", "dev");
    return program.register().finally(() => program.end());
  };

  it("has the settings of its own stack before those of all stacks", async () => {
    write(
      "Pulumi.yaml",
      `name: course-labs
config:
  course-labs:bindAddress: { value: 0.0.0.0 }
  redisPort: { type: integer, default: 6380 }
  course-labs:prefix: a-
`,
    );
    write("Pulumi.dev.yaml", "config:\n  prefix: b-\n  pulumi:disable-default-providers: [docker]\n");
    assert.deepEqual((await registered()).settings, {
      bindAddress: "0.0.0.0",
      redisPort: "6380",
      prefix: "b-",
      "pulumi:disable-default-providers": '["docker"]',
    });
  });

  it("is refused with encrypted settings, and told what to write instead", async () => {
    write("Pulumi.dev.yaml", "config:\n  course-labs:kubeContext:\n    secure: v1:abc\n");
    await assert.rejects(registered(), (error: LabError) =>
      /kubeContext in .* is encrypted.*--plaintext/.test(error.text.en),
    );
  });

  it("is refused for every question once it has ended by itself", async () => {
    write("index.ts", "process.exit(0);\n");
    const program = new Program(folder, "course-labs", "dev");
    try {
      for (let i = 0; i < 2; i++) {
        await assert.rejects(program.register(), (error: LabError) => /ended by itself/.test(error.text.en));
      }
    } finally {
      program.end();
    }
  });
});
