import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";
import { parse, parseAllDocuments } from "yaml";
import { ComposeWordPress } from "../components/compose-wordpress";
import { KubernetesWordPress } from "../components/kubernetes-wordpress";
import { LabOwner } from "../components/lab-owner";
import { parseSettings } from "../config";
import { kubernetesLabels, record, Recording, Registered, without } from "./mocks";

// The editions that students write by hand, in docker/, mean what the components make: same images, same commands, same
// everything, but for what is named here.

const read = (file: string) => readFileSync(path.resolve(__dirname, "../docker", file), "utf8");
const settings = parseSettings({});

type Dictionary = Record<string, unknown>;
const map = (dictionary: Dictionary, change: (value: unknown) => unknown): Dictionary =>
  Object.fromEntries(Object.entries(dictionary).map(([key, value]) => [key, change(value)]));

/** Both passwords, as each edition writes them. The message after `:?` is for the student. */
const passwords: [RegExp, string][] = [
  [/^\$\{MYSQL_PASSWORD:\?[^}]+\}$|^secret-of-lab-password$/, "<password>"],
  [/^\$\{MYSQL_ROOT_PASSWORD:\?[^}]+\}$|^secret-of-lab-root-password$/, "<root-password>"],
];
const plain = (value: unknown) =>
  passwords.find(([written]) => written.test(String(value)))?.[1] ?? String(value).replaceAll("$$", "$");

/** `120s` and `2m0s` are the same to Docker. */
const seconds = (duration: unknown) => {
  const parts = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(String(duration));
  return parts?.[0] ? Number(parts[1] ?? 0) * 60 + Number(parts[2] ?? 0) : duration;
};

/** What a compose file means: of each service, the container that it runs. */
function meaningOfComposeFile(file: Dictionary) {
  const service = (value: unknown) => {
    const {
      environment,
      healthcheck,
      depends_on,
      stop_grace_period: grace,
      ...rest
    } = value as Record<string, Dictionary>;
    const { test, interval, timeout, start_period, ...others } = healthcheck!;
    return {
      ...rest,
      ...(grace === undefined ? {} : { destroyGraceSeconds: seconds(grace) }),
      environment: map(environment!, plain),
      healthcheck: {
        ...others,
        test: (test as string[]).map(plain),
        interval: seconds(interval),
        timeout: seconds(timeout),
        startPeriod: seconds(start_period),
      },
      after: depends_on ?? {},
    };
  };
  // Compose calls the project something; Pulumi calls every object something.
  return { ...without(file, "name"), services: map(file.services as Dictionary, service) };
}

/** What the component's containers mean, in the same words. */
function meaningOfContainers(recording: Recording) {
  const nameOf = (type: string, key: string, value: unknown) =>
    recording.ofType(type).find(({ inputs }) => inputs[key] === value)!;
  const image = (id: string) =>
    nameOf("docker:index/remoteImage:RemoteImage", "name", id.replace("sha256:pulled-", "")).inputs.name;
  const volume = (name: string) => nameOf("docker:index/volume:Volume", "name", name).name.replace("lab-", "");
  const containers = recording.ofType("docker:index/container:Container");

  const service = ({ inputs, dependencies }: Registered) => {
    const { envs, ports, volumes, healthcheck, ...rest } = inputs as {
      envs: string[];
      ports?: { ip: string; external: number; internal: number }[];
      volumes: { volumeName: string; containerPath: string }[];
      healthcheck: Dictionary;
    };
    const { tests, interval, timeout, startPeriod, ...others } = healthcheck;
    const awaited = containers.filter(({ name, inputs }) => dependencies.includes(name) && inputs.wait);
    return {
      // Compose names, labels and connects by itself, and waits where `up --wait` says so.
      ...without(rest, "name", "labels", "networksAdvanced", "wait", "waitTimeout"),
      image: image(inputs.image as string),
      environment: Object.fromEntries(
        envs.map((env) => env.split(/=(.*)/s)).map(([key, value]) => [key, plain(value)]),
      ) as Dictionary,
      ...(ports ? { ports: ports.map(({ ip, external, internal }) => `${ip}:${external}:${internal}`) } : {}),
      volumes: volumes.map(({ volumeName, containerPath }) => `${volume(volumeName)}:${containerPath}`),
      healthcheck: {
        ...others,
        test: tests,
        interval: seconds(interval),
        timeout: seconds(timeout),
        startPeriod: seconds(startPeriod),
      },
      after: Object.fromEntries(awaited.map((other) => [alias(other), { condition: "service_healthy" }])),
    };
  };
  return {
    services: Object.fromEntries(containers.map((container) => [alias(container), service(container)])),
    volumes: Object.fromEntries(
      recording.ofType("docker:index/volume:Volume").map(({ name }) => [name.replace("lab-", ""), null]),
    ),
  };
}

