import assert from "node:assert/strict";
import { told } from "./build";
import { cases, settings } from "./cases";
import { RegisterAnswer } from "../../tools/review/worker";
import { assessed, Copy } from "./programs";

/** What is said of each, and nothing else: `kind resource`, with a `!` where somebody has to decide. */
const exact: Record<string, string[]> = {
  nothing: [],
  "a comment in a component": [],
  "the base image of Redis": ["data loss redis-container", "version redis-image", "interruption redis"],
  "the port of Redis": ["data loss redis-container", "interruption redis", "address redis-container"],
  "the nodePort of WordPress": ["interruption kubernetes", "address kubernetes-wordpress-service"],
  "a password's length, as it is: not applied": [
    "option compose-password",
    "option compose-root-password",
    "option kubernetes-password",
    "option kubernetes-root-password",
  ],
  "the passwords": [
    "unknown compose-password",
    "unknown compose-password",
    "unknown compose-root-password",
    "unknown compose-root-password",
    "unknown kubernetes-password",
    "unknown kubernetes-password",
    "unknown kubernetes-root-password",
    "unknown kubernetes-root-password",
    "data loss! compose-password",
    "data loss! compose-root-password",
    "data loss! kubernetes-password",
    "data loss! kubernetes-root-password",
    "interruption compose",
  ],
  "a claim, larger": ["failure kubernetes-mysql-claim"],
  "a claim, smaller": ["failure! kubernetes-mysql-claim"],
  "a claim's access mode": ["data loss! kubernetes-mysql-claim", "data loss! kubernetes-wordpress-claim"],
  "MySQL, a major version": [
    "version! compose-mysql-image",
    "version! kubernetes-mysql-deployment",
    "interruption compose",
    "interruption kubernetes",
  ],
  "MySQL, an older version": [
    "version! compose-mysql-image",
    "version! kubernetes-mysql-deployment",
    "interruption compose",
    "interruption kubernetes",
  ],
  "WordPress, a patch": [
    "version compose-wordpress-image",
    "version kubernetes-wordpress-deployment",
    "interruption compose",
    "interruption kubernetes",
  ],
  "two replicas": ["policy! kubernetes-mysql-deployment", "availability! kubernetes-mysql-deployment"],
  "the strategy": [
    "policy! kubernetes-mysql-deployment",
    "availability! kubernetes-mysql-deployment",
    "availability kubernetes-wordpress-deployment",
  ],
  "less memory": ["availability kubernetes-mysql-deployment", "interruption kubernetes"],
  "no limits": [
    "policy! kubernetes-mysql-deployment",
    "policy! kubernetes-wordpress-deployment",
    "interruption kubernetes",
  ],
  "a volume renamed in the program": [
    "option compose-mysql",
    "data loss! compose-mysql-data",
    "failure! compose-database",
  ],
  "the prefix of all names": [
    "data loss! compose-mysql-data",
    "data loss! compose-wordpress-data",
    "data loss redis-container",
    "interruption compose",
    "interruption redis",
  ],
  "the namespace": [
    "data loss! kubernetes-mysql-claim",
    "data loss! kubernetes-wordpress-claim",
    "data loss! kubernetes-namespace",
    "exposure! kubernetes-mysql-ingress",
    "interruption kubernetes",
  ],
  "a lab with data switched off": [
    "data loss! compose-mysql-data",
    "data loss! compose-wordpress-data",
    "interruption compose",
  ],
  "a lab without data switched off": ["data loss redis-container", "interruption redis"],
  "a lab added": [],
  "a label of a container": ["data loss redis-container", "interruption redis"],
  "a label of the volumes": [
    "unknown compose-mysql-data",
    "unknown compose-wordpress-data",
    "data loss! compose-mysql-data",
    "data loss! compose-wordpress-data",
  ],
  "ports open to everyone": [
    "exposure! compose-wordpress",
    "exposure! redis-container",
    "data loss redis-container",
    "interruption compose",
    "interruption redis",
  ],
  "MySQL's Service as a NodePort": ["policy! kubernetes-mysql-service", "exposure! kubernetes-mysql-service"],
  "MySQL's files in another folder": [
    "data loss! compose-mysql",
    "data loss! kubernetes-mysql-deployment",
    "interruption compose",
    "interruption kubernetes",
  ],
  "MySQL's name in its network": ["availability! compose-mysql", "interruption compose"],
  "the Services lead to other pods": [
    "exposure! kubernetes-wordpress-service",
    "availability! kubernetes-mysql-service",
    "availability! kubernetes-wordpress-service",
  ],
  "containers without a seccomp profile": [
    "security! kubernetes-mysql-deployment",
    "security! kubernetes-wordpress-deployment",
    "interruption kubernetes",
  ],
  "the NetworkPolicy lets everyone in": ["exposure! kubernetes-mysql-ingress"],
  "pods may run as root": [
    "security! kubernetes-mysql-deployment",
    "security! kubernetes-wordpress-deployment",
    "interruption kubernetes",
  ],
  "a password written down": [
    "policy! compose-mysql",
    "policy! kubernetes-mysql-deployment",
    "data loss! compose-mysql",
    "data loss! kubernetes-mysql-deployment",
    "security! kubernetes-mysql-deployment",
    "interruption compose",
    "interruption kubernetes",
  ],
  "an image without a version": [
    "policy! compose-wordpress-image",
    "policy! kubernetes-wordpress-deployment",
    "version compose-wordpress-image",
    "version kubernetes-wordpress-deployment",
    "interruption compose",
    "interruption kubernetes",
  ],
  "a container with Docker's socket beside the labs": ["security! portainer", "security! portainer"],
  "a network beside the labs": [],
  "a password among the outputs": ["policy! compose", "policy! outputs"],
};

/** Files that are no part of the program: what is said of them is in the tests of files and of the table. */
const beside = /^(docker\/|package\.json|tools\/)/;

/** What stands as code in a sentence: the same in both languages. */
const codesIn = (text: string) => [...new Set(text.match(/`[^`]+`/g) ?? [])].sort();

describe("each change that a teacher may make, with labs that run", () => {
  const copy = new Copy();
  after(() => copy.remove());
  let base: RegisterAnswer;
  before(async () => {
    base = await copy.registers(...settings);
  });
  const asked = cases.filter(({ edits }) => !edits.some(([file]) => beside.test(file)));

  for (const { what, edits } of asked) {
    it(`${what}: exactly these warnings`, async () => {
      const head = await copy.registers(...settings, ...edits);
      const { warnings } = await assessed(base, head, true);
      assert.deepEqual(told(warnings), exact[what]);
      for (const { text } of warnings) assert.deepEqual(codesIn(text.en), codesIn(text.ko));
    });
  }
  it("a lookup that the program begins to make is among the warnings", async () => {
    const head = { ...base, lookups: [...base.lookups, { token: "command:local:run", of: "{}" }] };
    const { warnings, different } = await assessed(base, head, true);
    assert.deepEqual(told(warnings), ["unknown! shared"]);
    assert.equal(different, true);
  });
  it("none is in the table that is not tried", () =>
    assert.deepEqual(
      Object.keys(exact),
      asked.map(({ what }) => what),
    ));
});
