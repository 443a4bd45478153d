import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { createServer, Server } from "node:http";
import { join } from "node:path";
import { edit, setting } from "./edits";
import { clone, killedOne, killedOneThenRun, npmRun, tearDown } from "./harness";
import { until } from "./minikube";
import { many } from "../../tools/cluster/phases";
import { State, stateFile } from "../../tools/stack/stack";
import { ControlPlane, context, nodeName } from "../control-plane";

/** The state of many seats is written when all are made. Until then only the cluster knows of them. */
describe("kill -9 in the middle of the first up of a large class", () => {
  let folder = "";
  let plane: ControlPlane;
  let site: Server;
  const port = 31350;
  const engine = /(^|\/)pulumi (up|destroy) /;

  before(async () => {
    plane = await ControlPlane.of(1, 2 + 2 * many);
    // Somebody answers at the address that `up` opens in the end.
    site = createServer((_, response) => response.end()).listen(port, "127.0.0.1");
    folder = clone();
    edit(folder, [
      setting("labs", "[kubernetes]"),
      setting("kubeconfig", plane.kubeconfig),
      setting("kubeContext", context),
      setting("kubeNode", nodeName(0)),
      setting("kubernetesNamespace", "e2e-m"),
      setting("prefix", "e2e-m-"),
      setting("nodePort", port),
      setting("seats", many),
      setting("seatLab", "true"),
    ]);
  });
  after(async () => {
    site?.close();
    await plane?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** How many resources of a type the state has. */
  function inState(type: RegExp): number {
    const { checkpoint } = JSON.parse(readFileSync(join(folder, stateFile("dev")), "utf8")) as {
      checkpoint: { latest: State };
    };
    return checkpoint.latest.resources.filter((resource) => type.test(resource.type)).length;
  }

  /** The passwords of the databases, by their namespace. */
  async function passwords(): Promise<Record<string, string>> {
    const { items } = await plane.api().core.listSecretForAllNamespaces({ fieldSelector: "metadata.name=mysql" });
    return Object.fromEntries(items.map(({ metadata, data }) => [metadata!.namespace!, JSON.stringify(data)]));
  }

  let made: Record<string, string> = {};

  it("leaves a state that has no seats, but every password", async () => {
    await killedOne(folder, ["up"], /\+ Secret mysql in namespace e2e-m-seat-/, engine);
    made = await passwords();
    const seats = Object.keys(made).filter((namespace) => namespace.startsWith("e2e-m-seat-")).length;
    assert.ok(seats > 0 && seats < many, `${seats} seats had their passwords`);
    assert.equal(inState(/^kubernetes:core\/v1:Namespace$/), 1, "the teacher's own");
    assert.equal(inState(/:RandomPassword$/), 2 + 2 * many);
  });

  it("is continued by the next up, with the passwords of the databases", async () => {
    const { code, said } = await npmRun(folder, "up");
    assert.equal(code, 0, said);
    assert.match(said, /Adopting objects that an interrupted run created in the cluster: .* and \d+ more$/m);
    const now = await passwords();
    assert.equal(Object.keys(now).length, 1 + many);
    for (const [namespace, password] of Object.entries(made)) assert.equal(now[namespace], password, namespace);
    assert.equal(inState(/^kubernetes:core\/v1:Namespace$/), 1 + many);
    assert.match((await npmRun(folder, "up")).said, /No changes/);
  });

  it("in the middle of destroy leaves only what the next destroy removes", async () => {
    await killedOneThenRun(folder, ["destroy"], /- Deployment wordpress in namespace e2e-m-seat-/, engine);
    await tearDown(folder, "--lang", "en");
    await until(async () => Object.keys(await passwords()).length === 0, "nothing is left", 60);
  });
});
