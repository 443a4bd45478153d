import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse, stringify } from "yaml";
import { accessTo, contextsIn, kubeconfigFiles, selectedContexts } from "../../tools/cluster/kubeconfig";
import { look } from "../../tools/cluster/get";
import { holdsNothing } from "../../tools/cluster/minikube";
import { requireCluster, runningCluster } from "../../tools/cluster/running";
import { parseSettings } from "../../config";
import { LabError } from "../../text";

describe("kubeconfig", () => {
  let folder: string;
  let kubeconfig: string;
  const write = (content: string, name = "config") => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "course-labs-kubeconfig-"));
    write("a certificate", "client.crt");
    kubeconfig = write(
      [
        "contexts:",
        "- {name: course-labs, context: {cluster: one, user: me}}",
        "- {name: class, context: {cluster: two, user: token}}",
        "- {name: broken, context: {cluster: none}}",
        "clusters:",
        "- {name: one, cluster: {server: 'https://127.0.0.1:9', certificate-authority-data: Q0E=}}",
        "- {name: two, cluster: {server: 'https://two', insecure-skip-tls-verify: true}}",
        "users:",
        "- {name: me, user: {client-certificate: client.crt, client-key-data: S0VZ}}",
        "- {name: token, user: {token: t0p}}",
      ].join("\n"),
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it("is the one of kubectl or of the setting", () => {
    assert.deepEqual(kubeconfigFiles(undefined, {}), [join(homedir(), ".kube", "config")]);
    assert.deepEqual(kubeconfigFiles(undefined, { KUBECONFIG: ["a", "", "b"].join(delimiter) }), ["a", "b"]);
    assert.deepEqual(kubeconfigFiles("~/elsewhere", { KUBECONFIG: "a" }), [join(homedir(), "elsewhere")]);
  });

  it("returns the cluster of a context with its certificates", () => {
    const access = accessTo({ kubeconfig, kubeContext: "course-labs" });
    assert.deepEqual(
      { ...access, ca: String(access?.ca), cert: String(access?.cert), key: String(access?.key) },
      {
        server: "https://127.0.0.1:9",
        ca: "CA",
        cert: "a certificate",
        key: "KEY",
        token: undefined,
        rejectUnauthorized: true,
        loginTakesMore: false,
      },
    );
    const other = accessTo({ kubeconfig, kubeContext: "class" });
    assert.equal(other?.token, "t0p");
    assert.equal(other?.rejectUnauthorized, false);
  });

  it("returns nothing for a context that is missing or has no cluster", () => {
    assert.equal(accessTo({ kubeconfig, kubeContext: "nope" }), undefined);
    assert.equal(accessTo({ kubeconfig, kubeContext: "broken" }), undefined);
    assert.equal(accessTo({ kubeconfig: join(folder, "absent"), kubeContext: "class" }), undefined);
    assert.equal(accessTo({ kubeconfig: write("", "empty"), kubeContext: "class" }), undefined);
  });

  it("may be several files, of which the first is used", () => {
    const first = write("contexts: [{name: class, context: {cluster: three}}]\nclusters: null\n", "first");
    const last = write("clusters: [{name: three, cluster: {server: 'http://three'}}]\n", "last");
    const both = { kubeconfig: [first, kubeconfig, last].join(delimiter), kubeContext: "class" };
    assert.equal(accessTo(both)?.server, "http://three");
    assert.deepEqual(contextsIn(both), ["class", "course-labs", "class", "broken"]);
  });

  it("keeps the current context in all files, and is not written if it did not change", () => {
    const theirs = "# mine\ncurrent-context: at-work\nclusters: []\n";
    const [selected, without] = [write(theirs, "selected"), write("clusters: []\n", "without")];
    const again = selectedContexts({ kubeconfig: [selected, without].join(delimiter), kubeContext: "course-labs" });
    again();
    assert.equal(readFileSync(selected, "utf8"), theirs);
    for (const file of [selected, without])
      writeFileSync(file, "current-context: course-labs\nclusters: [{name: new}]\n");
    again();
    assert.match(readFileSync(selected, "utf8"), /^current-context: at-work\nclusters:.*name: new/s);
    assert.match(readFileSync(without, "utf8"), /^current-context: ""\nclusters:.*name: new/s);
  });

  describe("that cannot be used", () => {
    const whole = "apiVersion: v1\ncontexts:\n- {name: c, context: {cluster: c, user: c}}\n";
    const cases: [what: string, make: () => string, english: RegExp, korean: RegExp][] = [
      [
        "because it is a folder",
        () => {
          mkdirSync(join(folder, "folder"), { recursive: true });
          return join(folder, "folder");
        },
        /folder cannot be read \(EISDIR.* Or specify another file.*course-labs:kubeconfig/,
        /파일을 읽을 수 없습니다\(EISDIR/,
      ],
      [
        "because it was cut off",
        () => write(`${whole}clusters:\n- {name: c, cluster: {server: "https://127`, "cut"),
        /cut is not valid YAML, or is incomplete: .* at line 5, .*minikube update-context/,
        /중간에 잘렸습니다/,
      ],
      [
        "because it is text",
        () => write("see the teacher's mail", "text"),
        /text is not a kubeconfig/,
        /kubeconfig 형식이 아닙니다/,
      ],
      [
        "because its contexts are a map",
        () => write("contexts: {c: {cluster: c}}\n", "map"),
        /map is not a kubeconfig/,
        /형식/,
      ],
      [
        "because its contexts have no names",
        () => write("contexts: [c]\n", "names"),
        /names is not a kubeconfig/,
        /형식/,
      ],
    ];
    for (const [what, make, english, korean] of cases) {
      it(`${what} is reported in one line`, () => {
        const choice = { kubeconfig: make(), kubeContext: "c" };
        for (const read of [accessTo, contextsIn]) {
          assert.throws(
            () => read(choice),
            ({ text }: LabError) =>
              english.test(text.en) && korean.test(text.ko) && !/\n/.test(text.en) && !/\n/.test(text.ko),
          );
        }
      });
    }

    it("because of its owner is reported, and so is a key that it refers to", () => {
      if (process.platform === "win32") return;
      const own = write(
        `${whole}clusters: [{name: c, cluster: {server: 'https://x'}}]\nusers: [{name: c, user: {client-key: k.key}}]\n`,
        "mine",
      );
      const others = [write(whole, "roots"), write("KEY", "k.key")];
      for (const file of others) chmodSync(file, 0o000);
      chmodSync(folder, 0o755);
      // root may read everything, so somebody else has to try.
      const root = process.getuid?.() === 0;
      if (root) process.seteuid?.(65534);
      try {
        for (const [file, culprit] of [
          [others[0], "roots"],
          [own, "k.key"],
        ] as const) {
          assert.throws(
            () => accessTo({ kubeconfig: file, kubeContext: "c" }),
            ({ text }: LabError) =>
              new RegExp(`${culprit} cannot be read, because you have no permission.*sudo chown \\$USER`).test(text.en),
          );
        }
      } finally {
        if (root) process.seteuid?.(0);
      }
    });
  });

  it("that minikube emptied is recognized as empty", () => {
    assert.ok(holdsNothing("apiVersion: v1\nclusters: null\ncontexts: []\nusers: null\ncurrent-context: ''\n"));
    assert.ok(holdsNothing(""));
    assert.equal(holdsNothing("users: [{name: me}]"), false);
  });

  describe("and its cluster", () => {
    let server: Server;
    let answer: { status: number; body: unknown };
    let asked: { url?: string; token?: string };
    let choice: { kubeconfig: string; kubeContext: string; kubeNode: string };

    before(async () => {
      server = createServer((request, response) => {
        asked = { url: request.url, token: request.headers.authorization };
        response.writeHead(answer.status).end(JSON.stringify(answer.body));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const content =
        `contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: t0p}}]\n` +
        `clusters: [{name: c, cluster: {server: 'http://127.0.0.1:${port}/path'}}]\n`;
      choice = { kubeconfig: write(content, "served"), kubeContext: "c", kubeNode: "c" };
    });
    after(() => server.close());

    it("that has the node returns it", async () => {
      answer = { status: 200, body: { metadata: { name: "c" } } };
      assert.deepEqual(await look(choice), { answers: true, node: { metadata: { name: "c" } } });
      assert.deepEqual(asked, { url: "/path/api/v1/nodes/c", token: "Bearer t0p" });
    });

    it("that has no such node", async () => {
      answer = { status: 404, body: {} };
      assert.deepEqual(await look(choice), { answers: true, node: "absent" });
    });

    it("that rejects the credentials counts as running", async () => {
      answer = { status: 401, body: {} };
      assert.deepEqual(await look(choice), { answers: true, stranger: true });
      const told = ({ text }: LabError) =>
        /answers, but does not accept the login .*\(401\).*until this works: kubectl --context \S+ get nodes/.test(
          text.en,
        ) && /로그인 정보를 받아들이지 않습니다/.test(text.ko);
      const settings = { ...parseSettings({}), ...choice };
      await assert.rejects(requireCluster(settings, false), told);
      await assert.rejects(runningCluster(settings), told);
    });

    it("that is starting does not count as running", async () => {
      answer = { status: 503, body: {} };
      assert.deepEqual(await look(choice), { answers: false });
    });

    it("whose certificate is not valid yet is a matter of the clock, not of starting it", async () => {
      const pem = readFileSync(join(__dirname, "../fixtures/not-yet-valid.pem"), "utf8");
      const secure = createSecureServer({ cert: pem, key: pem }, (_, response) => response.end("{}"));
      await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
      const server = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
      const ca = Buffer.from(pem).toString("base64");
      const content = {
        contexts: [{ name: "course-labs", context: { cluster: "c" } }],
        clusters: [{ name: "c", cluster: { server, "certificate-authority-data": ca } }],
      };
      const settings = parseSettings({ kubeContext: "course-labs", kubeconfig: write(stringify(content), "early") });
      const told = ({ text }: LabError) =>
        /^The certificate of the cluster course-labs is not valid yet .* Set the clock/.test(text.en) &&
        /시계를 맞춘 뒤/.test(text.ko);
      try {
        await assert.rejects(requireCluster(settings, false), told);
        await assert.rejects(runningCluster(settings), told);
      } finally {
        secure.close();
      }
    });

    describe("that requires a special login", () => {
      /** @param user how, as the kubeconfig has it @param cluster settings of the cluster beyond its address */
      const letIn = (user: object, cluster = {}) => {
        const config = parse(readFileSync(choice.kubeconfig, "utf8")) as {
          users: { user: object }[];
          clusters: { cluster: object }[];
        };
        Object.assign(config.users[0] as object, { user });
        // Without it the library refuses to ask in plain text.
        Object.assign(
          (config.clusters[0] as { cluster: object }).cluster,
          { "insecure-skip-tls-verify": true },
          cluster,
        );
        return look({ ...choice, kubeconfig: write(stringify(config), "login") });
      };
      const program = (script: string) => ({
        exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: ["-e", script] },
      });
      before(() => (answer = { status: 200, body: {} }));

      it("through a program, is read with its result", async () => {
        const credential = { kind: "ExecCredential", status: { token: "from-a-program" } };
        const script = `console.log(${JSON.stringify(JSON.stringify(credential))})`;
        assert.deepEqual(await letIn(program(script)), { answers: true, node: {} });
        assert.equal(asked.token, "Bearer from-a-program");
      });

      it("through a failing program, is reported with its message", () =>
        assert.rejects(letIn(program("console.error('log in first'); process.exit(1)")), (error: unknown) => {
          assert.ok(error instanceof LabError);
          assert.match(
            error.text.en,
            /kubeContext is "c", but the login.*log in first.*kubectl --context c get nodes/s,
          );
          assert.match(error.text.ko, /로그인하지 못했습니다: .*log in first/s);
          return true;
        }));

      it("with a password, is read with it", async () => {
        assert.equal((await letIn({ username: "me", password: "s3cret" })).answers, true);
        assert.equal(asked.token, `Basic ${Buffer.from("me:s3cret").toString("base64")}`);
      });

      it("through a proxy, is read through it", async () => {
        asked = {};
        assert.deepEqual(await letIn({ token: "t0p" }, { "proxy-url": "http://127.0.0.1:9" }), { answers: false });
        assert.deepEqual(asked, {}, "nothing was asked past the proxy");
      });
    });

    it("that is not there", async () =>
      assert.deepEqual(await look({ kubeconfig, kubeContext: "course-labs", kubeNode: "n" }), { answers: false }));
  });

  describe("a preview", () => {
    const refused = (settings: Record<string, string>, also: boolean, english: RegExp, korean: RegExp) =>
      assert.rejects(requireCluster(parseSettings({ labs: "kubernetes", ...settings }), also), (error: unknown) => {
        assert.ok(error instanceof LabError);
        assert.match(error.text.en, english);
        assert.match(error.text.ko, korean);
        return true;
      });
    const home = process.env.MINIKUBE_HOME;
    before(() => (process.env.MINIKUBE_HOME = folder));
    after(() => {
      if (home === undefined) delete process.env.MINIKUBE_HOME;
      else process.env.MINIKUBE_HOME = home;
    });

    it("explains how to start the cluster, and how to preview the other labs", () =>
      refused(
        { kubeconfig },
        false,
        /^The cluster course-labs has not been created yet.*npm run up\. .*npm run preview -- --labs redis,registry,compose$/,
        /클러스터가 아직 없습니다/,
      ));

    it("does not suggest to omit a lab that is deployed", () =>
      refused({ kubeconfig }, true, /To start it: npm run up\.$/, /npm run up\.$/));

    it("lists the contexts if the one in the settings is missing", () =>
      refused(
        { kubeconfig, kubeContext: "nope" },
        false,
        /kubeContext is "nope", .* has no such context\. Available contexts: course-labs, class, broken\./,
        /"nope".*course-labs, class, broken/,
      ));

    it("names another cluster that does not answer", () =>
      refused(
        {
          kubeconfig: write(
            "contexts: [{name: x, context: {cluster: x}}]\nclusters: [{name: x, cluster: {server: 'http://127.0.0.1:9'}}]",
            "x",
          ),
          kubeContext: "x",
        },
        false,
        /context "x" does not answer at http:\/\/127\.0\.0\.1:9\. Start the cluster/,
        /"x" 컨텍스트의 클러스터/,
      ));
  });
});
