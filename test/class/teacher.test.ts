import assert from "node:assert/strict";
import { request } from "node:http";
import { parseSettings } from "../../config";
import { clusterWith, healthy, pod, unreadyMysql } from "../checks/kubernetes-fakes";
import { runChecks } from "../../tools/checks/check";
import { KubernetesFacts } from "../../tools/checks/facts/kubernetes";
import { live } from "../../tools/checks/facts/live";
import { kubernetesChecks } from "../../tools/checks/labs/kubernetes";
import { classGrades } from "../../tools/class/grade";
import { rows, serve } from "../../tools/class/page";
import { byNeed, Progress, progressOf, settingsOfSeat, targetOfSeat } from "../../tools/class/progress";
import { ago, classTable, tally } from "../../tools/class/table";
import { Text } from "../../text";

// The facts of the fakes are of this namespace.
const seat = {
  seat: "lee",
  student: "이민수",
  namespace: "wordpress",
  nodePort: 30080,
  url: "http://192.168.49.2:30080",
};
const settings = parseSettings({ seats: ["이민수"], kubernetesNamespace: "of-teacher", nodePort: 31000 });
const target = targetOfSeat(settings, seat);
const en = ({ en: text }: Text) => text;
const now = Date.parse("2026-11-30T10:00:00Z");
const minutes = (count: number) => new Date(now - count * 60_000);

const nothing = (): KubernetesFacts => ({
  ...healthy(),
  ...{ pods: [], claims: [], services: [], deployments: [], replicaSets: [], slices: [], secrets: [] },
});

/** MySQL's image does not exist. */
function wrongImage(since: Date): KubernetesFacts {
  const facts = healthy();
  const waiting = { reason: "ImagePullBackOff", message: 'Back-off pulling image "mysql:nope"' };
  const mysql = pod("mysql", "1", {
    phase: "Pending",
    conditions: [{ type: "Ready", status: "False", lastTransitionTime: since }],
    containerStatuses: [unreadyMysql({ image: "mysql:nope", state: { waiting } })],
  });
  return { ...facts, pods: [mysql, facts.pods[1]!] };
}

describe("the state of a seat", () => {
  it("is checked in the seat, whatever the settings of the teacher's own lab are", () => {
    assert.equal(settingsOfSeat(settings, seat).kubernetesNamespace, "wordpress");
    assert.equal(target.namespace, "wordpress");
    assert.equal(target.nodePort, 30080);
    assert.equal(target.byHand, true);
  });

  it("is done if every visible step passes", async () => {
    const { state, steps, at, student } = await progressOf(seat, healthy(), target, now);
    assert.deepEqual([state, at, student], ["done", undefined, "이민수"]);
    assert.equal(steps.length, 9);
    assert.ok(steps.every(({ status }) => status === "passed"));
    // Those that go into a pod or to the page would be a question for each seat, each time.
    assert.ok(!steps.some(({ id }) => /database|page|isolated|heals|survives/.test(id)));
  });

  it("is not begun, and not stuck, if the seat is empty", async () => {
    const { state, at, since } = await progressOf(seat, nothing(), target, now);
    assert.deepEqual([state, at, since], ["not begun", undefined, undefined]);
    // Others' Services are not its.
    const others = healthy().services.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: "other" } }));
    assert.equal((await progressOf(seat, { ...nothing(), services: others }, target, now)).state, "not begun");
  });

  it("is stuck at once, with the reason, if the cluster reports a problem", async () => {
    const { state, at, doctor, since } = await progressOf(seat, wrongImage(minutes(1)), target, now);
    assert.equal(state, "stuck");
    assert.equal(at?.id, "kubernetes.mysql");
    assert.match(at.why.en + (doctor?.what.en ?? ""), /mysql:nope/);
    assert.equal(since, minutes(1).toISOString());
  });

  it("shows what doctor finds in another step", async () => {
    const { at, doctor } = await progressOf(seat, { ...wrongImage(minutes(1)), claims: [] }, target, now);
    assert.equal(at?.id, "kubernetes.claims");
    assert.equal(doctor?.cause, "image cannot be pulled");
    assert.match(doctor.what.en, /mysql:nope/);
  });

  for (const [minutesAgo, state] of [
    [2, "working"],
    [4, "stuck"],
  ] as const) {
    it(`is ${state} if something is only missing and the last change was ${minutesAgo} minutes ago`, async () => {
      const [one] = healthy().claims;
      const claims = [{ ...one, metadata: { ...one!.metadata, creationTimestamp: minutes(minutesAgo) } }];
      const found = await progressOf(seat, { ...nothing(), claims }, target, now);
      assert.equal(found.state, state);
      assert.equal(found.at?.id, "kubernetes.claims");
    });
  }
});

const seatWith = (name: string, more: Partial<Progress>): Progress => ({
  ...{ seat: name, namespace: `seat-${name}`, url: "http://x", state: "done", steps: [] },
  ...more,
});
const step = (status: "passed" | "failed") => ({ id: "a", title: { en: "A", ko: "가" }, status });

