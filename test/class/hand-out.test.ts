import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { accessOf, kubeconfigOf, revoke, unreachableFromOutside } from "../../tools/class/access";
import { handOut, manifestFor, pageFor } from "../../tools/class/hand-out";
import type { ClusterApi } from "../../tools/cluster/api";
import { chosen, parseClass } from "../../tools/commands/class";
import { LabError } from "../../text";

const lee = { seat: "lee", student: "이민수", namespace: "seat-lee", nodePort: 30081, url: "http://10.0.0.9:30081" };
const access = { token: "let-me-in", ends: new Date("2026-11-30T10:35:12Z") };

/** What a call says is wrong. */
function complaint(call: () => unknown) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof LabError, String(error));
    return error.text;
  }
  return assert.fail("nothing was wrong");
}

describe("an address of a cluster", () => {
  for (const [server, kubeContext] of [
    ["https://127.0.0.1:32771", "kind-class"],
    ["https://localhost:6443", "docker-desktop"],
    ["https://[::1]:6443", "x"],
    ["https://0.0.0.0:6443", "k3d"],
    ["https://kubernetes.docker.internal:6443", "docker-desktop"],
    ["https://192.168.49.2:8443", "minikube"],
    ["https://192.168.58.2:8443", "course-labs"],
    ["https://172.17.0.3:8443", "minikube"],
  ] as const) {
    it(`is refused if other machines cannot reach it, with a remedy: ${server} of ${kubeContext}`, () => {
      const told = unreachableFromOutside(server, { kubeContext });
      assert.ok(told);
      for (const text of [told.en, told.ko]) assert.ok(text.includes(server), text);
      assert.match(told.en, /--server https:\/\/THIS-MACHINE:\d+\. .*--here$/);
      assert.equal(/--apiserver-ips/.test(told.en), kubeContext === "minikube" || kubeContext === "course-labs");
    });
  }

  for (const [server, kubeContext] of [
    ["https://192.168.0.7:6443", "school"],
    ["https://k8s.school.example", "school"],
    ["https://34.1.2.3", "gke"],
    ["https://203.0.113.7:8443", "minikube"],
  ] as const) {
    it(`is accepted if other machines may reach it: ${server} of ${kubeContext}`, () => {
      assert.equal(unreachableFromOutside(server, { kubeContext }), undefined);
    });
  }
});

