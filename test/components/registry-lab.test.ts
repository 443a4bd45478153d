import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { LabOwner } from "../../components/lab-owner";
import { RegistryLab, RegistryLabArgs } from "../../components/registry-lab";
import { dockerLabels, promiseOf, record, sharedNames } from "../mocks";

const run = (args: Omit<RegistryLabArgs, "owner"> = {}) =>
  record(() => {
    const provider = new docker.Provider("some-docker");
    return new RegistryLab("lab", { owner: new LabOwner("owner"), ...args }, { provider });
  });

describe("RegistryLab", () => {
  let usual: ReturnType<typeof run>;
  before(() => (usual = run()));

  it("creates a pulled image and a container", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.list, [
      "course:labs:LabOwner owner",
      "course:labs:RegistryLab lab",
      "docker:index/container:Container lab-container < lab",
      "docker:index/remoteImage:RemoteImage lab-image < lab",
      "pulumi:providers:docker some-docker",
      "random:index/randomId:RandomId owner-id < owner",
    ]);
  });

  it("passes its provider to both", async () => {
    const { recording } = await usual;
    assert.equal(recording.get("lab-image").provider, "some-docker");
    assert.equal(recording.get("lab-container").provider, "some-docker");
  });

  it("keeps the pulled image on destroy", async () => {
    const { recording } = await usual;
    assert.deepEqual(recording.get("lab-image").inputs, { name: "debian:12", keepLocally: true });
  });

  it("keeps Debian running, and preserves its files if a student stops it", async () => {
    const { recording } = await usual;
    const container = recording.get("lab-container");
    assert.deepEqual(container.inputs, {
      name: "debian",
      image: "sha256:pulled-debian:12",
      command: ["sleep", "infinity"],
      init: true,
      mustRun: false,
      restart: "no",
      labels: dockerLabels,
    });
    assert.equal(container.deleteBeforeReplace, true);
  });

  it("keeps the container if a newer image with the same name is pulled, but not for another name", async () => {
    const [debian, kim] = await Promise.all([usual, run({ image: "debian:13" })]);
    assert.deepEqual(debian.recording.get("lab-container").ignoreChanges, ["image"]);
    assert.equal(debian.recording.get("lab-container").replacementTrigger, "debian:12");
    assert.equal(kim.recording.get("lab-container").replacementTrigger, "debian:13");
  });

  it("outputs image and container", async () => {
    const { result } = await usual;
    assert.deepEqual(await promiseOf(result.outputs), { image: "debian:12", container: "debian" });
  });

  it("uses image and name of its arguments", async () => {
    const { recording, result } = await run({ image: "debian:13", containerName: "kim-debian" });
    assert.equal(recording.get("lab-image").inputs.name, "debian:13");
    assert.equal(recording.get("lab-container").inputs.image, "sha256:pulled-debian:13");
    assert.deepEqual(await promiseOf(result.outputs), { image: "debian:13", container: "kim-debian" });
  });

  it("can be deployed twice", async () => {
    const { recording } = await record(() => {
      const owner = new LabOwner("owner");
      const opts = { provider: new docker.Provider("some-docker") };
      new RegistryLab("one", { owner }, opts);
      new RegistryLab("two", { owner, containerName: "debian-two" }, opts);
    });
    assert.deepEqual(sharedNames(recording, "one", "two"), []);
  });
});
