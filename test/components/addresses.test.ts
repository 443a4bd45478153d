import assert from "node:assert/strict";
import { hostAndPort, localHost } from "../../components/addresses";

describe("localHost", () => {
  it("is localhost for this machine", () => assert.equal(localHost("127.0.0.1"), "localhost"));
  it("is localhost for every address", () => assert.equal(localHost("0.0.0.0"), "localhost"));
  it("is any other address itself", () => assert.equal(localHost("10.1.2.3"), "10.1.2.3"));
});

describe("hostAndPort", () => {
  it("has the port", () => assert.equal(hostAndPort("localhost", 8080), "localhost:8080"));
  it("leaves out the 80 of plain HTTP", () => assert.equal(hostAndPort("localhost", 80), "localhost"));
});
