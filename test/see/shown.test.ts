import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import stringWidth from "string-width";
import { parseSee, seeUsage } from "../../tools/commands/see";
import { DockerEvent, dockerStoryOf, dockerTold } from "../../tools/see/docker";
import { page, toldIn } from "../../tools/see/page";
import { cellsOf, partHeads, partsOf } from "../../tools/see/parts";
import { lastOf, Story, storyOf } from "../../tools/see/story";
import { rendered } from "../../tools/see/terminal";
import { clusterTold } from "../../tools/see/told";
import { LabError, Text } from "../../text";
import { recorded } from "./fixture";

const en = ({ en }: Text) => en;
const ko = ({ ko }: Text) => ko;
const plain = { told: en, colour: false, why: false };
const replaced = () => storyOf(recorded("pod-replaced"), { own: ["7433"] });
type Telling = Parameters<typeof clusterTold>[0];
const toldOf = (story: Partial<Story>, end: Partial<Telling> = {}) =>
  clusterTold({
    ...{ title: { en: "a", ko: "b" }, context: "c", namespace: "n", steps: [], notes: [], combined: [] },
    ...story,
    ...end,
  });

describe("a story in a terminal", () => {
  it("has a line for each step, in the lane of its writer", () => {
    const { steps } = replaced();
    const [heads, ...lines] = rendered(toldOf(replaced()), plain).split("\n");
    assert.match(heads!, /you +API +ctrl +sched +kubelet/);
    assert.deepEqual(lines.slice(steps.length), ["", "✘ Not finished yet"]);
    const line = (text: RegExp) => lines.find((one) => text.test(one)) ?? "";
    assert.match(line(/npm run see/), /^\+0 s +●────►│ .*asks to delete · Pod .*-qfzqp/);
    assert.match(line(/scheduler · changes/), /│◄──────────● .*desired: node – → course-labs$/);
    assert.match(line(/kubelet · says · Pulled/), /│◄─+○/);
    // An arrow ends below the name of whose it is.
    const at = heads!.indexOf("kubelet");
    const mark = line(/kubelet · says · Pulled/).indexOf("○");
    assert.ok(mark >= at && mark < at + "kubelet".length, `${mark} is not below ${at}`);
  });

  it("fits its width, in both languages, without colours", () => {
    for (const width of [40, 80, 120]) {
      for (const told of [en, ko]) {
        for (const line of rendered(toldOf(replaced()), { told, colour: false, width, why: true }).split("\n")) {
          assert.ok(stringWidth(line) <= width, `${width}: ${line}`);
          assert.ok(!line.includes("\u001b"));
        }
      }
    }
    const narrow = rendered(toldOf(replaced()), { ...plain, width: 60, why: true }).split("\n");
    assert.match(rendered(toldOf(replaced()), { ...plain, width: 80 }), /│/);
    assert.ok(narrow.every((line) => !line.includes("│")));
    assert.deepEqual(narrow.slice(0, 2), [
      "+0 s     npm run see · asks to delete · Pod wordpress-85b54…",
      "         At first, a deletion is only a timestamp in the ob…",
    ]);
  });

  it("ends with its notes, and the end", () => {
    const notes = [{ en: "A note.", ko: "참고." }];
    assert.equal(rendered(toldOf({ steps: [], notes }), plain), "A note.\n\n✘ Not finished yet");
  });

  it("shows Events in gray, and changes without colour", () => {
    const gray = "\u001b[90m";
    const lines = rendered(toldOf(replaced()), { ...plain, colour: true })
      .split("\n")
      .slice(1);
    const { steps } = replaced();
    for (const [i, { what }] of steps.entries()) assert.equal(lines[i]!.includes(gray), what === "said", lines[i]);
  });

  it("shows the reason below each step on request, and at the end where the chain stops", () => {
    const same = (text: string): Text => ({ en: text, ko: text });
    const at = { id: "kubelet", lane: "kubelet" as const, name: same("kubelet") };
    const ending = {
      ok: false,
      at,
      what: same("It does not start."),
      waits: [same("It waits.")],
      evidence: ["no such image"],
    };
    const text = rendered(toldOf(replaced(), { ending }), { ...plain, why: true });
    assert.match(text, /saw a pod without a node, chose one/);
    assert.match(
      text,
      /\n\n✘ The chain stops at: kubelet\n {2}It does not start\.\n {4}\| no such image\n {2}It waits\.$/,
    );
  });

  it("shows no next step if all is well", () => {
    const same = (text: string): Text => ({ en: text, ko: text });
    const ending = { ok: true, what: same("Fine."), waits: [], evidence: [], next: same("npm run up") };
    const lines = (end: object) =>
      rendered(toldOf({ steps: [], notes: [] }, { ending: { ...ending, ...end } }), plain)
        .split("\n")
        .slice(1);
    assert.deepEqual(lines({}), ["✔ The desired state is reached", "  Fine."]);
    assert.deepEqual(lines({ ok: false, why: same("So.") }), [
      "✘ Not finished yet",
      "  Fine. So.",
      "  What to do: npm run up",
    ]);
  });
});

