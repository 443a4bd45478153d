import assert from "node:assert/strict";
import { judge } from "../../tools/review/judge";
import { Inputs } from "../../tools/review/resources/model";
import { About, change, claim, container, deployment, service, volume, workload } from "./build";

type Row = [what: string, about: About, says: [kind: string, en: string, ko: string][]];

const database = (spec: Inputs) => ({ spec: { ...(workload("mysql:9.7.2").spec as Inputs), ...spec } });
const site = (spec: Inputs, more?: Parameters<typeof workload>[1]) => ({
  spec: { ...(workload("wordpress:7.1.0", more).spec as Inputs), ...spec },
});
const limited = (limits: Inputs) => site({}, { container: { resources: { limits } } });
const sized = (storage: string | undefined, labels: Inputs = {}) => ({
  metadata: { labels },
  spec: { resources: { requests: { ...(storage === undefined ? {} : { storage }) } } },
});
const quota = (before: Inputs, after: Inputs): About => ({
  ...{ type: "kubernetes:core/v1:ResourceQuota", before: { spec: { hard: before } }, after: { spec: { hard: after } } },
});
const owned = (value: string) => ({
  labels: ["course-labs.id", "course-labs.stack", "course-labs.project"].map((label) => ({ label, value })),
});
const killed = "it is killed when it needs more.";
const unseen = "nothing notices any more when it does not work.";
const share = "its namespace gets another share of the cluster";

const rows: Row[] = [
  [
    "a database whose pods overlap",
    { type: deployment, before: database({}), after: database({ strategy: { type: "RollingUpdate" } }) },
    [["availability!", "volume: two databases on the same files, or an update that never ends.", "끝나지 않습니다."]],
  ],
  [
    "a website whose pods overlap, as they do where nothing is said",
    { type: deployment, before: site({}), after: site({ strategy: undefined }) },
    [["availability", "volume, which it may not get.", "새 파드는 볼륨을 얻지 못할 수 있습니다."]],
  ],
  [
    "less memory",
    { type: deployment, before: limited({ memory: "512Mi" }), after: limited({ memory: "256Mi" }) },
    [["availability", `memory: 512Mi → 256Mi\`): ${killed}`, "더 필요하면 강제로 종료됩니다."]],
  ],
  [
    "a limit that was none",
    { type: deployment, before: limited({}), after: limited({ memory: "256Mi" }) },
    [["availability", `memory: – → 256Mi\`): ${killed}`, "더 필요하면 강제로 종료됩니다."]],
  ],
  [
    "less memory on Docker",
    { type: container, lab: "compose", before: { memory: 512 }, after: { memory: 256 } },
    [["availability", `(\`memory: 512 → 256\`): ${killed}`, "더 필요하면 강제로 종료됩니다."]],
  ],
  ["more memory", { type: deployment, before: limited({ memory: "1Gi" }), after: limited({ memory: "2Gi" }) }, []],
  [
    "as much, written otherwise",
    { type: deployment, before: limited({ memory: "1Gi" }), after: limited({ memory: "1024Mi" }) },
    [],
  ],
  [
    "no probe any more",
    { type: deployment, before: site({}), after: site({}, { container: { readinessProbe: undefined } }) },
    [["availability", `loses its readinessProbe: ${unseen}`, "readinessProbe 설정이 없어져, 작동하지 않아도"]],
  ],
  [
    "no health check any more",
    { type: container, lab: "compose", before: { healthcheck: { tests: ["a"], interval: "3s" } }, after: {} },
    [["availability", `loses its healthcheck: ${unseen}`, "healthcheck 설정이 없어져, 작동하지 않아도"]],
  ],
  [
    "a claim of a size that is not known yet",
    { type: claim, before: sized("1Gi"), after: sized("[unknown]") },
    [["failure!", "it is unknown whether its size grows or shrinks (", "크기가 늘어나는지 줄어드는지 알 수 없습니다"]],
  ],
  [
    "a smaller claim",
    { type: claim, before: sized("2Gi"), after: sized("1Gi") },
    [["failure!", "it cannot shrink (", "크기를 줄일 수 없습니다"]],
  ],
  [
    "a larger claim",
    { type: claim, before: sized("1Gi"), after: sized("2Gi") },
    [["failure", "grows (", "크기가 늘어납니다"]],
  ],
  ["a claim as large", { type: claim, before: sized("1Gi"), after: sized("1024Mi") }, []],
  ["a claim of no size", { type: claim, before: sized(undefined), after: sized(undefined, { a: "b" }) }, []],
  [
    "a quota of more",
    quota({ pods: "9" }, { pods: "20" }),
    [["exposure", `${share} (\`spec.hard.pods: 9 → 20\`)`, "몫"]],
  ],
  [
    "a quota that goes",
    quota({ pods: "9" }, { a: "1" }),
    [
      ["exposure!", share, "몫"],
      ["exposure", share, "몫"],
    ],
  ],
  ["a quota that comes", quota({}, { pods: "9" }), [["exposure", `${share} (\`spec.hard.pods: – → 9\`)`, "몫"]]],
  ["a quota of the same", quota({ pods: "9" }, { pods: "9" }), []],
  [
    "no pod",
    { type: deployment, before: site({}), after: site({ replicas: 0 }) },
    [["availability!", "has no replica: it does not run.", "레플리카가 0개여서 실행되지 않습니다."]],
  ],
  [
    "two of a database",
    { type: deployment, before: database({}), after: database({ replicas: 2 }) },
    [["availability!", "2 replicas of a database on one volume.", "레플리카가 2개입니다."]],
  ],
  ["two of a website", { type: deployment, before: site({}), after: site({ replicas: 2 }) }, []],
  ["as many as usual", { type: deployment, before: database({}), after: database({ replicas: undefined }) }, []],
  [
    "another owner",
    { type: volume, lab: "compose", before: owned("a"), after: owned("b") },
    [
      [
        "availability",
        "`labels[course-labs.id]: a → b`, `labels[course-labs.stack]: a → b`. `up` and `destroy` find",
        "이 레이블로 자기 리소스를 찾습니다.",
      ],
    ],
  ],
  [
    "a Service of another name, for other pods and another port",
    {
      type: service,
      before: { metadata: { name: "a" }, spec: { selector: { app: "a" }, ports: [{ port: 80 }] } },
      after: { metadata: { name: "b" }, spec: { selector: { app: "b" }, ports: [{ port: 80, targetPort: 81 }] } },
    },
    [
      ["availability!", 'leads elsewhere (`selector: [["app","a"]] → [["app","b"]]`): its clients', "다른 곳으로"],
      ["availability!", "leads elsewhere (`80/TCP: 80 → 81`): its clients", "다른 곳으로"],
      ["availability!", "leads elsewhere (`name: a → b`): its clients", "다른 곳으로"],
    ],
  ],
];

describe("what is said in words", () => {
  for (const [what, about, says] of rows) {
    it(`of ${what}`, () => {
      const told = judge([change(about)]).filter(({ kind }) => kind !== "interruption");
      assert.deepEqual(
        told.map(({ kind, dangerous }) => `${kind}${dangerous ? "!" : ""}`),
        says.map(([kind]) => kind),
      );
      for (const [i, [, en, ko]] of says.entries()) {
        const { text } = told[i]!;
        assert.ok(text.en.includes(en), text.en);
        assert.ok(text.ko.includes(ko), text.ko);
      }
    });
  }
});
