import assert from "node:assert/strict";
import { classNames } from "../../components/names";
import { parseSettings } from "../../config";
import { many, phasesOf, unnoted } from "../../tools/cluster/phases";

describe("the phases in which a stack is deployed", () => {
  const { PULUMI_BACKEND_URL: backend } = process.env;
  before(() => delete process.env.PULUMI_BACKEND_URL);
  afterEach(() => {
    if (backend === undefined) delete process.env.PULUMI_BACKEND_URL;
    else process.env.PULUMI_BACKEND_URL = backend;
  });

  const of = (seats: number) => parseSettings({ labs: ["kubernetes"], seats });
  const known = (seats: number) => ({
    resources: classNames(of(seats)).map(({ type, namespace, name }) => ({
      ...{ urn: "", type, id: namespace === undefined ? name : `${namespace}/${name}` },
    })),
  });
  const none = { resources: [] };
  const one = [{ variables: [] }];

  it("are one for the labs, and for few seats", () => {
    assert.deepEqual(phasesOf(parseSettings({}), none), one);
    assert.deepEqual(phasesOf(of(many - 1), none), one);
  });

  it("are two for many seats: only the seats are created without writing each step", () => {
    const [first, second, ...others] = phasesOf(of(many), none);
    assert.deepEqual(others, []);
    assert.deepEqual(second, { variables: ["PULUMI_SKIP_CHECKPOINTS"] });
    assert.deepEqual(first?.variables, []);
    const [before = "", after = ""] = first?.exclude?.split("**").filter(Boolean) ?? [];
    assert.equal(after, "");
    const urn = (types: string) => `urn:pulumi:dev::course-labs::${types}::seat-01`;
    const seat = "course:labs:Class$course:labs:Seat";
    for (const types of [seat, `${seat}$kubernetes:core/v1:Namespace`]) assert.ok(urn(types).includes(before), types);
    const password = "course:labs:Class$course:labs:KubernetesWordPress$random:index/randomPassword:RandomPassword";
    for (const types of [password, "course:labs:Class$course:labs:ClassRules", "course:labs:KubernetesWordPress"]) {
      assert.ok(!urn(types).includes(before), types);
    }
  });

  it("count only seats that are new", () => {
    assert.deepEqual(phasesOf(of(100), known(100)), one);
    assert.deepEqual(phasesOf(of(100), known(100 - many + 1)), one);
    assert.equal(phasesOf(of(100), known(100 - many)).length, 2);
  });

  it("are one if the state is elsewhere, where nothing is cleaned up", () => {
    process.env.PULUMI_BACKEND_URL = "https://api.example.org";
    assert.deepEqual(phasesOf(of(100), none), one);
    assert.deepEqual(unnoted(100), []);
  });

  it("that delete many seats do not write each step, either", () => {
    assert.deepEqual(unnoted(many), ["PULUMI_SKIP_CHECKPOINTS"]);
    assert.deepEqual(unnoted(many - 1), []);
  });
});
