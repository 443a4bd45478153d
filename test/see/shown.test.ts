import assert from "node:assert/strict";
import stringWidth from "string-width";
import { parseSee, seeUsage } from "../../tools/commands/see";
import { DockerEvent, dockerStoryOf, dockerTold, renderedDocker } from "../../tools/see/docker";
import { clusterTold, page, toldIn } from "../../tools/see/page";
import { partsOf } from "../../tools/see/parts";
import { lastOf, storyOf } from "../../tools/see/story";
import { rendered } from "../../tools/see/terminal";
import { LabError, Text } from "../../text";
import { recorded } from "./fixture";

const en = ({ en }: Text) => en;
const ko = ({ ko }: Text) => ko;
const plain = { told: en, colour: false, why: false };
const replaced = () => storyOf(recorded("pod-replaced"), { own: ["7433"] });

describe("a story in a terminal", () => {
  it("has a line a step, with the lane of who wrote it", () => {
    const { steps } = replaced();
    const [heads, ...lines] = rendered(replaced(), undefined, plain).split("\n");
    assert.match(heads!, /you +API +ctrl +sched +kubelet/);
    assert.equal(lines.length, steps.length);
    const line = (text: RegExp) => lines.find((one) => text.test(one)) ?? "";
    assert.match(line(/npm run see/), /^\+0 s +●────►│ .*wants gone Pod .*-qfzqp/);
    assert.match(line(/scheduler changes/), /│◄──────────● .*desired: node – → course-labs$/);
    assert.match(line(/kubelet says: Pulled/), /│◄─+○/);
    // An arrow ends below the name of whose it is.
    const at = heads!.indexOf("kubelet");
    const mark = line(/kubelet says: Pulled/).indexOf("○");
    assert.ok(mark >= at && mark < at + "kubelet".length, `${mark} is not below ${at}`);
  });

  it("fits its width, in both languages, without colours", () => {
    for (const width of [40, 80, 120]) {
      for (const told of [en, ko]) {
        for (const line of rendered(replaced(), undefined, { told, colour: false, width, why: true }).split("\n")) {
          assert.ok(stringWidth(line) <= width, `${width}: ${line}`);
          assert.ok(!line.includes("\u001b"));
        }
      }
    }
    assert.doesNotMatch(rendered(replaced(), undefined, { ...plain, width: 60 }), /│/);
  });

  it("says below each step why, where that is asked, and at the end where the chain stops", () => {
    const same = (text: string): Text => ({ en: text, ko: text });
    const at = { id: "kubelet", lane: "kubelet" as const, name: same("kubelet") };
    const ending = {
      ok: false,
      at,
      what: same("It does not start."),
      waits: [same("It waits.")],
      evidence: ["no such image"],
    };
    const text = rendered(replaced(), ending, { ...plain, why: true });
    assert.match(text, /saw a pod without a node, chose one/);
    assert.match(
      text,
      /\n\n✘ The chain stops at the kubelet\. It does not start\.\n {4}\| no such image\n {2}It waits\.$/,
    );
  });
});

describe("what happened last", () => {
  it("begins with what a person last did", () => {
    const story = storyOf([...recorded("pod-creation"), ...recorded("pod-replaced")]);
    const { steps } = lastOf(story);
    assert.equal(steps[0]?.resourceVersion, "7433");
    assert.equal(steps.length, 23);
    assert.equal(steps[0].actor.lane, "person");
  });

  it("is all of it, where nobody did anything", () => {
    const { steps } = lastOf(
      storyOf(recorded("pod-creation").filter(({ object }) => object.metadata.resourceVersion !== "264")),
    );
    assert.equal(steps.length, 16);
  });
});

describe("a story as a page", () => {
  it("holds every step, and nothing of it as markup", () => {
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

  it("can be made again of what is inside, and another one is not taken for it", () => {
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

describe("the parts of a cluster", () => {
  const pod = (name: string, labels: object, more: object = {}) => ({
    metadata: { name, labels: labels as Record<string, string>, ...more },
    spec: { nodeName: "n1", containers: [] },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });
  const node = { metadata: { name: "n1" }, status: { conditions: [{ type: "Ready", status: "True" }] } };

  it("say how each runs, and how much it wrote", () => {
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
    assert.match(of("kube-apiserver")?.how.en ?? "", /not seen as a pod/);
  });

  it("are told without kube-system, where that may not be read", () => {
    const parts = partsOf(undefined, [], []);
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
    event(134, "container", "health_status: healthy", "c1", compose),
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

  it("is drawn from the client over the daemon to each part", () => {
    const text = renderedDocker(dockerStoryOf(events), plain);
    assert.match(
      text,
      /^\+0\.0 s +●──────►│────────────►● .*network create shop_default \(docker compose \(shop\)\)$/m,
    );
    // Nobody asks for a health check's result.
    assert.match(text, /^\+34\.0 s {3,}│─+►● +health healthy web$/m);
    for (const line of renderedDocker(dockerStoryOf(events), { ...plain, told: ko, width: 60 })
      .split("\n")
      .slice(0, -1)) {
      assert.ok(stringWidth(line) <= 60, line);
    }
  });

  it("is a page with the same code, of client, daemon and each part", () => {
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
    assert.equal(told.of, "Docker · 1970-01-01 00:01:40 UTC");
    const html = page(told);
    assert.deepEqual(toldIn(html), JSON.parse(JSON.stringify(told)));
    for (const place of new Set(told.steps.flatMap(({ lit }) => lit))) {
      assert.ok(html.includes(`id="box-${place}"`) && html.includes(`id="way-${place}"`), place);
    }
  });

  it("is nothing where there is nothing", () => assert.deepEqual(dockerStoryOf([]).steps, []));
});

describe("what is typed after npm run see", () => {
  it("is a story with its options", () => {
    assert.equal(parseSee([]).story, "last");
    assert.deepEqual([parseSee(["scale", "0"]).count, parseSee(["scale", "5"]).count], [0, 5]);
    const { namespace, byHand, page } = parseSee(["apply", "--namespace", "mine", "--by-hand", "--page", "a.html"]);
    assert.deepEqual([namespace, byHand, page], ["mine", true, "a.html"]);
  });

  const wrong: [string[], RegExp][] = [
    [["scal"], /^There is no story "scal"/],
    [["scale"], /^scale is "": it must be one number of pods, from 0 to 5/],
    [["scale", "6"], /^scale is "6"/],
    [["scale", "2", "3"], /^scale is "2 3"/],
    [["last", "week"], /^"week" is one word too many/],
    [["last", "--namespace", "No"], /^--namespace is "No"/],
    [["last", "--stack", ".."], /^--stack is "\.\."/],
    [["last", "--lang", "fr"], /^--lang is "fr"/],
    [["undo", "--page", "a.html"], /^--page is for stories, and undo is none/],
    [["last", "--pages", "a"], /^Unknown option '--pages'/],
  ];
  for (const [argv, says] of wrong) {
    it(`is refused as ${argv.join(" ")}, with how it is used`, () => {
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
