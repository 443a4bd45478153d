import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Settings } from "../../config";
import { rules, Subject } from "../../tools/review/policies/rules";
import { checkPolicies, refusal, violations } from "../../tools/review/policies/enforce";
import { parseSettings } from "../../config";
import { generated } from "../../tools/review/resources/register";
import { LabError } from "../../text";
import { workload } from "./build";

const labelled = { labels: ["project", "stack", "id"].map((key) => ({ label: `course-labs.${key}`, value: "x" })) };
const metadata = {
  metadata: { name: "n", labels: { "course-labs/project": "a", "course-labs/stack": "b", "course-labs/id": "c" } },
};
const allowed = { bindAddress: "127.0.0.1", nodePort: 30080 };

const container = (inputs: object): Subject => ({
  type: "docker:index/container:Container",
  name: "c",
  inputs: { ...labelled, ...inputs },
});
const of = (type: string, inputs: object): Subject => ({
  type: `kubernetes:${type}`,
  name: "k",
  inputs: { ...metadata, ...inputs },
});
const deployment = (more?: Parameters<typeof workload>[1]) =>
  of("apps/v1:Deployment", { ...workload("mysql:9.7.2", more), ...metadata });
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

/** A generated password as the review's own run of the program has it. */
const made = `${generated}compose-password:0123abcd`;

/** The rules that a resource breaks. */
const broken = (subject: Subject, settings: Partial<Settings> = allowed) =>
  rules.filter(({ check }) => check(subject, settings).length > 0).map(({ name }) => name);

