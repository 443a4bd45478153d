import assert from "node:assert/strict";
import { guest, pod } from "../checks/kubernetes-fakes";
import { NoGuest } from "../../tools/checks/facts/kubernetes-guest";
import { apartText, measureApart } from "../../tools/class/apart";

const outside = pod("wordpress", "1", { podIP: "10.244.0.9" });

/** What is measured where a guest gets through or not, try by try. */
async function measured(through: boolean[], names = 0) {
  const other = guest(...through);
  const exec = (...command: string[]) =>
    command[0] === "getent" ? Promise.resolve({ code: names, stdout: "", stderr: "" }) : other.guest.exec(...command);
  const beside = <T>(host: unknown, work: (one: typeof other.guest) => Promise<T>) => {
    assert.equal(host, outside);
    return work({ ...other.guest, exec });
  };
  return { apart: await measureApart({ beside }, outside, 500), ...other };
}

describe("whether seats are kept apart", () => {
  it("is tested by a guest that requests a page from a pod outside of the seat", async () => {
    const { apart, commands, silenced } = await measured([false]);
    assert.equal(apart, "kept apart");
    assert.equal(commands.length, 1);
    assert.match(commands[0]![2]!, /"tcp:\/\/10\.244\.0\.9:80".*fwrite\(\$server, "GET \/ HTTP\/1\.0\\r\\n\\r\\n"\)/s);
    assert.equal(silenced(), 0, "it is the seat's own policy that is measured");
  });

  it("is not decided by a request that succeeds before the network plugin knows the guest", async () => {
    assert.equal((await measured([true, true, false])).apart, "kept apart");
  });

  it("is denied if the guest still gets through at the end", async () => {
    const { apart, commands } = await measured([true]);
    assert.equal(apart, "not kept apart");
    assert.ok(commands.length > 1, "it is given time");
  });

  it("is unknown if the guest has no network at all", async () => {
    assert.equal((await measured([false], 2)).apart, "not known");
  });

  it("is unknown without a pod to connect to, or without a guest", async () => {
    const beside = () => Promise.reject(new NoGuest("exceeded quota: class-quota"));
    assert.equal(await measureApart({ beside }, undefined), "not known");
    assert.equal(await measureApart({ beside }, outside), "not known");
    await assert.rejects(measureApart({ beside: () => Promise.reject(new RangeError("ours")) }, outside), RangeError);
  });

  it("is reported with the remedy, another cluster", () => {
    const { en, ko } = apartText["not kept apart"];
    assert.match(
      en,
      /^Network: NOT kept apart\..* use another cluster .* minikube start --profile calico --cni=calico/,
    );
    assert.match(ko, /다른 클러스터.*minikube start --profile calico --cni=calico/);
  });
});