describe("who needs help first", () => {
  it("is whoever has been stuck longest; then comes the least progress, then not begun, then done", () => {
    const order = byNeed([
      seatWith("done", {}),
      seatWith("absent", { state: "not begun" }),
      seatWith("further", { state: "working", steps: [step("passed"), step("passed")] }),
      seatWith("new", { state: "working", steps: [step("passed"), step("failed")] }),
      seatWith("late", { state: "stuck", since: minutes(3).toISOString() }),
      seatWith("early", { state: "stuck", since: minutes(30).toISOString() }),
    ]);
    assert.deepEqual(
      order.map(({ seat: name }) => name),
      ["early", "late", "new", "further", "absent", "done"],
    );
  });

  it("is shown in a table that is aligned in any script", () => {
    const at = {
      id: "a",
      title: { en: "Title", ko: "제목" },
      why: { en: "Why", ko: "이유" },
      next: { en: "n", ko: "n" },
    };
    const doctor = {
      cause: "crash loop" as const,
      what: { en: "It crashes", ko: "멈춘다" },
      next: { en: "n", ko: "n" },
    };
    const shown = classTable(
      [
        seatWith("lee", {
          student: "이민수",
          state: "stuck",
          steps: [step("failed")],
          at,
          doctor,
          since: minutes(5).toISOString(),
        }),
        seatWith("kim", { steps: [step("passed")] }),
      ],
      { told: en, colour: false, now },
    );
    assert.equal(
      shown,
      ["lee (이민수)  stuck  ✘  5 min", "    Title", "    Why", "    It crashes", "kim           done   ✔"].join("\n"),
    );
  });

  it("is counted", () => {
    assert.deepEqual(tally([seatWith("a", {}), seatWith("b", { state: "stuck" }), seatWith("c", {})]), {
      en: "3 seats: 1 stuck, 2 done",
      ko: "자리 3: 막힘 1, 완료 2",
    });
  });

  it("is shown with the time since the last change", () => {
    assert.equal(ago(undefined).en, "");
    assert.equal(ago(minutes(0.5).toISOString(), now).en, "just now");
    assert.equal(ago(minutes(119).toISOString(), now).en, "119 min");
    assert.equal(ago(minutes(300).toISOString(), now).en, "5 h");
    assert.equal(ago(minutes(-5).toISOString(), now).en, "just now");
  });
});

describe("the teacher's page", () => {
  const get = (url: string, headers: Record<string, string> = {}, path = "/") =>
    new Promise<{ status?: number; policy?: string | string[]; body: string }>((done, fail) => {
      request(new URL(path, url), { headers, agent: false }, (answer) => {
        let body = "";
        answer.on("data", (data: Buffer) => {
          body += data.toString();
          if (path === "/changes" && body.split("\n\n").length > 2) answer.destroy();
        });
        const told = () => done({ status: answer.statusCode, policy: answer.headers["content-security-policy"], body });
        answer.on("end", told).on("close", told);
      })
        .on("error", fail)
        .end();
    });

  it("escapes markup in what a student wrote", () => {
    const evil = '<img src=x onerror="alert(1)">';
    const at = { id: "a", title: { en: evil, ko: evil }, why: { en: evil, ko: evil }, next: { en: evil, ko: evil } };
    const shown = rows(
      [seatWith("lee", { student: evil, state: "stuck", at, steps: [{ ...step("failed"), title: at.title }] })],
      en,
    );
    assert.doesNotMatch(shown, /<img/);
    assert.match(shown, /<tr class="stuck" id="lee">/);
    assert.match(rows([seatWith("lee", { state: "not begun" })], en), /class="not-begun"/);
  });

  it("is served to this machine only, under its own name, and shows changes", async () => {
    const served = await serve(en, "<p>first</p>");
    try {
      const { host, port } = new URL(served.url);
      const page = await get(served.url);
      assert.equal(page.status, 200);
      assert.match(page.body, /<p>first<\/p>/);
      assert.match(String(page.policy), /^default-src 'none'; .*frame-ancestors 'none'$/);
      assert.equal((await get(served.url, { host: `localhost:${port}` })).status, 200);
      assert.equal((await get(served.url, { host: `evil.example:${port}` })).status, 403);
      assert.equal((await get(served.url, { host }, "/other")).status, 404);
      const changes = get(served.url, {}, "/changes");
      await new Promise((done) => setTimeout(done, 100));
      served.show("<p>then</p>");
      assert.match((await changes).body, /data: "<p>first<\/p>"\n\ndata: "<p>then<\/p>"\n\n/);
    } finally {
      await served.close();
    }
  });
});

describe("grades of a class", () => {
  it("are one line for each seat, with every check", async () => {
    const results = await runChecks(kubernetesChecks(target, { facts: nothing() }, clusterWith(nothing()), live));
    const csv = classGrades(
      [
        { seat, results },
        { seat: { ...seat, seat: "kim", student: undefined }, results },
        { seat: { ...seat, seat: "x", student: "=1+1" }, results },
      ],
      new Date(now),
    );
    const [head, lee, kim, x] = csv.replace("\ufeff", "").split("\r\n");
    assert.match(
      head ?? "",
      /^seat,student,namespace,made,passed,failed,open,blocked,kubernetes\.cluster,.*,kubernetes\.page(,|$)/,
    );
    assert.match(lee ?? "", /^lee,이민수,wordpress,2026-11-30T10:00:00\.000Z,1,1,0,\d+,passed,failed,blocked/);
    assert.match(kim ?? "", /^kim,kim,/);
    assert.match(x ?? "", /^x,'=1\+1,/);
    assert.ok(csv.startsWith("\ufeff"));
  });
});