/** A service's name is its container's host name on the network. */
function alias({ inputs }: Registered): string {
  const networks = inputs.networksAdvanced as { name: string; aliases: string[] }[];
  assert.equal(networks.length, 1);
  assert.equal(networks[0]!.aliases.length, 1);
  return networks[0]!.aliases[0]!;
}

const label = ({ kind, metadata }: Dictionary) => `${String(kind)} ${String((metadata as Dictionary).name)}`;

const byName = (objects: Dictionary[]) => Object.fromEntries(objects.map((object) => [label(object), object]));

/** A manifest's objects by kind and name. */
const meaningOfManifest = (documents: Dictionary[]) => {
  const objects = byName(documents);
  assert.equal(Object.keys(objects).length, documents.length, "two objects have one name");
  return objects;
};

/** An object without the annotations that are for Pulumi only. */
function forKubernetes({ metadata, ...object }: Dictionary): Dictionary {
  const { annotations, ...others } = metadata as Dictionary;
  const theirs = Object.keys(annotations ?? {}).filter((key) => !key.startsWith("pulumi.com/"));
  return { ...object, metadata: { ...others, ...(theirs.length > 0 ? { annotations } : {}) } };
}

/** The objects that the component makes, without the labels that say whose they are. */
function meaningOfObjects(recording: Recording) {
  const unowned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(unowned);
    if (typeof value !== "object" || value === null) return value;
    return map(without(value, ...Object.keys(kubernetesLabels)), unowned);
  };
  return byName(
    recording.resources
      // The node is only read; the namespace and the Secret are made by the two commands at the manifest's top.
      .filter(({ type, id }) => /^kubernetes:/.test(type) && !/:(Namespace|Secret)$/.test(type) && !id)
      .map(({ inputs }) => unowned(forKubernetes(inputs)) as Dictionary),
  );
}

/** Every copy of a document that differs from it in one value, or lacks one. */
function* mutations(document: unknown, at: (string | number)[] = []): Generator<{ what: string; mutant: unknown }> {
  const value = at.reduce<unknown>((inner, key) => (inner as Dictionary)[key], document);
  const copy = (change: (parent: Dictionary, key: string | number) => void) => {
    const mutant: unknown = structuredClone(document);
    change(
      at.slice(0, -1).reduce<unknown>((inner, key) => (inner as Dictionary)[key], mutant) as Dictionary,
      at.at(-1)!,
    );
    return mutant;
  };
  if (at.length > 0) {
    yield {
      what: `without ${at.join(".")}`,
      mutant: copy((parent, key) => {
        if (Array.isArray(parent)) parent.splice(key as number, 1);
        else delete parent[key];
      }),
    };
  }
  if (typeof value === "object" && value !== null) {
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
    for (const key of keys) yield* mutations(document, [...at, key]);
  } else {
    const other = typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : `${String(value)}x`;
    yield { what: `${at.join(".")} = ${other}`, mutant: copy((parent, key) => (parent[key] = other)) };
  }
}

/** Asserts that a comparison sees every mutation of an edition. */
function assertSees(document: unknown, compare: (mutant: unknown) => void) {
  const unseen: string[] = [];
  let count = 0;
  for (const { what, mutant } of mutations(document)) {
    count++;
    try {
      compare(mutant);
      unseen.push(what);
    } catch {
      // Seen.
    }
  }
  assert.deepEqual(unseen, []);
  assert.ok(count > 50, `only ${count} mutations`);
}

