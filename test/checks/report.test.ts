import assert from "node:assert/strict";
import { drawing } from "../../tools/checks/report/drawing";
import { page, reportIn } from "../../tools/checks/report/page";
import { result } from "./fakes";
import { report } from "./fixture";

describe("a report", () => {
  it("can be read back from its page, and produces the same page again", () => {
    const made = report();
    const html = page(made);
    assert.deepEqual(reportIn(html), made);
    assert.equal(page(reportIn(html)!), html);
  });

  it("escapes markup in what it shows", () => {
    const html = page(report({ student: "<img src=x onerror=alert(1)>" }));
    assert.equal(html.match(/<\/script>/g)?.length, 2);
    assert.ok(!html.includes("<img"));
    assert.ok(!drawing(report().scene).includes("redis<x>"));
  });

  it("contains no character that a page may not have", () => {
    const html = page(report({ student: "Kim\u0000\u001b\ud83d" }));
    assert.ok(html.includes("<b>Kim���</b>"));
  });

  it("makes no network request", () => {
    assert.doesNotMatch(page(report()), /(?:src|href)="(?!data:,|#)|url\((?!#)|@import|fetch\(/);
  });

  it("counts in words, links to what failed, and keeps a number with its unit", () => {
    const html = page(report());
    assert.match(html, /<p id="sum">.*passed<.*통과<\/span> 1<.*failed<.*실패<\/span> 1<.*전체<\/span> 2</);
    assert.match(html, /<p id="failures">.*<a href="#compose\.page">1\.1<\/a>/);
    assert.match(html, /0\.1&#160;s/);
    assert.doesNotMatch(page(report({ results: [result("redis.pong")] })), /<p id="failures">/);
  });

  it("has a heading for each column, in both languages", () => {
    const same = { en: "x", ko: "x" };
    const html = page(report({ comparison: [{ question: same, compose: same, kubernetes: same }] }));
    const headings = [...html.matchAll(/<th scope="col">(.*?)<\/th>/g)].map(([, text]) =>
      text!.replace(/<[^>]+>/g, " "),
    );
    assert.deepEqual(
      headings.map((text) => text.trim().split(/ +/).join(" ")),
      [
        ...["Result 결과", "No. 번호", "Check 점검 항목", "Time 시간"],
        ...["Result 결과", "No. 번호", "Check 점검 항목", "Time 시간"],
        ...["Compose", "Kubernetes"],
      ],
    );
  });

  it("marks only commands as code, in sentences, too", () => {
    const next = { en: "Start it, then: docker logs redis", ko: "시작한 뒤 다음을 실행하세요: docker logs redis" };
    const why = { en: "w", ko: "w" };
    const html = page(report({ results: [result("redis.pong", { status: "failed", why, next })] }));
    assert.match(html, /Start it, then: <code>docker logs redis<\/code>/);
    assert.match(html, /실행하세요: <code>docker logs redis<\/code>/);
    const prose = { en: "npm run up starts it. Then look again", ko: "docker 그룹에 들어가세요" };
    assert.doesNotMatch(
      page(report({ results: [result("redis.pong", { status: "failed", why, next: prose })] })),
      /<code>/,
    );
  });
});

describe("the drawing", () => {
  const pod = { name: "mysql-1-x", ready: true, reached: true, image: "mysql:9", address: "10.0.0.2" };
  const workload = {
    service: "mysql · ClusterIP 3306",
    deployment: "mysql",
    replicaSet: "mysql-1",
    claims: ["data · Bound"],
    database: undefined,
  };
  const drawn = (one: object) =>
    drawing({
      containers: [],
      cluster: { context: "c", namespace: "n", workloads: [{ ...workload, pods: [pod], ...one }] },
    }).replace(/<style>.*<\/style>/s, "");

  it("shows that a Deployment creates a ReplicaSet, which creates pods, and that a Service selects them", () => {
    const [service = "", chain = ""] = drawn({}).split('</div></div><div><div class="card plain">');
    assert.match(service, /Service mysql.*ClusterIP 3306.*selects/s);
    assert.doesNotMatch(service, /Deployment/);
    assert.match(chain, /Deployment.*creates.*ReplicaSet.*creates.*Pod mysql-1-x.*stores data in.*data/s);
  });

  /** What a box is, and its lines. */
  const boxes = (html: string) =>
    [...html.matchAll(/<div class="card (\w+)"><b>(.*?)<\/b>(.*?)<\/div>(?=<div class="(?:arrow|card)|<\/div>)/g)].map(
      ([, kind, name = "", lines = ""]) =>
        [kind, name, ...lines.replace(/<\/div>$/, "").split(/<\/?div>/)].filter((text) => text !== "").join(" | "),
    );

  it("shows pods and claims in their boxes", () => {
    assert.ok(boxes(drawn({})).includes("good | Pod mysql-1-x | mysql:9 | 10.0.0.2"), boxes(drawn({})).join("\n"));
    assert.ok(boxes(drawn({ pods: [{ ...pod, ready: false }] }))[3]?.startsWith("bad | Pod mysql-1-x"));
    assert.ok(boxes(drawn({})).includes("store | PersistentVolumeClaim | data · Bound"));
    assert.doesNotMatch(drawn({ claims: [] }).split("legend")[0]!, /stores data in/);
  });

  it("has a container's ports before it, and what it stores behind", () => {
    const container = {
      ...{ name: "redis", image: "redis:1", status: "running", running: true, network: "bridge" },
      ...{ ports: ["127.0.0.1:6379 → 6379/tcp"], addresses: ["172.17.0.2"], stores: [{ name: "v", path: "/data" }] },
    };
    const alone = { ...container, name: "debian", running: false, ports: [], stores: [], addresses: [] };
    const html = drawing({ containers: [container, alone] }).replace(/<style>.*<\/style>/s, "");
    const [shown = "", legend = ""] = html.split('<div class="legend">');
    assert.deepEqual(boxes(shown), [
      "port | 127.0.0.1:6379 → 6379/tcp",
      "good | redis | redis:1 | running | 172.17.0.2",
      "store | v | /data",
      "bad | debian | redis:1 | running",
    ]);
    assert.equal(shown.match(/class="frame"/g)?.length, 1, "one network");
    for (const word of ["running or ready", "missing or not ready", "port or Service", "controller", "volume or claim"])
      assert.ok(legend.includes(word), word);
  });

  it("shows if a Service selects no pod, if there is none, and what a pod connects to", () => {
    assert.match(drawn({ pods: [{ ...pod, reached: false }] }), /card bad"><b>Service mysql.*selects no ready pod/s);
    assert.match(drawn({ pods: [], service: undefined }), /no Service.*no Pod/s);
    assert.match(drawn({ database: "mysql" }), /connects to<.* mysql</);
  });
});