describe("what happened last", () => {
  it("begins with the last change by a person", () => {
    const story = storyOf([...recorded("pod-creation"), ...recorded("pod-replaced")]);
    const { steps } = lastOf(story);
    assert.equal(steps[0]?.resourceVersion, "7433");
    assert.equal(steps.length, 23);
    assert.equal(steps[0].actor.lane, "person");
  });

  it("includes everything if no person changed anything", () => {
    const { steps } = lastOf(
      storyOf(recorded("pod-creation").filter(({ object }) => object.metadata.resourceVersion !== "264")),
    );
    assert.equal(steps.length, 16);
  });
});

describe("a story as a page", () => {
  it("contains every step, with markup escaped", () => {
    const story = replaced();
    story.steps[0]!.object.name = "</script><script>alert(1)</script>";
    const title = { en: "<b>", ko: "<i>" };
    const told = clusterTold({ title, context: "c", namespace: "n", ...story });
    const html = page(told);
    assert.equal(html.split("<script>alert").length, 1);
    assert.match(html, /<h1><span lang="en">&#60;b&#62;<\/span>/);
    assert.match(html, /default-src 'none'/);
    assert.doesNotMatch(html, /https?:\/\//);
    assert.equal(toldIn(html)?.steps.length, 23);
  });

  it("can be rebuilt from its own data, which exposes any other page", () => {
    const html = page(clusterTold({ title: { en: "a", ko: "b" }, context: "c", namespace: "n", ...replaced() }));
    const told = toldIn(html);
    assert.equal(told && page(told), html);
    assert.deepEqual(toldIn(html.replaceAll("\n", "\r\n")), told);
    const edits: [string, string][] = [
      ["<h1>", "<h1>x"],
      ["kubelet · removes", "kubectl · removes"],
      ['id="told">', 'id="told">x'],
    ];
    for (const [from, to] of edits) {
      assert.notEqual(html.replace(from, to), html);
      assert.equal(toldIn(html.replace(from, to)), undefined, from);
    }
    assert.equal(toldIn("<html>"), undefined);
  });
});

describe("what a page shows", () => {
  const title = { en: "a", ko: "b" };
  const at = { id: "kubelet", lane: "kubelet" as const, name: { en: "kubelet", ko: "큐블릿" } };
  const text = (word: string): Text => ({ en: word, ko: `${word}!` });
  const told = (end: Partial<Telling> = {}) => toldOf(replaced(), end);

  it("for a step is who did what to which object, with the result", () => {
    const { steps, of } = told();
    const [asked, , killing, made] = steps;
    assert.equal(of, "c · n · 2026-11-29 21:37:07 UTC");
    assert.equal(asked?.head.en, "npm run see · asks to delete · Pod wordpress-85b54bc6b5-qfzqp");
    assert.equal(asked.head.ko, "npm run see · 삭제 요청 · Pod wordpress-85b54bc6b5-qfzqp");
    assert.deepEqual([asked.actor, asked.version, asked.lit, asked.said], ["npm-run-see", "7433", ["person"], false]);
    assert.deepEqual([asked.when, asked.fields], ["resourceVersion 7433 · 21:37:07 UTC", []]);
    assert.equal(killing?.head.en, "kubelet · says · Killing: Stopping container wordpress");
    assert.deepEqual([killing.said, killing.sides, killing.lit], [true, undefined, ["kubelet"]]);
    assert.deepEqual(
      made?.sides?.desired.map(({ value }) => value),
      ["–", "wordpress:7.1.0-php8.3-apache"],
    );
    assert.ok(steps.some(({ fields }) => fields.includes("status.phase: Running → Succeeded")));
    assert.ok(steps.some(({ fields }) => fields.includes("status.podIP: – → 10.244.0.63")));
    const doubtful = storyOf(recorded("pod-replaced"));
    const [first] = clusterTold({ title, context: "c", namespace: "n", ...doubtful }).steps;
    assert.match(first?.head.en ?? "", /^somebody \? · /);
    assert.match(first?.head.ko ?? "", /^누군가 \? · /);
    assert.match(first?.doubt?.en ?? "", /does not record who deletes/);
  });

  it("for a step without a time is its number", () => {
    const story = replaced();
    delete story.steps[0]!.time;
    const { steps, of } = clusterTold({ title, context: "c", namespace: "n", ...story });
    assert.deepEqual([steps[0]?.when, of], ["resourceVersion 7433", "c · n · "]);
  });

  const ends: [what: string, end: Partial<Telling>, shown: object][] = [
    ["nothing is known", {}, { head: "Not finished yet", what: "", lit: [], actor: "", more: [] }],
    [
      "all is as wanted",
      { ending: { ok: true, what: text("Fine."), waits: [text("Nobody.")], evidence: [], next: text("npm") } },
      { head: "The desired state is reached", what: "Fine.", lit: [], actor: "", more: ["Nobody."] },
    ],
    [
      "it stops somewhere",
      {
        ending: {
          ok: false,
          at,
          what: text("No."),
          why: text("So."),
          waits: [text("Wait.")],
          evidence: ["e"],
          next: text("npm"),
        },
      },
      {
        head: "The chain stops at: kubelet",
        what: "No. So.",
        lit: ["kubelet"],
        actor: "kubelet",
        more: ["Wait.", "What to do: npm"],
      },
    ],
    [
      "it is not over",
      { ending: { ok: false, what: text("Later."), waits: [], evidence: [] } },
      { head: "Not finished yet", what: "Later.", lit: [], actor: "", more: [] },
    ],
    [
      "the cluster went away",
      { broken: text("Gone."), ending: { ok: false, at, what: text("No."), waits: [], evidence: [] } },
      { head: "Gone.", what: "No.", lit: ["kubelet"], actor: "kubelet", more: [] },
    ],
  ];
  for (const [what, end, shown] of ends) {
    it(`at the end is that ${what}`, () => {
      const { head, what: said, lit, actor, more } = told(end).end;
      assert.deepEqual({ head: head.en, what: said.en, lit, actor, more: more.map(en) }, shown);
      assert.equal(said.ko, said.en.replaceAll(".", ".!"));
      for (const one of [head, ...more]) assert.match(one.ko, /[가-힣!]/);
    });
  }

  it("lists every step, the end, and the components if they are known", () => {
    const html = page(told());
    assert.equal([...html.matchAll(/<li tabindex="0"/g)].length, 24);
    assert.equal([...html.matchAll(/<li tabindex="0" class="said"/g)].length, 6);
    assert.doesNotMatch(html, /id="parts"/);
    const cells = [text("running"), text("n1")];
    const withParts = page({ ...told(), parts: [{ name: "etcd", cells }], notes: [text("One note.")] });
    assert.match(
      withParts,
      /<tr><th>etcd<\/th><td><span lang="en">running<\/span><span lang="ko">running!<\/span><\/td>/,
    );
    assert.match(withParts, /<th><span lang="en">how it runs here</);
    assert.match(withParts, /<p class="note"><span lang="en">One note\.</);
  });
});

describe("the parts of a cluster", () => {
  const pod = (name: string, labels: object, more: object = {}) => ({
    metadata: { name, labels: labels as Record<string, string>, ...more },
    spec: { nodeName: "n1", containers: [] },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });
  const node = { metadata: { name: "n1" }, status: { conditions: [{ type: "Ready", status: "True" }] } };

  it("include how each runs, and how much it wrote", () => {
    const file = { annotations: { "kubernetes.io/config.source": "file" } };
    const system = [
      pod("etcd-n1", { component: "etcd" }, file),
      pod("s", { component: "kube-scheduler" }, file),
      pod("p", { "k8s-app": "kube-proxy" }, { ownerReferences: [{ kind: "DaemonSet" }] }),
    ];
    const parts = partsOf(system, [node], replaced().steps);
    const of = (id: string) => parts.find((part) => part.id === id);
    assert.match(of("etcd")?.how.en ?? "", /^static pod/);
    assert.equal(of("kube-scheduler")?.wrote, 1);
    assert.deepEqual([of("kube-proxy")?.how.en, of("kube-proxy")?.wrote], ["pod of a DaemonSet", undefined]);
    assert.deepEqual([of("kubelet")?.where, of("kubelet")?.runs], ["n1", true]);
    assert.match(of("kube-apiserver")?.how.en ?? "", /not visible as a pod/);
  });

  it("have a row of cells each", () => {
    const cells = (part: Partial<Parameters<typeof cellsOf>[0]>) =>
      cellsOf({ id: "x", name: "x", task: { en: "t", ko: "t" }, how: { en: "h", ko: "h" }, ...part }).map(en);
    assert.deepEqual(cells({}), ["–", "–", "–", "–", "t", "h"]);
    const since = new Date("2026-11-29T21:37:07.000Z");
    assert.deepEqual(cells({ runs: true, where: "n1", since, wrote: 1 }).slice(0, 4), [
      "running",
      "n1",
      "2026-11-29 21:37 UTC",
      "1 write",
    ]);
    assert.deepEqual(cells({ runs: false, wrote: 2 }).slice(0, 4), ["not running", "–", "–", "2 writes"]);
    assert.equal(cells({ wrote: 2, role: { en: "r", ko: "r" } })[3], "r");
  });

  it("are shown with start time, owner and number of writes", () => {
    const started = { containerStatuses: [{ state: { running: { startedAt: new Date(0) } } }] };
    const manager = pod("m", { component: "kube-controller-manager" });
    Object.assign(manager.status, started);
    const proxy = pod("p", { "k8s-app": "kube-dns" });
    Object.assign(proxy.status, { conditions: [] });
    const lost = {
      metadata: { name: "n2" },
      status: { conditions: [{ type: "Ready", status: "Unknown", lastTransitionTime: new Date(0) }] },
    };
    const parts = partsOf([manager, proxy], [lost], replaced().steps);
    const of = (id: string) => parts.find((part) => part.id === id);
    assert.deepEqual([of("kube-controller-manager")?.since, of("kube-controller-manager")?.wrote], [new Date(0), 8]);
    assert.deepEqual([of("coredns")?.runs, of("coredns")?.how.en, of("coredns")?.since], [false, "pod", undefined]);
    assert.deepEqual([of("kubelet")?.runs, of("kubelet")?.wrote, of("kubelet")?.since], [false, 7, new Date(0)]);
    assert.deepEqual(
      parts.map(({ id }) => id),
      ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "kubelet"],
    );
    assert.ok(parts.slice(0, 6).every(({ role, wrote }) => (role === undefined) !== (wrote === undefined)));
    assert.equal(partHeads.length, 6);
  });

  it("are shown without kube-system if that cannot be read", () => {
    const parts = partsOf([], [], []);
    assert.ok(parts.length >= 5 && parts.every(({ runs }) => runs === undefined));
  });
});

describe("what Docker did last", () => {
  const event = (
    seconds: number,
    Type: string,
    Action: string,
    ID: string,
    Attributes: Record<string, string> = {},
  ): DockerEvent => ({
    ...{ Type, Action, Actor: { ID, Attributes }, time: Math.floor(seconds), timeNano: seconds * 1e9 },
  });
  const compose = { name: "web", image: "web:1", "com.docker.compose.project": "shop" };
  const events = [
    event(10, "container", "start", "old", { name: "old" }),
    event(100, "network", "create", "net", { name: "shop_default", "com.docker.compose.project": "shop" }),
    event(101, "volume", "create", "shop_data", { driver: "local" }),
    event(102, "container", "create", "c1", compose),
    event(103, "network", "connect", "net", { name: "shop_default", container: "c1" }),
    event(103.5, "container", "exec_create: curl localhost", "c1", compose),
    event(104, "container", "start", "c1", compose),
    event(105, "container", "start", "node", { name: "course-labs", "name.minikube.sigs.k8s.io": "course-labs" }),
    event(190, "container", "health_status: healthy", "c1", compose),
  ];

  it("begins after the last pause, without health checks and nodes of clusters", () => {
    const { steps } = dockerStoryOf([...events].reverse());
    assert.deepEqual(
      steps.map(({ part, action, name }) => `${part} ${action} ${name}`),
      [
        "network create shop_default",
        "volume create shop_data",
        "container create web",
        "network connect shop_default ← web",
        "container start web",
        "health healthy web",
      ],
    );
    assert.equal(steps[3]?.client.en, "docker compose (shop)");
    for (const { why } of steps)
      assert.ok(/[a-z]/.test(why.en) && /[가-힣]/.test(why.ko) && !/notes it\.$/.test(why.en));
  });

  it("is one story if no pause is longer than 15 seconds", () => {
    const names = (seconds: number) =>
      dockerStoryOf([event(0, "volume", "create", "a"), event(seconds, "volume", "create", "b")]).steps.map(
        ({ name }) => name,
      );
    assert.deepEqual([names(15), names(16)], [["a", "b"], ["b"]]);
  });

  it("is drawn in 102 columns or more, and is text only in fewer", () => {
    const drawn = (width: number) => /►/.test(rendered(dockerTold(dockerStoryOf(events)), { ...plain, width }));
    assert.deepEqual([drawn(102), drawn(101)], [true, false]);
  });

  it("is drawn from the client through the daemon to each part", () => {
    const text = rendered(dockerTold(dockerStoryOf(events)), plain);
    assert.match(
      text,
      /^\+0\.0 s +●──────►│────────────►● .*docker compose \(shop\) · network create · shop_default$/m,
    );
    // Nobody asks for a health check's result.
    assert.match(text, /^\+90\.0 s {3}· {7}│─+►● +Docker daemon · health healthy · web$/m);
    for (const line of rendered(dockerTold(dockerStoryOf(events)), { ...plain, told: ko, width: 60 })
      .split("\n")
      .slice(0, -1)) {
      assert.ok(stringWidth(line) <= 60, line);
    }
  });

  it("is drawn word for word", () => {
    const all = [
      event(200, "image", "pull", "web:1", { name: "web" }),
      event(200.2, "container", "create", "c2", { name: "db", "course-labs.project": "x" }),
      event(201, "volume", "mount", "data", { container: "c2" }),
      event(202, "container", "oom", "c2", { name: "db" }),
      event(202.5, "container", "die", "c2", { name: "db", exitCode: "137" }),
      event(203, "network", "disconnect", "0123456789abcdef", { container: "none" }),
      event(203, "plugin", "enable", "p"),
      event(203.5, "builder", "prune", "b"),
      event(204, "container", "attach", "c2", { name: "db" }),
      event(205, "container", "rename", "c2", { name: "db" }),
      event(206, "container", "health_status: unhealthy", "c2", { name: "db" }),
    ];
    const text = rendered(dockerTold(dockerStoryOf(all)), { ...plain, why: true });
    assert.equal(`${text.replace(/ +$/gm, "")}\n`, readFileSync("test/fixtures/stories/docker.txt", "utf8"));
    assert.deepEqual(
      dockerStoryOf(all).steps.map(({ part, action, name, time }) => `${time.slice(17, 23)} ${part} ${action} ${name}`),
      [
        "20.000 image pull web",
        "20.200 container create db",
        "21.000 volume mount data ← db",
        "22.000 container oom db",
        "22.500 container die db",
        "23.000 network disconnect 0123456789ab",
        "25.000 container rename db",
        "26.000 health unhealthy db",
      ],
    );
  });

  it("is drawn without a client if no client asked for it", () => {
    for (const [Type, action] of [
      ["container", "die"],
      ["container", "oom"],
      ["network", "disconnect"],
      ["volume", "unmount"],
    ] as const) {
      const line = rendered(dockerTold(dockerStoryOf([event(0, Type, action, "a", { name: "a" })])), plain);
      assert.doesNotMatch(line, /►│/, action);
    }
    const asked = rendered(dockerTold(dockerStoryOf([event(0, "volume", "create", "a")])), plain);
    assert.match(asked, /►│/);
  });

  it("becomes a page with the same code, with client, daemon and each part", () => {
    const told = dockerTold(dockerStoryOf(events));
    assert.deepEqual(
      told.steps.map(({ actor, lit }) => `${actor}: ${lit.join(" ")}`),
      [
        "client: client network",
        "client: client volume",
        "client: client container",
        "client: client network",
        "client: client container",
        "daemon: health",
      ],
    );
    assert.equal(told.steps[0]?.head.en, "docker compose (shop) · network create · shop_default");
    assert.equal(told.steps[4]?.when, "00:01:44.000 UTC");
    assert.equal(told.of, "Docker · 1970-01-01 00:01:40 UTC");
    const html = page(told);
    assert.deepEqual(toldIn(html), JSON.parse(JSON.stringify(told)));
    for (const place of new Set(told.steps.flatMap(({ lit }) => lit))) {
      assert.ok(html.includes(`id="box-${place}"`) && html.includes(`id="way-${place}"`), place);
    }
  });

  it("is empty without events", () => assert.deepEqual(dockerStoryOf([]).steps, []));
});

describe("the arguments of npm run see", () => {
  it("are a story with its options", () => {
    assert.equal(parseSee([]).story, "last");
    assert.deepEqual([parseSee(["scale", "0"]).pods, parseSee(["scale", "5"]).pods], [0, 5]);
    const {
      namespace,
      "by-hand": byHand,
      page,
    } = parseSee(["apply", "--namespace", "mine", "--by-hand", "--page", "a.html"]);
    assert.deepEqual([namespace, byHand, page], ["mine", true, "a.html"]);
  });

  const wrong: [string[], RegExp][] = [
    [["scal"], /^There is no story "scal"/],
    [["scale"], /^scale is "": it must be one number of pods, from 0 to 5/],
    [["scale", "6"], /^scale is "6"/],
    [["scale", "2", "3"], /^scale is "2 3"/],
    [["last", "week"], /^"week" is not needed/],
    [["last", "--namespace", "No"], /^--namespace is "No"/],
    [["last", "--stack", ".."], /^--stack is "\.\."/],
    [["last", "--lang", "fr"], /^--lang is "fr"/],
    [["undo", "--page", "a.html"], /^--page does not work with undo/],
    [["last", "--pages", "a"], /^Unknown option '--pages'/],
  ];
  for (const [argv, says] of wrong) {
    it(`are refused with the usage: ${argv.join(" ")}`, () => {
      assert.throws(
        () => parseSee(argv),
        (error) => {
          assert.ok(error instanceof LabError);
          assert.match(error.text.en, says);
          assert.ok(error.text.ko.endsWith(seeUsage.ko));
          return true;
        },
      );
    });
  }
});
