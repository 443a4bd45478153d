import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { byHand } from "../../tools/review/editions";
import { FileKind, kindOf, lookInto } from "../../tools/review/files";

describe("what people build from and apply by hand", () => {
  const root = join(__dirname, "../..");
  /** What is said where something in a file of the project stands otherwise. */
  const said = (file: string, ...edits: [string | RegExp, string][]) => {
    const before = readFileSync(join(root, file), "utf8");
    const after = edits.reduce((text, [from, to]) => {
      assert.notEqual(text.replace(from, to), text, String(from));
      return text.replace(from, to);
    }, before);
    return byHand(file, before, after)?.map(({ kind, dangerous, text }) => `${kind}${dangerous ? "!" : ""} ${text.en}`);
  };
  const [dockerfile, compose, kubernetes] = [
    "docker/redis/Dockerfile",
    "docker/compose/compose.yaml",
    "docker/kubernetes/wordpress-k8s.yml",
  ];

  for (const file of [dockerfile, compose, kubernetes]) {
    it(`a comment in ${file} opens nothing`, () => assert.deepEqual(said(file, [/$/, "\n# Read it well.\n"]), []));
  }

  it("a Dockerfile that runs as root, says so or not", () => {
    for (const user of ["USER root", "USER 0:0", ""]) {
      assert.match(String(said(dockerfile, ["USER redis", user])), /^security! .*root instead of `redis`/, user);
    }
    assert.deepEqual(said(dockerfile, ["USER redis", "USER 999"]), []);
  });

  it("a Dockerfile with another port", () => {
    assert.match(String(said(dockerfile, ["EXPOSE 6379", "EXPOSE 6379 22"])), /^exposure .*port `22`/);
  });

  describe("an instruction of a Dockerfile", () => {
    const adds = (line: string) =>
      byHand("docker/a/Dockerfile", "FROM a:1\nUSER redis\n", `FROM a:1\n${line}\nUSER redis\n`)!.map(
        ({ kind, dangerous, text }) => `${kind}${dangerous ? "!" : ""} ${text.en}`,
      );
    for (const line of [
      "ADD https://example.org/a /a",
      "ADD git@example.org:a.git /a",
      "RUN --security=insecure id",
      "RUN --mount=type=cache,target=/x --network=host id",
      "ENV A_PASSWORD=hush",
      "ENV A_PASSWORD hush",
      "ARG A_TOKEN=hush",
      "COPY --from=somebody/a:1 /a /a",
      "RUN apt-get install --yes --allow-unauthenticated a",
      'RUN echo "redis ALL=(ALL) NOPASSWD: ALL" >> /etc/sudoers',
      "RUN chmod u+s /a",
      "RUN chmod 4755 /a",
    ]) {
      it(`${line}: somebody has to agree`, () => {
        const dangers = adds(line).filter((told) => told.includes("! "));
        assert.match(String(dangers), /^security! /);
        assert.equal(dangers.length, 1);
      });
    }
    for (const line of [
      "ADD --checksum=sha256:a https://example.org/a /a",
      "ADD a.tar /a",
      "RUN id --network=host",
      "ENV A_PASSWORD=$A",
      "ENV A_PASSWORD_FILE=/run/a",
      "ENV A=b",
      "COPY a /a",
      "COPY --from=debian:12 /a /a",
      "RUN chmod 755 /a",
      "CMD id",
    ]) {
      it(`${line}: was not judged`, () => assert.match(String(adds(line)), /^unknown what is built differs: /));
    }
    for (const line of ["LABEL a=b", "MAINTAINER a", "STOPSIGNAL SIGINT", "WORKDIR /a", "USER 999"])
      it(`${line}: puts nothing into it`, () => assert.deepEqual(adds(line), []));
    it("of a Dockerfile that is new, only what opens something is told", () => {
      const told = byHand("docker/a/Dockerfile", undefined, "FROM a:1\nRUN id\nENV A_PASSWORD=hush\n")!;
      assert.deepEqual(
        told.map(({ kind }) => kind),
        ["security"],
      );
      assert.deepEqual(byHand("docker/a/Dockerfile", "FROM a:1\n", undefined), []);
    });
    it("is told whole, or as its first hundred letters", () => {
      assert.deepEqual(adds("COPY a /a"), [
        "unknown what is built differs: `COPY a /a`. What that does was not judged.",
      ]);
      const long = "x".repeat(200);
      assert.ok(adds(`RUN ${long}`)[0]!.includes(`: \`RUN ${long.slice(0, 95)}…\`. `));
    });
    it("that publishes a port, or begins with another image, is judged once", () => {
      assert.match(
        String(adds("EXPOSE 22")),
        /^exposure [^,]*port `22`, which is open only where somebody publishes it\.$/,
      );
      const told = byHand("docker/a/Dockerfile", "FROM mysql:9.0.0\n", "FROM mysql:9.0.1\n")!;
      assert.deepEqual(
        told.map(({ text }) => text.en),
        ["`RemoteImage base-1`: `mysql:9.0.0` → `mysql:9.0.1`, a patch."],
      );
    });
    it("that is the first of its stage counts, too, and who was root before may stay it", () => {
      const user = (before: string, after: string) =>
        byHand("docker/a/Dockerfile", `FROM a:1\n${before}`, `FROM a:1\n${after}`)!.map(({ kind }) => kind);
      assert.deepEqual(user("USER redis\n", "USER root\n"), ["security"]);
      assert.deepEqual(user("USER root\n", ""), []);
    });
    it("a stage more that somebody else's image begins, and who reads the file", () => {
      const told = (before: string, after: string) =>
        byHand("docker/a/Dockerfile", before, after)!.map(({ kind, dangerous }) => `${kind} ${dangerous}`);
      assert.deepEqual(told("FROM a:1\n", "FROM a:1\nFROM b/c:1\n"), ["security true"]);
      assert.deepEqual(told("FROM a:1 AS x\n", "FROM a:1 AS x\nFROM x\n"), []);
      assert.deepEqual(told("FROM a:1\n", "# syntax=b/c:1\nFROM a:1\n"), ["security true"]);
      assert.deepEqual(told("FROM a:1\n", "# syntax=docker/dockerfile:1\nFROM a:1\n"), []);
    });
    it("its image, also where an argument names it, and the user of the last stage only", () => {
      const from = (image: string) => `ARG IMAGE=${image}\nFROM \${IMAGE} AS one\nUSER root\nFROM one\nUSER redis\n`;
      const told = byHand("docker/a/Dockerfile", from("mysql:8.4.0"), from("mysql:9.0.0"))!;
      assert.deepEqual(
        told.map(({ kind, dangerous }) => `${kind} ${dangerous}`),
        ["version true", "unknown false"],
      );
    });
  });

  it("a port of compose that is open to everyone, however it is written", () => {
    for (const port of ["30000:80", "0.0.0.0:30000:80", "[::]:30000:80/tcp", "80"]) {
      assert.match(String(said(compose, ["127.0.0.1:30000:80", port])), /exposure! .*: port \d+ is open on/, port);
    }
    const long = "{ target: 80, published: 30000, host_ip: 0.0.0.0 }";
    assert.match(String(said(compose, ['"127.0.0.1:30000:80"', long])), /exposure! .*port 30000 is open on 0\.0\.0\.0/);
    assert.deepEqual(said(compose, ["127.0.0.1:30000:80", "127.0.0.1:30001:80"]), []);
    assert.deepEqual(said(compose, ["127.0.0.1:30000:80", "[::1]:30000:80"]), []);
  });

  it("a database of compose of another version, a folder of the machine, root on the machine", () => {
    assert.match(
      String(said(compose, ["mysql:9.7.2", "mysql:10.0.0"])),
      /version! .*`mysql:9\.7\.2` → `mysql:10\.0\.0`/,
    );
    assert.match(String(said(compose, ["- mysql-data:/", "- /etc:/etc\n      - mysql-data:/"])), /security! .*\/etc/);
    const more = "restart: unless-stopped\n    privileged: true\n";
    assert.match(String(said(compose, ["restart: unless-stopped\n", more])), /security! .*privileged/);
  });

  describe("a service of compose", () => {
    const between = (before: object, after: object) => {
      const file = (service: object) => JSON.stringify({ services: { a: { image: "a:1", ...service } } });
      return byHand(compose, file(before), file(after))?.map(
        ({ kind, dangerous, text }) => `${kind}${dangerous ? "!" : ""} ${text.en}`,
      );
    };
    const judged: [what: string, before: object, after: object, says: RegExp][] = [
      ["user", { user: "redis" }, { user: "root" }, /^security! .*root/],
      ["privileged", {}, { privileged: true }, /^security! .*privileged/],
      ["read_only", { read_only: true }, {}, /^security! /],
      ["network_mode", {}, { network_mode: "host" }, /^exposure! .*network/],
      ["pid", {}, { pid: "host" }, /^security! .*pidMode/],
      ["ipc", {}, { ipc: "host" }, /^security! .*ipcMode/],
      ["userns_mode", {}, { userns_mode: "host" }, /^security! .*usernsMode/],
      ["cgroup", {}, { cgroup: "host" }, /^security! .*cgroupnsMode/],
      ["group_add", {}, { group_add: ["docker"] }, /^security! .*docker/],
      [
        "security_opt",
        {},
        { security_opt: ["seccomp=unconfined"] },
        /^security! .*`securityOpts\[seccomp\]: unconfined`/,
      ],
      ["cap_add", {}, { cap_add: ["SYS_ADMIN"] }, /^security! .*SYS_ADMIN/],
      ["cap_drop", { cap_drop: ["ALL"] }, {}, /^security! .*ALL/],
      ["devices", {}, { devices: ["/dev/sda:/dev/x"] }, /^security! .*\/dev\/sda/],
      ["volumes", {}, { volumes: ["/etc:/x:ro"] }, /^security! .*\/etc/],
      [
        "volumes, the long form",
        {},
        { volumes: [{ type: "bind", source: "/etc", target: "/x" }] },
        /^security! .*\/etc/,
      ],
      ["volumes, a folder beside it", {}, { volumes: ["./data:/x"] }, /^security! .*\.\/data/],
      ["use_api_socket", {}, { use_api_socket: true }, /^security! .*docker\.sock/],
      ["ports", {}, { ports: ["8080:80"] }, /^exposure! .*port 8080/],
      [
        "ports, of one address",
        {},
        { ports: ["192.0.2.1:8080:80/tcp"] },
        /^exposure! .*port 8080 is open on 192\.0\.2\.1/,
      ],
      ["a password", {}, { environment: { DB_PASSWORD: "hush" } }, /^security! .*`DB_PASSWORD` is written in the file/],
      ["a password, in a list", {}, { environment: ["DB_PASSWORD=hush"] }, /^security! .*`DB_PASSWORD` is written/],
      ["image", { image: "a:1.0.0" }, { image: "a:1.0.1" }, /^version .*`a:1\.0\.0` → `a:1\.0\.1`, a patch/],
      ["extra_hosts", {}, { extra_hosts: ["a:192.0.2.1"] }, /^security! .*`hosts`: it finds these names elsewhere/],
      ["dns", {}, { dns: ["192.0.2.1"] }, /^security! .*`dns: 192\.0\.2\.1`/],
      ["sysctls, in a list", {}, { sysctls: ["a.b=1"] }, /^security! .*`sysctls\.a\.b: 1`/],
      ["runtime", { runtime: "runc" }, { runtime: "crun" }, /^security! .*`runtime: crun`/],
      ["gpus", {}, { gpus: "all" }, /^security! .*`gpus: all`/],
      ["cgroup_parent", {}, { cgroup_parent: "/" }, /^security! .*`cgroupParent: \/`/],
      ["device_cgroup_rules", {}, { device_cgroup_rules: ["a *:* rwm"] }, /^security! .*deviceCgroupRules/],
      ["volumes_from", {}, { volumes_from: ["container:a"] }, /^security! .*fromContainer: container:a/],
      ["logging", {}, { logging: { driver: "syslog" } }, /^exposure! .*logDriver syslog/],
      [
        "a database without a password",
        { volumes: ["data:/var/lib/mysql"] },
        { volumes: ["data:/var/lib/mysql"], environment: { MYSQL_ALLOW_EMPTY_PASSWORD: "yes" } },
        /^security! .*without a password/,
      ],
      [
        "a password where the shell has none",
        { environment: ["A_PASSWORD=${A:?}"] },
        { environment: ["A_PASSWORD=${A:-hush}"] },
        /^security! .*`A_PASSWORD` is written/,
      ],
      ["what nobody taught the review", {}, { networks: ["a"] }, /^unknown .*`networks` differs/],
    ];
    for (const [what, before, after, says] of judged) {
      it(what, () => {
        const told = between(before, after);
        assert.equal(told?.length, 1, String(told));
        assert.match(told[0]!, says);
        for (const side of [before, after]) assert.deepEqual(between(side, side), []);
      });
    }

    const quiet = [
      ...[
        "container_name",
        "depends_on",
        "deploy",
        "healthcheck",
        "init",
        "labels",
        "logging",
        "restart",
        "stdin_open",
      ],
      ...["command", "stop_grace_period", "stop_signal", "tty", "working_dir"],
    ];
    for (const part of quiet) {
      it(`${part}: opens nothing`, () => assert.deepEqual(between({ [part]: "a" }, { [part]: "b" }), []));
    }
    it("that is new opens what it has, and one that goes opens nothing", () => {
      const file = JSON.stringify({
        services: { a: { image: "a:1", privileged: true, networks: ["a"] } },
      });
      const told = (before: string | undefined, after: string | undefined) =>
        byHand(compose, before, after)!.map(({ kind, lab }) => `${kind} ${lab}`);
      for (const nothing of [undefined, "services:\n"]) {
        assert.deepEqual(told(nothing, file), [`security ${compose}`, `unknown ${compose}`]);
        assert.deepEqual(told(file, nothing), []);
      }
    });

    it("that no longer has its volume loses nobody's data: the file only says what people make later", () =>
      assert.deepEqual(between({ volumes: ["data:/var/lib/mysql"] }, {}), []));

    it("a password that comes from the shell, or a wish for one, is none that is written", () => {
      const environment = ["A_PASSWORD=${A_PASSWORD:?}", "B_PASSWORD", "C_PASSWORD=", "D_PASSWORD_FILE=/run/d"];
      assert.deepEqual(between({}, { environment }), []);
      assert.deepEqual(between({}, { environment: { A_PASSWORD: "$A", B_PASSWORD: null } }), []);
    });

    it("and what stands beside the services: it was not judged", () => {
      for (const part of ["networks", "secrets", "configs", "include", "extends"]) {
        const file = (more: object) => JSON.stringify({ services: {}, ...more });
        const told = byHand(compose, file({}), file({ [part]: { x: {} } }))!;
        assert.deepEqual(
          told.map(({ kind, text }) => `${kind} ${text.en}`),
          [`unknown \`${part}\` differs, and was not judged. Read what changes in it.`],
        );
      }
    });
  });

  it("an object of Kubernetes that is opened or loosened", () => {
    assert.match(String(said(kubernetes, ["runAsNonRoot: true", "runAsNonRoot: false"])), /security! .*root/);
    assert.match(String(said(kubernetes, [/image: mysql:\S+/, "image: mysql:10.0.0"])), /version! /);
    assert.match(String(said(kubernetes, ["type: NodePort", "type: LoadBalancer"])), /exposure! .*LoadBalancer/);
  });

  it("a file of variables with a password in it", () => {
    const told = (before: string | undefined, after: string) =>
      byHand("docker/a/.env", before, after)!.map(({ kind }) => kind);
    assert.deepEqual(told(undefined, "TZ=UTC\nMYSQL_PASSWORD=hush\n"), ["security"]);
    assert.deepEqual(told("MYSQL_PASSWORD=hush\n", "TZ=UTC\nMYSQL_PASSWORD=hush\n"), []);
  });

  it("a volume of compose that is a folder of the machine", () => {
    const bound = "mysql-data:\n    driver_opts: { type: none, o: bind, device: / }\n  wordpress-data:";
    assert.match(
      String(said(compose, ["mysql-data:\n  wordpress-data:", bound])),
      /^security! .*`driverOpts\.device: \/`/,
    );
  });

  it("a file of comments makes nothing, and an object that nobody taught the review is named", () => {
    assert.deepEqual(byHand("docker/a.yml", "# a\n", "# b\n"), []);
    const object = (spec: number) => `# a\n---\napiVersion: v1\nkind: Foo\nmetadata: { name: a }\nspec: ${spec}\n`;
    assert.deepEqual(
      byHand("docker/a.yml", object(1), object(2))!.map(({ kind, lab }) => `${kind} ${lab}`),
      ["unknown docker/a.yml"],
    );
  });

  it("what cannot be read is not called harmless", () => {
    assert.equal(said(compose, [/$/, "\n]["]), undefined);
    assert.equal(byHand("docker/run.sh", "a", "b"), undefined);
    assert.equal(byHand("docker/other.yaml", "a: 1", "a: 2"), undefined);
  });
});

