import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { deployed, earlier, Machine, objectsOf, outputs, resource, step } from "./machine";

describe("commands that only look", () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await Machine.make();
  });
  afterEach(() => machine.remove());

  const running = () => {
    const state = deployed(machine);
    machine.left(state);
    return { state, objects: objectsOf(state) };
  };

  describe("npm run preview", () => {
    it("shows each step once, with the data that would be lost, and changes nothing", async () => {
      const { state, objects } = running();
      const volume = resource(state, "compose-mysql-data");
      const password = resource(state, "compose-password");
      const events = [
        ...step("replace", volume, true),
        ...step("create-replacement", volume, true),
        ...step("delete", password, true),
        ...step("create", resource(state, "redis-container"), true),
      ];
      machine.world({ objects, operations: { preview: { events } } });
      const { said, printed } = await machine.well("preview");
      assert.equal(printed, "");
      assert.match(said, /^Changes that up would make \(redis, registry, compose\):$/m);
      assert.match(said, /^ {2}\+ container ck-redis: create$/m);
      assert.equal(said.match(/volume ck-course-labs-mysql: replace/g)?.length, 1);
      assert.match(said, /^ {2}! data that would be lost: volume ck-course-labs-mysql: all data/m);
      assert.match(said, /^ {2}! data that would be lost: password compose-password/m);
      assert.deepEqual(machine.engine(), ["pulumi preview"]);
      assert.deepEqual(machine.calls(/^docker (pull|start|stop|tag|run|build)| rm /), []);
      assert.deepEqual(machine.state(), state);
    });

    it("says that there is nothing to change, and for which labs", async () => {
      const { objects } = running();
      machine.world({ objects });
      assert.match((await machine.well("preview")).said, /:\n {2}no changes$/);
    });

    it("says if up would refuse to run", async () => {
      const { objects } = running();
      machine.settings("  course-labs:mysqlImage: mysql:8.4.0\n");
      machine.world({ objects });
      assert.match(
        (await machine.well("preview")).said,
        /^ {2}! up would refuse to run: .*mysql:8\.4\.0.*does not support downgrades/m,
      );
      assert.match(
        await machine.refused("up"),
        /^Setting course-labs:mysqlImage is "mysql:8\.4\.0", but the data of the compose lab was written by mysql:9\.7\.2/m,
      );
    });

    it("does not start a cluster, and says which command does", async () => {
      machine.left(earlier.kubernetes);
      machine.world({});
      assert.match(
        await machine.refused("preview", "--labs", "kubernetes"),
        /The cluster course-labs has not been created yet, and this command does not start it\. To start it: npm run up\.$/m,
      );
      assert.deepEqual(machine.calls(/^docker (pull|run)|pulumi preview/), []);
    });

    it("shows why the engine failed", async () => {
      const { objects } = running();
      machine.world({ objects, operations: { preview: { fails: "error: incorrect passphrase" } } });
      assert.match(await machine.refused("preview"), /^The passphrase is wrong:/m);
    });
  });

  describe("npm run outputs", () => {
    it("is the same for a person and for a program", async () => {
      running();
      machine.world({});
      const { said, printed } = await machine.well("outputs");
      assert.equal(printed, "");
      assert.match(
        said,
        /^What is running:\n {2}redis .*\n {2}registry +container ck-debian of ck-base\/debian:12.*\n {2}compose /,
      );
      const json = await machine.well("outputs", "--json");
      assert.equal(json.said, "");
      assert.deepEqual(JSON.parse(json.printed), outputs(machine));
      assert.deepEqual(machine.engine(), []);
    });

    it("is empty before the first up, and creates no stack", async () => {
      machine.world({});
      assert.match((await machine.well("outputs")).said, /^No lab is running\.$/m);
      assert.equal((await machine.well("outputs", "--json")).printed, "{}");
      assert.equal(existsSync(".pulumi"), false);
    });
  });
});