describe("what a student gets", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "course-labs-class-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is a kubeconfig of one seat", () => {
    const text = kubeconfigOf({ server: "https://k8s.example", ca: Buffer.from("CA") }, lee, access);
    assert.deepEqual(parse(text), {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "class", cluster: { server: "https://k8s.example", "certificate-authority-data": "Q0E=" } }],
      users: [{ name: "lee", user: { token: "let-me-in" } }],
      contexts: [{ name: "seat-lee", context: { cluster: "class", user: "lee", namespace: "seat-lee" } }],
      "current-context": "seat-lee",
    });
    assert.ok(!kubeconfigOf({ server: "https://k8s.example" }, lee, access).includes("certificate-authority"));
  });

  it("is the course's manifest with only their namespace and node port changed", () => {
    const manifest = readFileSync(join(__dirname, "../../docker/kubernetes/wordpress-k8s.yml"), "utf8");
    const objects = (text: string) => parseAllDocuments(text).map((document) => JSON.stringify(document.toJS()));
    const expected = objects(manifest).map((object) =>
      object
        .replace('"namespace":"wordpress"', '"namespace":"seat-lee"')
        .replace('"nodePort":30080', '"nodePort":30081'),
    );
    const made = objects(manifestFor(manifest, lee));
    assert.deepEqual(made, expected);
    assert.equal(made.filter((object) => object.includes('"namespace":"seat-lee"')).length, made.length);
    assert.equal(made.filter((object) => object.includes('"nodePort":30081')).length, 1);
    // Its head is for another namespace.
    assert.doesNotMatch(manifestFor(manifest, lee), /create namespace/);
  });

  for (const hasLab of [false, true]) {
    it(`is a page with three commands in both languages, ${hasLab ? "with" : "without"} the lab in the seat`, () => {
      const page = pageFor(lee, access, hasLab);
      const blocks = [...page.matchAll(/```sh\n([^`]*)\n```/g)].map(([, block]) => block!.split("\n"));
      assert.equal(blocks.length, 2);
      assert.deepEqual(blocks[0], blocks[1]);
      assert.equal(blocks[0]!.length, 3);
      assert.match(page, /^# 이민수$/m);
      assert.equal(page.match(/2026-11-30 10:35 UTC/g)?.length, 2);
      assert.equal(page.match(/http:\/\/10\.0\.0\.9:30081/g)?.length, 2);
      assert.equal(page.includes("wordpress-k8s.yml"), !hasLab);
      assert.match(page, /If kubectl says `Unauthorized`, your access has ended/);
      assert.match(page, /kubectl이 `Unauthorized`라고 하면 접근 권한이 끝난/);
      assert.doesNotMatch(page, /let-me-in/);
    });
  }

  it("is in a folder for their seat that nobody else can read and git ignores", function () {
    const server = { server: "https://k8s.example" };
    const own = handOut(folder, server, lee, access, false);
    assert.equal(own, join(folder, "lee"));
    assert.equal(readFileSync(join(folder, ".gitignore"), "utf8"), "*\n");
    for (const file of ["START.md", "wordpress-k8s.yml"]) assert.ok(existsSync(join(own, file)), file);
    // Once more, into a file that somebody may have made readable.
    writeFileSync(join(own, "kubeconfig.yaml"), "", { mode: 0o644 });
    handOut(folder, server, lee, { ...access, token: "renewed" }, false);
    assert.match(readFileSync(join(own, "kubeconfig.yaml"), "utf8"), /renewed/);
    if (process.platform !== "win32") assert.equal(statSync(join(own, "kubeconfig.yaml")).mode & 0o777, 0o600);
  });

  it("contains no manifest if the lab is already in the seat", () => {
    assert.ok(!existsSync(join(handOut(folder, { server: "https://x" }, lee, access, true), "wordpress-k8s.yml")));
  });
});

describe("access to a seat", () => {
  /** A cluster's API that notes what it is asked. */
  function fake(answers: Record<string, unknown>): { api: ClusterApi; asked: [string, unknown][] } {
    const asked: [string, unknown][] = [];
    const core = new Proxy(
      {},
      {
        get: (_, call: string) => (about: unknown) => {
          asked.push([call, about]);
          const answer = answers[call];
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        },
      },
    );
    return { api: { core } as unknown as ClusterApi, asked };
  }
  const notFound = Object.assign(new Error("not found"), { code: 404 });

  it("ends when the cluster says, whatever was requested", async () => {
    const status = { token: "t", expirationTimestamp: new Date("2026-11-30T09:00:00Z") };
    const { api, asked } = fake({ createNamespacedServiceAccountToken: { status } });
    assert.deepEqual(await accessOf(api, lee, 8), { token: "t", ends: new Date("2026-11-30T09:00:00Z") });
    const spec = { audiences: [], expirationSeconds: 28800 };
    assert.deepEqual(asked, [
      ["createNamespacedServiceAccountToken", { name: "student", namespace: "seat-lee", body: { spec } }],
    ]);
  });

  it("cannot be granted to a seat that somebody removed", async () => {
    const { api } = fake({ createNamespacedServiceAccountToken: notFound, readNamespacedServiceAccount: notFound });
    for (const call of [accessOf(api, lee, 8), revoke(api, lee)]) {
      await assert.rejects(call, /namespace seat-lee: the seat was deleted by hand, or .* To create it: npm run up/);
    }
  });

  it("is revoked by replacing its account with an identical one", async () => {
    const metadata = { labels: { "course-labs/seat": "lee" }, annotations: { a: "b" } };
    const account = { metadata: { ...metadata, uid: "1", resourceVersion: "7" }, automountServiceAccountToken: false };
    const { api, asked } = fake({ readNamespacedServiceAccount: account });
    await revoke(api, lee);
    const at = { name: "student", namespace: "seat-lee" };
    assert.deepEqual(asked, [
      ["readNamespacedServiceAccount", at],
      ["deleteNamespacedServiceAccount", at],
      [
        "createNamespacedServiceAccount",
        { namespace: "seat-lee", body: { metadata: { ...at, ...metadata }, automountServiceAccountToken: false } },
      ],
    ]);
  });
});

describe("npm run class", () => {
  it("parses its arguments", () => {
    const { what, to, seats, server, here, stack, json } = parseClass([
      "hand-out",
      "seats",
      "--seat",
      "lee, kim",
      "--here",
      "--stack",
      "b",
    ]);
    assert.deepEqual([what, to, seats, server], ["hand-out", "seats", ["lee", "kim"], undefined]);
    assert.deepEqual([here, stack, json], [true, "b", false]);
    assert.equal(parseClass([]).what, "page");
    assert.equal(parseClass(["table", "--json"]).json, true);
    assert.equal(parseClass(["grade", "a.csv"]).to, "a.csv");
    assert.equal(parseClass(["revoke"]).what, "revoke");
    assert.equal(parseClass(["--help"]).help, true);
    assert.equal(
      parseClass(["hand-out", "x", "--server", "https://192.168.0.7:8443"]).server,
      "https://192.168.0.7:8443",
    );
  });

  for (const [argv, en] of [
    [["begin"], 'There is no action "begin" for a class.'],
    [["hand-out"], "hand-out needs a folder, for example: npm run class -- hand-out seats"],
    [["grade"], "grade needs a file, for example: npm run class -- grade grades.csv"],
    [["table", "lee"], '"lee" is not needed. To choose a seat: --seat lee'],
    [["hand-out", "a", "b"], '"b" is not needed. To choose a seat: --seat b'],
    [["revoke", "lee"], '"lee" is not needed. To choose a seat: --seat lee'],
    [["revoke", "--server", "http://x"], '--server is "http://x"'],
    [["revoke", "--stack", "a b"], '--stack is "a b"'],
    [["revoke", "--lang", "de"], '--lang is "de"'],
    [["revoke", "--nope"], "Unknown option '--nope'"],
  ] as [string[], string][]) {
    it(`names what is wrong with: ${argv.join(" ")}`, () => {
      const told = complaint(() => parseClass(argv));
      assert.ok(told.en.startsWith(en), told.en);
      assert.match(told.en, /\n\nUsage: npm run class/);
      assert.match(told.ko, /\n\n사용법: npm run class/);
    });
  }

  it("finds seats by name, student and namespace, and lists the existing ones", () => {
    const school = { hours: 8, seats: [lee, { seat: "kim", namespace: "seat-kim", nodePort: 30082, url: "" }] };
    assert.deepEqual(chosen(school, undefined), school.seats);
    for (const name of ["lee", "이민수", "seat-lee"]) assert.deepEqual(chosen(school, [name]), [lee]);
    const told = complaint(() => chosen(school, ["choi"]));
    assert.equal(told.en, '--seat is "choi": the class has no such seat. Available seats: lee, kim');
  });
});
