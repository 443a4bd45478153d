import assert from "node:assert/strict";
import { heard } from "../../tools/cluster/minikube-events";

const event = (type: string, data: Record<string, string>) =>
  JSON.stringify({ specversion: "1.0", type: `io.k8s.sigs.minikube.${type}`, data });

describe("the output of minikube", () => {
  it("shows steps in both languages", () =>
    assert.deepEqual(
      heard(event("step", { name: "Booting control plane", message: "▪ Booting up control plane ..." })),
      {
        kind: "step",
        name: "Booting control plane",
        text: { en: "Booting control plane", ko: "컨트롤 플레인 시작" },
      },
    ));

  it("shows unknown steps unchanged", () =>
    assert.deepEqual(heard(event("step", { name: "Polishing", message: "" })), {
      kind: "step",
      name: "Polishing",
      text: { en: "Polishing", ko: "Polishing" },
    }));

  it("shows errors with minikube's advice", () =>
    assert.deepEqual(
      heard(event("error", { name: "GUEST_PROVISION", message: "no room\n", advice: "make room", exitcode: "80" })),
      { kind: "error", id: "GUEST_PROVISION", message: "no room", advice: "make room" },
    ));

  for (const line of [
    "W1122 22:16:06.1 klog",
    "",
    event("info", { message: "using it" }),
    event("warning", { message: "hm" }),
    event("step", { name: "Done", message: "Done!" }),
    event("error", { name: "", message: "╭────╮\n│ Please run `minikube logs` │\n╰────╯" }),
  ]) {
    it(`ignores ${line.slice(0, 60) || "an empty line"}`, () => assert.equal(heard(line), undefined));
  }
});