describe("docker/compose/compose.yaml", () => {
  const text = read("compose/compose.yaml");
  const file = parse(text) as Dictionary;
  let meaning: ReturnType<typeof meaningOfContainers>;

  before(async () => {
    const { mysqlImage, wordpressImage, bindAddress, composePort: port } = settings;
    const { recording } = await record(() => {
      const args = { owner: new LabOwner("owner"), mysqlImage, wordpressImage, bindAddress, port };
      return new ComposeWordPress("lab", args, { provider: new docker.Provider("some-docker") });
    });
    meaning = meaningOfContainers(recording);
  });

  it("describes what ComposeWordPress creates", () => {
    assert.deepEqual(meaningOfComposeFile(file), meaning);
  });

  it("is compared in every value", () => {
    assertSees(without(file, "name"), (mutant) =>
      assert.deepEqual(meaningOfComposeFile(mutant as Dictionary), meaning),
    );
  });

  it("has no password in it, and says what to do when there is none", () => {
    const variables = [...text.matchAll(/PASSWORD: (.*)/g)].map(([, value]) => value);
    assert.equal(variables.length, 3);
    for (const value of variables)
      assert.match(value!, /^\$\{\w+:\?create \.env first, see the top of compose\.yaml\}$/);
  });

  it("says how to create its passwords once, in a file that Compose reads and git ignores", () => {
    if (process.platform === "win32") return;
    const used = [...new Set([...text.matchAll(/\$\{(\w+):/g)].map(([, name]) => name))];
    const [, command = ""] = /^# {3}(.* > \.env)$/m.exec(text) ?? [];
    const folder = mkdtempSync(path.join(tmpdir(), "course-labs-compose-"));
    try {
      const made = [1, 2].map(() => {
        execFileSync("sh", ["-c", command], { cwd: folder });
        return readFileSync(path.join(folder, ".env"), "utf8");
      });
      const values = used.map((name) => new RegExp(`^${name}=([0-9a-f]{24})$`, "m").exec(made[0] ?? "")?.[1]);
      assert.equal(new Set(values).size, 2, made[0]);
      assert.ok(!values.includes(undefined), made[0]);
      assert.equal(made[1], made[0], "a second time, the passwords would no longer be the volume's");
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.ok(
      readFileSync(path.resolve(__dirname, "../.gitignore"), "utf8").split("\n").includes("docker/compose/.env"),
    );
  });
});

describe("docker/kubernetes/wordpress-k8s.yml", () => {
  const text = read("kubernetes/wordpress-k8s.yml");
  // Through JSON: what YAML repeats by name becomes copies, which can be changed one by one.
  const documents = JSON.parse(JSON.stringify(parseAllDocuments(text).map((d) => d.toJS() as unknown))) as Dictionary[];
  let meaning: ReturnType<typeof meaningOfObjects>;
  let secret: Registered;

  before(async () => {
    const { mysqlImage, wordpressImage, mysqlStorage, wordpressStorage, nodePort } = settings;
    const { recording } = await record(() => {
      const owner = new LabOwner("owner");
      const images = { mysqlImage, wordpressImage };
      const namespace = settings.kubernetesNamespace;
      const args = { owner, ...images, mysqlStorage, wordpressStorage, nodePort, namespace };
      return new KubernetesWordPress("lab", args, { provider: new k8s.Provider("some-cluster") });
    });
    meaning = meaningOfObjects(recording);
    secret = recording.get("lab-secret");
  });

  it("describes what KubernetesWordPress creates", () => {
    assert.equal(documents.length, 7);
    assert.deepEqual(meaningOfManifest(documents), meaning);
  });

  it("is compared in every value", () => {
    assertSees(documents, (mutant) => assert.deepEqual(meaningOfManifest(mutant as Dictionary[]), meaning));
  });

  it("says how to create the namespace and the Secret that KubernetesWordPress creates", () => {
    const { name, namespace } = secret.inputs.metadata as { name: string; namespace: string };
    const commands = text.replaceAll(/\\\n# */g, "");
    assert.ok(commands.includes(`kubectl create namespace ${namespace}\n`));
    const literals = Object.keys(secret.inputs.stringData as Dictionary).map(
      (key) => ` --from-literal=${key}=$(openssl rand -hex 12)`,
    );
    assert.ok(
      commands.includes(`kubectl --namespace ${namespace} create secret generic ${name}${literals.join("")}\n`),
      commands,
    );
  });
});

describe("docker/redis/Dockerfile", () => {
  const instructions = read("redis/Dockerfile")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter(Boolean);

  it("builds Redis on the base image of the settings, leaves no package lists, and runs it without root", () => {
    assert.deepEqual(instructions, [
      `ARG BASE_IMAGE=${settings.redisBaseImage}`,
      "FROM ${BASE_IMAGE}",
      "RUN apt-get update " +
        "&& apt-get install --yes --no-install-recommends redis-server " +
        "&& rm -rf /var/lib/apt/lists/*",
      "USER redis",
      "WORKDIR /var/lib/redis",
      "EXPOSE 6379",
      'CMD ["redis-server", "--protected-mode", "no"]',
    ]);
  });
});
