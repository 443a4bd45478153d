import assert from "node:assert/strict";
import { explain } from "../../tools/stack/explain";
import { refusedPort } from "../../tools/causes/ports";

describe("a port that Docker cannot use", () => {
  const endpoint = "driver failed programming external connectivity on endpoint redis (0f3a)";
  const desktop = "Ports are not available: exposing port TCP 127.0.0.1:6379 -> 127.0.0.1:0";
  const taken: [engine: string, said: string][] = [
    [
      "before 28, a process",
      `${endpoint}: Error starting userland proxy: listen tcp4 127.0.0.1:6379: bind: address already in use`,
    ],
    ["Desktop with WSL", `${desktop}: /forwards/expose returned unexpected status: 500`],
    ["before 28, a container", `${endpoint}: Bind for 127.0.0.1:6379 failed: port is already allocated`],
    [
      "28",
      `failed to set up container networking: ${endpoint}: failed to bind host port for 127.0.0.1:6379:172.17.0.2:6379/tcp: address already in use`,
    ],
    ["28, version 6", `${endpoint}: failed to bind host port for [::]:6379:[fd12::2]:6379/tcp: address already in use`],
    [
      "28, version 6 without brackets",
      `failed to bind host port for :::6379:172.17.0.2:80/tcp: address already in use`,
    ],
    ["29", `${endpoint}: failed to bind host port 127.0.0.1:6379/tcp: address already in use`],
    ["29, version 6", `${endpoint}: failed to bind host port [::]:6379/tcp: address already in use`],
    ["a process, version 6", `listen tcp6 [::]:6379: bind: address already in use`],
    ["Desktop on macOS", `${desktop}: listen tcp4 127.0.0.1:6379: bind: address already in use`],
    [
      "Desktop on Windows",
      `${desktop}: listen tcp4 127.0.0.1:6379: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.`,
    ],
  ];
  for (const [engine, said] of taken) {
    it(`is recognized with engine ${engine}`, () => {
      assert.deepEqual(refusedPort(said), { port: 6379, reserved: false });
      assert.match(explain([said], new Error("code: 255")).text.en, /^Another program started to use port 6379/);
    });
  }

  it("may be reserved by Windows", () => {
    const said = `${desktop}: listen tcp 127.0.0.1:6379: bind: An attempt was made to access a socket in a way forbidden by its access permissions.`;
    assert.deepEqual(refusedPort(said), { port: 6379, reserved: true });
    const { en, ko } = explain([said], new Error("code: 255")).text;
    assert.match(en, /^Port 6379 is reserved by Windows \(netsh int ipv4 show excludedportrange tcp/);
    assert.match(ko, /^6379번 포트는 Windows가/);
  });

  it("is not found in other messages", () => {
    assert.equal(refusedPort(`${endpoint}: Bind for 127.0.0.1:6379 failed: no such device`), undefined);
    assert.equal(refusedPort("listen tcp4 127.0.0.1:6379: ok\naddress already in use"), undefined);
  });
});
