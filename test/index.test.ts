import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { nodeHost } from "../components/addresses";
import { ComposeWordPress } from "../components/compose-wordpress";
import { KubernetesWordPress } from "../components/kubernetes-wordpress";
import { LabOwner } from "../components/lab-owner";
import { classNames, DockerName, dockerNames, kubernetesNames, pulledImages } from "../components/names";
import { RedisLab } from "../components/redis-lab";
import { RegistryLab } from "../components/registry-lab";
import { LabName, labNames, parseSettings } from "../config";
import { Outputs } from "../outputs";
import { LabError } from "../text";
import { dockerLabels, kubernetesLabels, nodeIp, promiseOf, record, Recording } from "./mocks";

const program = path.resolve(__dirname, "../index.ts");

/** Runs index.ts as Pulumi would, on a stack with these settings. */
async function up(settings: Record<string, unknown>): Promise<{ outputs: Outputs; recording: Recording }> {
  const config = Object.entries(settings).map(([key, value]) => [
    `course-labs:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(config) as Record<string, string>);
  delete require.cache[program];
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { result, recording } = await record(() => require(program) as Record<string, unknown>);
  return { outputs: (await promiseOf(pulumi.output({ ...result }))) as unknown as Outputs, recording };
}

const owner = ["course:labs:LabOwner owner", "random:index/randomId:RandomId owner-id < owner"];
const onDocker = "pulumi:providers:docker docker";

/** What each lab adds to a stack. */
const resources: Record<LabName, string[]> = {
  redis: [
    onDocker,
    "course:labs:RedisLab redis",
    "docker:index/container:Container redis-container < redis",
    "docker:index/image:Image redis-image < redis",
    "docker:index/remoteImage:RemoteImage redis-tag < redis",
  ],
  registry: [
    onDocker,
    "course:labs:RegistryLab registry",
    "docker:index/container:Container registry-container < registry",
    "docker:index/remoteImage:RemoteImage registry-image < registry",
  ],
  compose: [
    onDocker,
    "course:labs:ComposeWordPress compose",
    "docker:index/container:Container compose-mysql < compose",
    "docker:index/container:Container compose-wordpress < compose",
    "docker:index/network:Network compose-network < compose",
    "docker:index/remoteImage:RemoteImage compose-mysql-image < compose",
    "docker:index/remoteImage:RemoteImage compose-wordpress-image < compose",
    "docker:index/volume:Volume compose-mysql-data < compose",
    "docker:index/volume:Volume compose-wordpress-data < compose",
    "random:index/randomPassword:RandomPassword compose-password < compose",
    "random:index/randomPassword:RandomPassword compose-root-password < compose",
  ],
  kubernetes: [
    "pulumi:providers:kubernetes kubernetes",
    "course:labs:KubernetesWordPress kubernetes",
    "course:labs:StatefulWorkload kubernetes-mysql < kubernetes",
    "course:labs:StatefulWorkload kubernetes-wordpress < kubernetes",
    "kubernetes:apps/v1:Deployment kubernetes-mysql-deployment < kubernetes-mysql",
    "kubernetes:apps/v1:Deployment kubernetes-wordpress-deployment < kubernetes-wordpress",
    "kubernetes:core/v1:Namespace kubernetes-namespace < kubernetes",
    "kubernetes:core/v1:Node kubernetes-node < kubernetes",
    "kubernetes:core/v1:PersistentVolumeClaim kubernetes-mysql-claim < kubernetes-mysql",
    "kubernetes:core/v1:PersistentVolumeClaim kubernetes-wordpress-claim < kubernetes-wordpress",
    "kubernetes:core/v1:Secret kubernetes-secret < kubernetes",
    "kubernetes:core/v1:Service kubernetes-mysql-service < kubernetes-mysql",
    "kubernetes:core/v1:Service kubernetes-wordpress-service < kubernetes-wordpress",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy kubernetes-mysql-ingress < kubernetes",
    "random:index/randomPassword:RandomPassword kubernetes-password < kubernetes",
    "random:index/randomPassword:RandomPassword kubernetes-root-password < kubernetes",
  ],
};

/** What a seat of a class is. */
const seatOf = (seat: string) => [
  `course:labs:Seat seat-${seat} < class`,
  `kubernetes:core/v1:LimitRange seat-${seat}-limits < seat-${seat}`,
  `kubernetes:core/v1:Namespace seat-${seat}-namespace < seat-${seat}`,
  `kubernetes:core/v1:ResourceQuota seat-${seat}-quota < seat-${seat}`,
  `kubernetes:core/v1:ServiceAccount seat-${seat}-account < seat-${seat}`,
  `kubernetes:networking.k8s.io/v1:NetworkPolicy seat-${seat}-class-incoming < seat-${seat}`,
  `kubernetes:networking.k8s.io/v1:NetworkPolicy seat-${seat}-class-outgoing < seat-${seat}`,
  `kubernetes:rbac.authorization.k8s.io/v1:RoleBinding seat-${seat}-role < seat-${seat}`,
];
const rulesOfClass = [
  "course:labs:Class class",
  "course:labs:ClassRules class-rules < class",
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy class-rules-policy < class-rules",
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding class-rules-binding < class-rules",
];

const url = `http://${nodeHost(parseSettings({})) ?? nodeIp}:30080`;

/** What each lab adds to the outputs. */
const outputs: Record<LabName, Omit<Outputs, "labs">> = {
  redis: { redis: { host: "localhost", port: 6379, image: "redis:v1.0", container: "redis" } },
  registry: { registry: { image: "debian:12", container: "debian" } },
  compose: { compose: { url: "http://localhost:30000" } },
  kubernetes: {
    kubernetes: { namespace: "wordpress", ip: nodeIp, port: 30080, url },
    minikubeIp: nodeIp,
    minikubePort: 30080,
    wordpressUrl: url,
  },
};

const objectsOf = (recording: Recording): string[] => {
  const kinds: Record<string, DockerName["kind"]> = {
    "docker:index/container:Container": "container",
    "docker:index/network:Network": "network",
    "docker:index/volume:Volume": "volume",
    "docker:index/image:Image": "image",
  };
  return recording.resources
    .filter(({ type }) => kinds[type])
    .map(({ type, inputs }) => `${kinds[type]} ${(inputs.imageName ?? inputs.name) as string}`)
    .sort();
};

/** The Kubernetes objects that are made, and not only read. */
const kubernetesObjects = (recording: Recording): string[] =>
  recording.resources
    .flatMap(({ type, inputs, id }) => {
      if (!type.startsWith("kubernetes:") || id) return [];
      const { namespace, name } = inputs.metadata as { namespace?: string; name: string };
      return [`${type} ${namespace ?? ""}/${name}`];
    })
    .sort();

describe("index", () => {
  // The cluster's provider takes these from the environment where a setting does not say otherwise.
  const variables = ["KUBECONFIG", "DOCKER_HOST"];
  const environment = { ...process.env };
  before(() => variables.forEach((name) => delete process.env[name]));
  after(() => variables.forEach((name) => name in environment && (process.env[name] = environment[name])));
  after(() => pulumi.runtime.setAllConfig({}));

  let whole: ReturnType<typeof up>;
  before(() => (whole = up({})));

  it("provisions the whole course", async () => {
    const made = await whole;
    const all = [...owner, ...new Set(Object.values(resources).flat())];
    assert.deepEqual(made.recording.list, all.sort());
    assert.deepEqual(made.outputs, Object.assign({ labs: [...labNames] }, ...Object.values(outputs)));
  });

  for (const lab of labNames) {
    it(`provisions ${lab} alone, and nothing else`, async () => {
      const made = await up({ labs: [lab] });
      assert.deepEqual(made.recording.list, [...owner, ...resources[lab]].sort());
      assert.deepEqual(made.outputs, { labs: [lab], ...outputs[lab] });
    });
  }

  it("has all four labs on as the project comes", async () => {
    const file = path.resolve(__dirname, "../Pulumi.dev.yaml");
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    const settings = Object.entries(config).filter(([key]) => key.startsWith("course-labs:"));
    const made = await up(Object.fromEntries(settings.map(([key, value]) => [key.replace("course-labs:", ""), value])));
    assert.deepEqual(made.outputs.labs, [...labNames]);
    // What has no provider of its own would fall back on what the machine has selected.
    assert.deepEqual(config["pulumi:disable-default-providers"], ["docker", "kubernetes"]);
  });

  describe("a class", () => {
    it("is a seat for each student beside the Kubernetes lab", async () => {
      const made = await up({ labs: ["kubernetes"], seats: ["이민수", "kim"], prefix: "a-", seatHours: 3 });
      const all = [...owner, ...resources.kubernetes, ...rulesOfClass, ...seatOf("iminsu"), ...seatOf("kim")];
      assert.deepEqual(made.recording.list, all.sort());
      const { host } = new URL(url);
      const at = (port: number) => `http://${host.split(":")[0]}:${port}`;
      assert.deepEqual(made.outputs.class, {
        hours: 3,
        seats: [
          { seat: "iminsu", student: "이민수", namespace: "a-seat-iminsu", nodePort: 30081, url: at(30081) },
          { seat: "kim", namespace: "a-seat-kim", nodePort: 30082, url: at(30082) },
        ],
      });
      assert.deepEqual(made.outputs.kubernetes, outputs.kubernetes.kubernetes);
    });

    it("is not there without its cluster's lab", async () => {
      const made = await up({ labs: ["registry"], seats: 3 });
      assert.deepEqual(made.recording.list, [...owner, ...resources.registry].sort());
      assert.deepEqual(made.outputs, { labs: ["registry"], ...outputs.registry });
    });

    for (const seatLab of [false, true]) {
      it(`makes the objects that classNames lists, ${seatLab ? "with" : "without"} the lab in each seat`, async () => {
        const settings = { labs: ["kubernetes"], seats: 2, prefix: "a-", seatLab, mysqlImage: "mysql:8.4.11" };
        const { recording } = await up(settings);
        const parsed = parseSettings(settings);
        const listed = [...kubernetesNames(parsed), ...classNames(parsed)];
        assert.deepEqual(
          kubernetesObjects(recording),
          listed.map(({ type, namespace = "", name }) => `${type} ${namespace}/${name}`).sort(),
        );
        for (const { name, type, inputs, id, provider } of recording.resources) {
          if (!type.startsWith("kubernetes:")) continue;
          assert.equal(provider, "kubernetes", name);
          if (id) continue;
          const { labels } = inputs.metadata as { labels: Record<string, string> };
          for (const [key, value] of Object.entries(kubernetesLabels)) assert.equal(labels[key], value, name);
        }
      });
    }

    it("has every setting handed to it", async () => {
      const { recording, outputs } = await up({
        ...{ labs: ["kubernetes"], seats: ["lee"], seatLab: true, seatMemory: "3Gi", seatStorage: "7Gi" },
        ...{ podNetwork: "10.42.0.0/16", mysqlImage: "mysql:8.4.11", wordpressImage: "wordpress:6" },
        ...{ mysqlStorage: "2Gi", wordpressStorage: "3Gi", kubernetesHost: "labs.example.org", kubeNode: "n1" },
      });
      const text = (name: string) => JSON.stringify(recording.get(name).inputs);
      assert.match(text("seat-lee-quota"), /"limits.memory":"3Gi".*"requests.storage":"7Gi"/);
      assert.match(text("seat-lee-class-incoming"), /"except":\["10.42.0.0\/16"\]/);
      assert.match(text("seat-lee-lab-mysql-deployment"), /"image":"mysql:8.4.11"/);
      assert.match(text("seat-lee-lab-wordpress-deployment"), /"image":"wordpress:6"/);
      assert.match(text("seat-lee-lab-mysql-claim"), /"storage":"2Gi"/);
      assert.match(text("seat-lee-lab-wordpress-claim"), /"storage":"3Gi"/);
      assert.match(text("seat-lee-lab-wordpress-service"), /"nodePort":30081/);
      assert.equal(recording.get("seat-lee-lab-node").id, "n1");
      assert.equal(outputs.class?.seats[0]?.url, "http://labs.example.org:30081");
    });
  });

  it("runs every Docker and Kubernetes object on the provider of its kind", async () => {
    const { recording } = await whole;
    const objects = recording.resources.filter(({ type }) => /^(docker|kubernetes):/.test(type));
    assert.equal(objects.length, 22);
    for (const { name, type, provider } of objects) assert.equal(provider, type.split(":")[0], name);
  });

  it("lets destroy remove everything, and knows nothing by an older name", async () => {
    const { recording } = await whole;
    for (const { name, protect, retainOnDelete, replaceOnChanges, aliases } of recording.resources) {
      const options = { protect, retainOnDelete, replaceOnChanges, aliases };
      assert.deepEqual(options, { protect: false, retainOnDelete: false, replaceOnChanges: [], aliases: [] }, name);
    }
  });

  it("says whose everything is", async () => {
    const { recording } = await whole;
    for (const { name, type, inputs, id } of recording.resources) {
      if (/^docker:.*:(Container|Network|Volume)$/.test(type)) assert.deepEqual(inputs.labels, dockerLabels, name);
      if (!type.startsWith("kubernetes:") || id) continue;
      const { labels } = inputs.metadata as { labels: Record<string, string> };
      for (const [key, value] of Object.entries(kubernetesLabels)) assert.equal(labels[key], value, `${name} ${key}`);
    }
  });

  it("talks to the cluster that the commands start, and does not note where this terminal's kubeconfig is", async () => {
    const { KUBECONFIG: before } = process.env;
    process.env.KUBECONFIG = "/of/this/terminal";
    try {
      const { recording } = await up({ labs: ["kubernetes"] });
      const { inputs } = recording.ofType("pulumi:providers:kubernetes")[0] ?? {};
      assert.deepEqual(inputs, { context: "course-labs" });
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  });

  it("does not note where this terminal's Docker is", async () => {
    const { DOCKER_HOST: before } = process.env;
    process.env.DOCKER_HOST = "unix:///of/this/terminal.sock";
    try {
      const { recording } = await up({ labs: ["redis", "registry", "compose"] });
      const [{ inputs } = { inputs: undefined }, ...others] = recording.ofType("pulumi:providers:docker");
      assert.deepEqual(inputs, {});
      assert.deepEqual(others, []);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it("talks to the cluster of the settings", async () => {
    const { recording } = await up({ labs: ["kubernetes"], kubeconfig: "~/elsewhere", kubeContext: "class" });
    assert.deepEqual(recording.ofType("pulumi:providers:kubernetes")[0]?.inputs, {
      kubeconfig: "~/elsewhere",
      context: "class",
    });
  });

  for (const settings of [{}, { prefix: "kim-" }, { labs: ["compose"] }]) {
    it(`makes the Docker objects that dockerNames lists with ${JSON.stringify(settings)}`, async () => {
      const { recording } = await up(settings);
      const listed = dockerNames(parseSettings(settings)).map(({ kind, name }) => `${kind} ${name}`);
      assert.deepEqual(objectsOf(recording), listed.sort());
    });
  }

  it("makes the Kubernetes objects that kubernetesNames lists", async () => {
    const settings = { kubernetesNamespace: "blog" };
    const { recording } = await up(settings);
    const listed = kubernetesNames(parseSettings(settings));
    assert.deepEqual(
      kubernetesObjects(recording),
      listed.map(({ type, namespace = "", name }) => `${type} ${namespace}/${name}`).sort(),
    );
    assert.deepEqual(kubernetesNames(parseSettings({ labs: ["redis"] })), []);
  });

  it("needs the images that pulledImages lists", async () => {
    const { recording } = await whole;
    const pulled = recording
      .ofType("docker:index/remoteImage:RemoteImage")
      .filter(({ inputs }) => inputs.keepLocally)
      .map(({ inputs }) => inputs.name);
    const built = (recording.get("redis-image").inputs.build as { args: { BASE_IMAGE: string } }).args.BASE_IMAGE;
    const listed = pulledImages(parseSettings({})).filter(({ puller }) => puller === "docker");
    assert.deepEqual([built, ...pulled].sort(), listed.map(({ image }) => image).sort());
  });

  it("hands every setting to its lab", async () => {
    const { recording, outputs } = await up({
      prefix: "kim-",
      bindAddress: "0.0.0.0",
      redisPort: 16379,
      redisImage: "redis:v2",
      redisBaseImage: "ubuntu:22.04",
      registryImage: "debian:13",
      composePort: 30001,
      mysqlImage: "mysql:8.4.11",
      wordpressImage: "wordpress:6",
      kubeNode: "class-node",
      kubernetesHost: "labs.example.org",
      kubernetesNamespace: "blog",
      nodePort: 30090,
      mysqlStorage: "2Gi",
      wordpressStorage: "3Gi",
    });
    assert.deepEqual(outputs.redis, { host: "localhost", port: 16379, image: "kim-redis:v2", container: "kim-redis" });
    assert.deepEqual(outputs.registry, { image: "debian:13", container: "kim-debian" });
    assert.deepEqual(outputs.compose, { url: "http://localhost:30001" });
    assert.deepEqual(outputs.kubernetes, {
      namespace: "blog",
      ip: nodeIp,
      port: 30090,
      url: "http://labs.example.org:30090",
    });
    const text = (name: string) => JSON.stringify(recording.get(name).inputs);
    assert.match(text("redis-image"), /"BASE_IMAGE":"ubuntu:22.04"/);
    for (const name of ["redis-container", "compose-wordpress"]) assert.match(text(name), /"ip":"0.0.0.0"/, name);
    assert.equal(recording.get("compose-mysql-image").inputs.name, "mysql:8.4.11");
    assert.equal(recording.get("compose-wordpress-image").inputs.name, "wordpress:6");
    assert.match(text("kubernetes-mysql-deployment"), /"image":"mysql:8.4.11"/);
    assert.match(text("kubernetes-wordpress-deployment"), /"image":"wordpress:6"/);
    assert.match(text("kubernetes-mysql-claim"), /"storage":"2Gi"/);
    assert.match(text("kubernetes-wordpress-claim"), /"storage":"3Gi"/);
    assert.equal(recording.get("kubernetes-node").id, "class-node");
  });

  it("has the same defaults in the components as in the settings", async () => {
    const inputs = ({ resources }: Recording) =>
      Object.fromEntries(
        resources
          .filter(({ type }) => /^(docker|kubernetes):/.test(type))
          .map(({ name, id, inputs }) => [name, { id, inputs }]),
      );
    const alone = await record(() => {
      const owner = new LabOwner("owner");
      const onDocker = { provider: new docker.Provider("docker") };
      new RedisLab("redis", { owner }, onDocker);
      new RegistryLab("registry", { owner }, onDocker);
      new ComposeWordPress("compose", { owner }, onDocker);
      new KubernetesWordPress("kubernetes", { owner }, { provider: new k8s.Provider("kubernetes") });
    });
    assert.deepEqual(inputs(alone.recording), inputs((await whole).recording));
  });

  it("stops at a wrong setting, before it makes anything", async () => {
    await assert.rejects(up({ redisPort: "many" }), (error: unknown) => {
      assert.ok(error instanceof LabError);
      assert.match(error.message, /course-labs:redisPort is "many"/);
      return true;
    });
  });
});