describe("files beside the program", () => {
  let at: string;
  beforeEach(() => {
    at = mkdtempSync(join(tmpdir(), "review-files-"));
  });
  afterEach(() => rmSync(at, { recursive: true }));

  type Sides = Record<string, readonly [before: string | undefined, after: string | undefined]>;
  const look = (sides: Sides, former: [string, string][] = []) => {
    for (const [file, texts] of Object.entries(sides)) {
      texts.forEach((text, i) => {
        const to = join(at, ["base", "head"][i]!, file);
        mkdirSync(dirname(to), { recursive: true });
        if (text === undefined) rmSync(to, { force: true });
        else writeFileSync(to, text);
      });
    }
    const folders = { base: join(at, "base"), head: join(at, "head") };
    const { files, warnings, unchecked } = lookInto(Object.keys(sides), folders, "dev", new Map(former));
    return {
      files,
      warnings: warnings.map(({ kind, dangerous, lab }) => `${kind}${dangerous ? "!" : ""} ${lab}`),
      texts: warnings.map(({ text }) => text.en),
      unchecked: unchecked.map(({ en }) => en),
    };
  };

  it("a moved file begins nothing new, unless it moves into the program", () => {
    const text = 'import { spawn } from "node:child_process";\nspawn("a");\n';
    for (const [file, told] of [
      ["tools/new.ts", []],
      ["components/new.ts", ["security! components/new.ts"]],
    ] as const) {
      const { warnings } = look({ [file]: [undefined, text], "tools/old.ts": [text, undefined] }, [
        [file, "tools/old.ts"],
      ]);
      assert.deepEqual(warnings, told);
    }
  });

  it("another stack's file, or one that goes: it was not compared, and how it is", () => {
    for (const after of ["config:\n  course-labs:bindAddress: 0.0.0.0\n", undefined]) {
      const { unchecked } = look({ "Pulumi.kim.yaml": ["config: {}\n", after] });
      assert.match(String(unchecked), /stack kim was not compared.*--stack kim/);
    }
  });

  const kinds: [kind: FileKind, files: string[]][] = [
    ["words", ["README.md", "docs/a.png", "a.svg", "a.jpg", "a.jpeg", "a.gif", "LICENSE", ".editorconfig"]],
    ["words", [".github/CODEOWNERS.example", ".github/ISSUE_TEMPLATE/idea.yml", "tools/review/README.md"]],
    ["rules", ["tools/review/judge.ts", "tools/commands/review.ts", "tools/stack/data-loss.ts"]],
    ["program", ["index.ts", "config.ts", "outputs.ts", "text.ts", "config/a.ts", "components/a/b.ts"]],
    ["by hand", ["docker/redis/Dockerfile", "docker/compose/compose.yaml"]],
    [
      "npm",
      ["package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc", "tools/a/package.json", "test/.npmrc"],
    ],
    ["npm", ["binding.gyp"]],
    ["pulumi", ["Pulumi.yaml"]],
    ["stack", ["Pulumi.dev.yaml", "Pulumi.kim.yaml"]],
    ["workflow", [".github/workflows/a.yml", ".github/workflows/a.yaml"]],
    ["runs here", ["tools/run.mjs", ".github/scripts/a.mjs", "tsconfig.json"]],
    ["tests", ["test/a.test.ts", ".ci/run", ".mocharc.yml", "eslint.config.mjs"]],
    ["unknown", ["a.ts", "docs/a.html", "sub/index.ts", "Pulumi.yml", "LICENSE.sh", "a.tsconfig.json"]],
  ];
  for (const [kind, names] of kinds) {
    it(`are ${kind}: ${names.join(", ")}`, () => {
      for (const name of names) assert.equal(kindOf(name), kind, name);
    });
  }

  it("Pulumi.yaml: what says which programs run, what is only words, and what nobody taught the review", () => {
    const between = (key: string, after: unknown) =>
      look({ "Pulumi.yaml": ["name: a\n", `name: a\n${key}: ${JSON.stringify(after)}\n`] });
    for (const key of ["main", "packages", "plugins", "runtime"]) {
      assert.deepEqual(between(key, "x").warnings, ["security! Pulumi.yaml"], key);
      assert.deepEqual(between(key, "x").unchecked, []);
    }
    for (const key of ["author", "config", "description", "license", "template", "website"]) {
      const { warnings, unchecked } = between(key, "x");
      assert.deepEqual([warnings, unchecked], [[], []], key);
    }
    assert.match(String(between("options", { refresh: "always" }).unchecked), /what `options` does was not judged/);
    assert.deepEqual(look({ "Pulumi.yaml": ["name: a\n", "name: b\n"] }).warnings, ["availability! Pulumi.yaml"]);
    assert.match(String(look({ "Pulumi.yaml": ["name: a\n", "name: [\n"] }).unchecked), /does not know this file/);
  });

  it("the reviewed stack's own file: its settings are compared elsewhere, the rest was not judged", () => {
    const { files, unchecked } = look({
      "Pulumi.dev.yaml": ["config: {}\n", "config: { a: 1 }\nencryptionsalt: v1\n"],
    });
    assert.deepEqual([files, unchecked], [[], []]);
    const other = look({ "Pulumi.dev.yaml": ["config: {}\n", "config: {}\nmore: x\n"] });
    assert.deepEqual(other.files, ["Pulumi.dev.yaml"]);
    assert.match(String(other.unchecked), /what `more` does was not judged/);
    for (const key of ["secretsprovider", "encryptedkey", "environment"]) {
      const { warnings, unchecked } = look({ "Pulumi.dev.yaml": ["config: {}\n", `config: {}\n${key}: x\n`] });
      assert.deepEqual([warnings, unchecked], [["security! Pulumi.dev.yaml"], []], key);
    }
  });

  it("that run here, in tests or in CI are named, three of a kind and how many more", () => {
    const names = ["a", "b", "c", "d"].map((name) => `tools/${name}.ts`);
    const { files, unchecked } = look(Object.fromEntries(names.map((name) => [name, ["f(1);", "f(2);"] as const])));
    assert.deepEqual(files, names);
    assert.match(String(unchecked), /^`tools\/a\.ts`, `tools\/b\.ts`, `tools\/c\.ts`, \+1: it runs on this machine/);
    assert.match(String(look({ "test/a.ts": ["f(1);", "f(2);"] }).unchecked), /it runs where the project is tested/);
    assert.match(String(look({ ".github/workflows/a.yml": ["a: 1", "a: 2"] }).unchecked), /it runs in CI/);
    assert.deepEqual(look({ ".github/workflows/a.yml": ["a: 1", "a: 1 # one"] }).unchecked, []);
  });

  it("npm's: each is judged as what it is", () => {
    const told = (file: string, before: string | undefined, after: string | undefined) => {
      const { files, warnings, unchecked } = look({ [file]: [before, after] });
      assert.deepEqual(files, [file]);
      return [warnings, unchecked.length];
    };
    const scripts = JSON.stringify({ scripts: { postinstall: "node a.js" } });
    assert.deepEqual(told("package.json", "{}", scripts), [["security! package.json"], 0]);
    assert.deepEqual(told("package.json", undefined, scripts), [["security! package.json"], 0]);
    assert.deepEqual(told("package.json", scripts, "{}"), [[], 0]);
    const lock = JSON.stringify({
      packages: { "node_modules/a": { resolved: "http://192.0.2.1/a", integrity: "sha512-a" } },
    });
    assert.deepEqual(told("package-lock.json", "{}", lock), [["security! package-lock.json"], 1]);
    assert.deepEqual(told("package-lock.json", lock, undefined), [["security! package-lock.json"], 0]);
    assert.deepEqual(told(".npmrc", undefined, "registry=https://example.org\n"), [["security! .npmrc"], 0]);
    for (const file of ["npm-shrinkwrap.json", "binding.gyp"]) {
      assert.deepEqual(told(file, undefined, "{}"), [[`security! ${file}`], 0]);
      assert.deepEqual(told(file, "{}", undefined), [[], 0]);
    }
    const { unchecked } = look({ "package.json": ["{}", "{"] });
    assert.match(String(unchecked), /^`package\.json`: the review does not know this file/);
  });

  it("that fetch a program and run it, wherever that is written, cut off where it is long", () => {
    const line = `curl https://example.org/${"a".repeat(100)} | sh`;
    const text = (more: string) => `echo "\`id\`"\n${more}`;
    mkdirSync(join(at, "base/tools"), { recursive: true });
    mkdirSync(join(at, "head/tools"), { recursive: true });
    writeFileSync(join(at, "base/tools/a.sh"), text(""));
    writeFileSync(join(at, "head/tools/a.sh"), text(`${line}\nwget -qO- \`a\` | sh\n`));
    const { warnings } = lookInto(["tools/a.sh"], { base: join(at, "base"), head: join(at, "head") }, "dev");
    assert.deepEqual(
      warnings.map(({ lab, dangerous, text }) => [lab, dangerous, /^`(.*)` fetches a program/.exec(text.en)?.[1]]),
      [
        ["tools/a.sh", true, `${line.slice(0, 99)}…`],
        ["tools/a.sh", true, "wget -qO- 'a' | sh"],
      ],
    );
  });

  it("another place for the state", () => {
    const url = (url: string) => `name: course-labs\nbackend:\n  url: ${url}\n`;
    assert.deepEqual(look({ "Pulumi.yaml": [url("file://."), url("file:///srv")] }).warnings, [
      "availability! Pulumi.yaml",
    ]);
    const { texts } = look({ "Pulumi.yaml": ["name: course-labs\n", url("file:///srv")] });
    assert.ok(texts[0]!.startsWith("`backend.url: – → file:///srv`. "), texts[0]);
    assert.deepEqual(look({ "Pulumi.yaml": [url("file://."), `${url("file://.")}description: labs\n`] }).warnings, []);
  });

  it("rules that change judge both sides: somebody has to read them", () => {
    const rules = look({ "tools/review/policies/rules.ts": ["rules", "[]"], "tools/review/judge.ts": ["a", "b"] });
    assert.deepEqual([rules.warnings, rules.unchecked], [["policy! tools/review/policies"], []]);
    assert.match(
      look({ "tools/review/judge.ts": ["a", "b"] }).texts[0]!,
      /^`tools\/review\/judge\.ts`: the rules themselves/,
    );
    assert.deepEqual(look({ "tools/commands/up.ts": ["a", "b"], ".github/workflows/ci.yml": ["a", "b"] }).warnings, []);
    assert.deepEqual(look({ "tools/review/policies/rules.ts": ["rules;", "// Read it well.\nrules;"] }).warnings, []);
  });

  it("below docker/: what opens, and what was not looked into", () => {
    const { warnings, unchecked } = look({
      "docker/redis/Dockerfile": ["FROM a\nUSER redis\n", "FROM a\nUSER root\n"],
      "docker/run.sh": ["a", "b"],
    });
    assert.deepEqual(warnings, ["security! docker/redis/Dockerfile"]);
    assert.match(String(unchecked), /^`docker\/run\.sh`: its content was not checked/);
    const elsewhere = look({ "tools/a/Dockerfile": ["FROM a\nUSER a\n", "FROM a\nUSER root\n"] });
    assert.deepEqual(elsewhere.warnings, ["security! tools/a/Dockerfile"]);
    assert.match(String(elsewhere.unchecked), /^`tools\/a\/Dockerfile`: it runs on this machine/);
  });
});
