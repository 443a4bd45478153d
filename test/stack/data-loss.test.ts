import assert from "node:assert/strict";
import { losses, refusal } from "../../tools/stack/data-loss";

const urn = (types: string, name: string) => `urn:pulumi:dev::course-labs::${types}::${name}`;
const step = (op: "delete" | "replace" | "update" | "create", type: string, parents: string, name: string) => ({
  op,
  type,
  urn: urn(`${parents}$${type}`, name),
  provider: "",
});

describe("data that would be lost", () => {
  const volume = "docker:index/volume:Volume";

  for (const op of ["delete", "replace"] as const) {
    it(`includes a volume that is ${op}d`, () => {
      const [lost] = losses([step(op, volume, "course:labs:ComposeWordPress", "compose-data")]);
      assert.match(lost?.en ?? "", /volume compose-data: all data stored in it/);
      assert.match(lost?.ko ?? "", /compose-data 볼륨/);
    });
  }

  it("includes a PersistentVolumeClaim, a namespace and a password", () => {
    const found = losses([
      step("replace", "kubernetes:core/v1:PersistentVolumeClaim", "a", "claim"),
      step("delete", "kubernetes:core/v1:Namespace", "a", "space"),
      step("replace", "random:index/randomPassword:RandomPassword", "a", "pw"),
    ]);
    assert.deepEqual(
      found.map(({ en }) => en.split(":")[0]),
      ["PersistentVolumeClaim claim", "namespace space", "password pw"],
    );
  });

  it("includes the container that a student works in, but no other", () => {
    const container = "docker:index/container:Container";
    assert.equal(losses([step("replace", container, "course:labs:RegistryLab", "registry-container")]).length, 1);
    assert.equal(losses([step("replace", container, "course:labs:RedisLab", "redis-container")]).length, 0);
  });

  it("does not include created or updated resources", () => {
    assert.deepEqual(losses([step("create", volume, "a", "v"), step("update", volume, "a", "v")]), []);
  });

  it("lists a replacement once, although it has several steps", () => {
    assert.equal(losses([step("replace", volume, "a", "v"), step("delete", volume, "a", "v")]).length, 1);
  });

  it("is refused with the command to continue", () => {
    const { text } = refusal(losses([step("delete", volume, "a", "v")]));
    assert.match(text.en, /Nothing was changed.*\n {2}- volume v.*\n.*--allow-data-loss/);
    assert.match(text.ko, /아무것도 변경하지 않았습니다.*\n {2}- v 볼륨.*\n.*--allow-data-loss/);
  });
});
