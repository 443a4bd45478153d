import assert from "node:assert/strict";
import { runChecks } from "../../tools/checks/check";
import { PublishedPort } from "../../tools/checks/facts/docker";
import { checksOf } from "../../tools/checks/labs";
import { onlyPublishedOn } from "../../tools/checks/labs/containers";
import { answering, container, healthy, target } from "./fakes";

describe("where a container's port is published", () => {
  const inside = "6379/tcp";
  const on = (address: string, port = 6379): PublishedPort => ({ inside, address, port });
  const judged = (meant: PublishedPort, ...ports: PublishedPort[]) => {
    const verdict = onlyPublishedOn(container("redis", "redis:v1.0", { ports }), meant, "MAKE");
    return verdict.status === "failed" ? [verdict.cause, verdict.why.en, verdict.why.ko].join(" | ") : verdict.status;
  };
  const own = on("127.0.0.1");

  it("is right only where it is meant, on both versions of all addresses where those are meant", () => {
    assert.equal(judged(own, own), "passed");
    assert.equal(judged(on("0.0.0.0"), on("0.0.0.0"), on("::")), "passed");
    assert.match(judged(own, own, on("::1")), /^published too widely/);
  });

  it("is reported with who can reach it", () => {
    for (const address of ["0.0.0.0", "::"]) {
      assert.match(judged(own, on(address)), /^published too widely \| .*anyone who can reach this machine/);
      assert.match(judged(own, own, on(address)), /^published too widely \| .*anyone who can reach this machine/);
    }
    assert.match(
      judged(own, own, on("192.168.0.7")),
      /^published too widely \| .*on 127\.0\.0\.1:6379 -> 6379\/tcp only\. .* 192\.168\.0\.7:6379 -> 6379\/tcp\. \| .*에만/,
    );
    assert.match(
      judged(own, on("127.0.0.1", 6380)),
      /^not published \| .* is published on 127\.0\.0\.1:6380 -> 6379\/tcp\. \| .*열린 포트: 127/,
    );
    assert.match(judged(own), /^not published \| .* is published on no port\. \| .*열린 포트: 없음/);
  });
});

describe("a Redis that does not answer PONG", () => {
  const told = async (answer: string) => {
    const live = answering({ ask: (_host, _port, line) => Promise.resolve(line === "PING" ? answer : "") });
    const results = await runChecks(checksOf({ ...target, labs: ["redis"] }, { docker: healthy() }, live));
    const pong = results.find(({ id }) => id === "redis.pong");
    return pong?.status === "failed" ? `${pong.cause}: ${pong.why.en} ${pong.next.en}` : pong?.status;
  };
  it("refuses, or says nothing", async () => {
    assert.equal(await told("+PONG"), "passed");
    for (const answer of ["-NOAUTH Authentication required.", "-DENIED Redis is running in protected mode"]) {
      assert.match((await told(answer)) ?? "", /^access refused: .*answers PING with "-/);
    }
    assert.match((await told("")) ?? "", /^no answer: .*answers PING with -, not with PONG\. docker logs redis/);
    assert.match((await told("-ERR unknown command")) ?? "", /^no answer: .*docker rm --force redis/);
  });
});