describe("every rule", () => {
  it("has a name of its own and says what it is for", () => {
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
    assert.ok(rules.length >= 6);
    for (const { name, description } of rules) assert.match(`${name}: ${description}`, /^[a-z-]+: [A-Z].*\.$/);
  });

  const port = (ip?: string) =>
    container({ image: "a:1", ports: [{ internal: 80, external: 8080, ...(ip ? { ip } : {}) }] });
  const service = (spec: object) => of("core/v1:Service", { spec });

  const cases: [
    rule: string,
    keeps: [string, Subject, Partial<Settings>?][],
    breaks: [string, Subject, Partial<Settings>?][],
  ][] = [
    [
      "no-public-port",
      [
        ["this machine", port("127.0.0.1")],
        ["this machine, by its other addresses", port("127.8.0.1")],
        ["this machine, by IPv6", port("::1")],
        ["an address that the settings name", port("0.0.0.0"), { bindAddress: "0.0.0.0" }],
        ["a Service inside the cluster", service({ ports: [{ port: 3306 }] })],
        ["a Service with no address of its own", service({ externalIPs: [] })],
        ["the node port of the settings", service({ type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] })],
        [
          "the node port of a seat",
          service({ type: "NodePort", ports: [{ port: 80, nodePort: 30082 }] }),
          { seats: ["lee", "kim"] },
        ],
        [
          "a pod that has a port",
          deployment({ container: { ports: [{ containerPort: 80 }], image: "a:1", resources: {} } }),
        ],
      ],
      [
        ["every address", port("0.0.0.0")],
        ["no address, which is every one", port()],
        ["another address than the settings name", port("192.168.0.7"), { bindAddress: "192.168.0.8" }],
        ["all ports of an image", container({ publishAllPorts: true })],
        ["the machine's network", container({ networkMode: "host" })],
        ["another node port", service({ type: "NodePort", ports: [{ port: 80, nodePort: 31000 }] })],
        [
          "a node port after those of the seats",
          service({ type: "NodePort", ports: [{ port: 80, nodePort: 30083 }] }),
          { seats: ["lee", "kim"] },
        ],
        [
          "the node port of the settings, and one more",
          service({
            type: "NodePort",
            ports: [
              { port: 80, nodePort: 30080 },
              { port: 81, nodePort: 31000 },
            ],
          }),
        ],
        ["IPv6, every address", port("::")],
        ["any node port", service({ type: "NodePort", ports: [{ port: 80 }] })],
        ["a load balancer", service({ type: "LoadBalancer", ports: [{ port: 80 }] })],
        ["an address of its own", service({ externalIPs: ["192.168.0.7"] })],
        ["a port of the node", deployment({ container: { ports: [{ containerPort: 80, hostPort: 80 }] } })],
        ["the node's network", deployment({ pod: { hostNetwork: true } })],
      ],
    ],
    [
      "no-plain-text-password",
      [
        ["a generated one", container({ envs: [secret(`A_PASSWORD=${generated}p`)] })],
        ["a secret list with a generated one", container({ envs: secret([`A_PASSWORD=${generated}p`, "USER=u"]) })],
        [
          "a reference",
          deployment({
            container: { env: [{ name: "A_PASSWORD", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] },
          }),
        ],
        ["a file", container({ envs: ["A_PASSWORD_FILE=/run/secrets/p"] })],
        ["none at all", container({ envs: ["A_PASSWORD="] })],
        [
          "one that is not known yet",
          deployment({ container: { env: [{ name: "A_PASSWORD", value: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }] } }),
        ],
        ["the wish for one", container({ envs: ["MYSQL_RANDOM_ROOT_PASSWORD=yes"] })],
        ["the wish for one, in a pod", deployment({ container: { env: [{ name: "A_RANDOM_PASSWORD", value: "1" }] } })],
        ["a secret output", { type: "pulumi:pulumi:Stack", name: "outputs", inputs: { compose: secret({ p: made }) } }],
        ["a Secret of generated ones", of("core/v1:Secret", { stringData: { p: secret(`${generated}p`) } })],
        [
          "a Secret of generated ones, encoded",
          of("core/v1:Secret", { data: secret({ p: Buffer.from(`${generated}p`).toString("base64") }) }),
        ],
        ["a generated one in an address", container({ envs: [secret(`URL=mysql://u:${made}@h`)] })],
        ["a text that speaks of what is generated", of("core/v1:ConfigMap", { data: { a: "generated: by hand" } })],
        ["a value that is not known yet", container({ envs: ["A_PASSWORD=04da6b54-80e4-46f7-96ec-b56ff0331ba9"] })],
      ],
      [
        ["in a variable", container({ envs: ["A_PASSWORD=hush"] })],
        ["in an output", { type: "pulumi:pulumi:Stack", name: "outputs", inputs: { compose: { extra: made } } }],
        ["in a pod", deployment({ container: { env: [{ name: "A_PASSWORD", value: "hush" }] } })],
        ["in a property", container({ registryAuth: { password: "hush" } })],
        ["generated, but not kept secret", container({ envs: [`A_PASSWORD=${generated}p`] })],
        ["in a Secret that Pulumi shows", of("core/v1:Secret", { stringData: { p: "hush" } })],
        ["by another name", container({ envs: ["REDIS_PASS=hush"] })],
        ["generated, in an address", container({ envs: [`URL=mysql://u:${made}@h`] })],
        ["generated, in a file", of("core/v1:ConfigMap", { data: { "my.cnf": `pw ${made}` } })],
        [
          "generated, in a file, encoded",
          of("core/v1:ConfigMap", { binaryData: { a: Buffer.from(made).toString("base64") } }),
        ],
        [
          "generated and secret, in a pod that shows it",
          deployment({ container: { env: [{ name: "A_PASSWORD", value: secret(made) }] } }),
        ],
        ["written down, though secret", container({ envs: secret(["A_PASSWORD=hush"]) })],
        ["written down in a Secret", of("core/v1:Secret", { stringData: secret({ p: "hush" }) })],
      ],
    ],
    [
      "pinned-image",
      [
        ["a version", container({ image: "redis:8.2.1" })],
        ["an id", container({ image: `sha256:${"0".repeat(64)}` })],
        ["a digest", container({ image: `redis@sha256:${"0".repeat(64)}` })],
        ["a registry with a port", container({ image: "localhost:5000/redis:8" })],
        ["an image that is not known yet", container({ image: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" })],
        ["a built image", { type: "docker:index/image:Image", name: "i", inputs: { imageName: "a:1" } }],
      ],
      [
        ["latest", container({ image: "redis:latest" })],
        ["no tag", container({ image: "redis" })],
        ["no tag, from a registry with a port", container({ image: "localhost:5000/redis" })],
        [
          "a pulled image",
          { type: "docker:index/remoteImage:RemoteImage", name: "i", inputs: { name: "mysql:latest" } },
        ],
        [
          "the base of a built image",
          {
            type: "docker:index/image:Image",
            name: "i",
            inputs: { imageName: "a:1", build: { args: { BASE_IMAGE: "ubuntu" } } },
          },
        ],
        ["a built image", { type: "docker:index/image:Image", name: "i", inputs: { imageName: "a:latest" } }],
        ["in a pod", deployment({ container: { image: "mysql" } })],
        ["in a pod, what runs first", deployment({ pod: { initContainers: [{ image: "busybox:latest" }] } })],
      ],
    ],
    [
      "requests-and-limits",
      [["all three", deployment()]],
      [
        ["no limit", deployment({ container: { resources: { requests: { cpu: "1", memory: "1Mi" } } } })],
        [
          "no request of CPU",
          deployment({ container: { resources: { requests: { memory: "1Mi" }, limits: { memory: "1Mi" } } } }),
        ],
        [
          "no request of memory",
          deployment({ container: { resources: { requests: { cpu: "1" }, limits: { memory: "1Mi" } } } }),
        ],
        ["nothing", deployment({ container: { resources: undefined } })],
      ],
    ],
    [
      "one-database-per-volume",
      [
        ["one replica", deployment()],
        ["more of something else", deployment({ spec: { replicas: 3 }, container: { image: "wordpress:7.1.0" } })],
        ["more without a volume", deployment({ spec: { replicas: 3 }, pod: { volumes: [] } })],
      ],
      [
        ["two replicas", deployment({ spec: { replicas: 2 } })],
        ["a rolling update", deployment({ spec: { strategy: { type: "RollingUpdate" } } })],
        ["no strategy, which is a rolling update", deployment({ spec: { strategy: undefined } })],
      ],
    ],
    [
      "labels",
      [
        ["a container with all", container({ image: "a:1" })],
        ["a Service with all", service({})],
        ["a network with all", { type: "docker:index/network:Network", name: "n", inputs: labelled }],
        ["what cannot have any", { type: "random:index/randomId:RandomId", name: "r", inputs: {} }],
      ],
      [
        ["a container without", { type: "docker:index/container:Container", name: "c", inputs: {} }],
        [
          "a volume with some",
          { type: "docker:index/volume:Volume", name: "v", inputs: { labels: labelled.labels.slice(1) } },
        ],
        [
          "a container with some",
          { type: "docker:index/container:Container", name: "c", inputs: { labels: labelled.labels.slice(1) } },
        ],
        ["a network without", { type: "docker:index/network:Network", name: "n", inputs: { name: "n" } }],
        ["a Service without", { type: "kubernetes:core/v1:Service", name: "s", inputs: { metadata: { name: "s" } } }],
      ],
    ],
  ];

  it("is in the table below", () =>
    assert.deepEqual(
      cases.map(([rule]) => rule),
      rules.map(({ name }) => name),
    ));

  for (const [rule, keeps, breaks] of cases) {
    for (const [what, subject, settings] of keeps) {
      it(`${rule} is kept by: ${what}`, () => assert.ok(!broken(subject, { ...allowed, ...settings }).includes(rule)));
    }
    for (const [what, subject, settings] of breaks) {
      it(`${rule} is broken by: ${what}`, () => {
        assert.ok(broken(subject, { ...allowed, ...settings }).includes(rule));
        const texts = rules.find(({ name }) => name === rule)!.check(subject, { ...allowed, ...settings });
        for (const { en, ko } of texts) {
          assert.match(en, /[a-z]/);
          assert.match(ko, /[가-힣]/);
          assert.doesNotMatch(`${en} ${ko}`, /hush|undefined/);
        }
      });
    }
  }
});

describe("what is said of a port", () => {
  it("names the one on this machine, or the container's where Docker chooses one", () => {
    const rule = rules.find(({ name }) => name === "no-public-port")!;
    const of = (port: object) => rule.check(container({ ports: [{ internal: 80, ...port }] }), allowed)[0]!.en;
    assert.match(
      of({ external: 8080 }),
      /^port 8080 is open on 0\.0\.0\.0: .*Publish it on the setting course-labs:bindAddress/,
    );
    assert.match(of({ ip: "192.0.2.1" }), /^port 80 is open on 192\.0\.2\.1: /);
  });
});

describe("the program", () => {
  const all = parseSettings({ labs: ["redis", "registry", "compose", "kubernetes"] });

  it("keeps every rule with every lab on, and beside whatever else runs in this process", async () => {
    pulumi.runtime.setAllConfig({ "course-labs:redisPort": "1" });
    await checkPolicies("dev", all);
    assert.equal(new pulumi.Config("course-labs").get("redisPort"), "1");
  });

  it("keeps every rule with a class whose seats have the lab", async () => {
    await checkPolicies("dev", parseSettings({ ...all, seats: 2, seatLab: true }));
  });

  it("may open its ports where the settings say so", async () => {
    await checkPolicies("dev", parseSettings({ ...all, bindAddress: "0.0.0.0", nodePort: 31000 }));
  });

  it("is refused with a setting that breaks a rule, naming the resource, the rule and the remedy", async () => {
    await assert.rejects(
      checkPolicies("dev", parseSettings({ ...all, registryImage: "debian" })),
      (error: LabError) => {
        assert.match(error.text.en, /^Nothing was changed, because the program breaks the rules/);
        assert.match(
          error.text.en,
          /\n {2}- RemoteImage registry-image: image debian has no tag.*debian:1\.2\.3 \[pinned-image\]$/,
        );
        assert.match(error.text.ko, /아무것도 바꾸지 않았습니다/);
        return true;
      },
    );
  });

  it("is not blamed for what it only looks up", () => {
    const node = { urn: "u", type: "kubernetes:core/v1:Node", name: "n", inputs: {}, ignoreChanges: [] };
    assert.deepEqual(violations([{ ...node, read: true }], allowed), []);
    assert.equal(violations([{ ...node, read: false }], allowed).length, 1);
  });

  it("is told of a password among the results of a component", () => {
    const component = {
      urn: "u",
      type: "course:labs:ComposeWordPress",
      name: "compose",
      inputs: {},
      ignoreChanges: [],
    };
    const told = (extra: unknown) =>
      violations([{ ...component, read: false, outputs: { outputs: { extra } } }], allowed);
    assert.deepEqual(
      told(made).map(({ rule }) => rule),
      ["no-plain-text-password"],
    );
    assert.deepEqual(told(secret(made)), []);
  });

  it("is told of every broken rule at once", () => {
    const found = violations(
      [
        {
          urn: "a::b::c::d",
          type: "docker:index/container:Container",
          name: "d",
          inputs: { image: "redis", ports: [{ internal: 1 }] },
          ignoreChanges: [],
          read: false,
        },
      ],
      allowed,
    );
    assert.deepEqual(
      found.map(({ rule }) => rule),
      ["no-public-port", "pinned-image", "labels"],
    );
    assert.equal(refusal(found).text.en.split("\n").length, 4);
  });
});
