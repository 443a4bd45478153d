import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { separateConnections } from "../../cli/engine-connections";
import { freePort } from "../../cli/port-holder";
import { keepDirect } from "../../cli/proxies";

/** The part of @grpc/grpc-js that Pulumi uses here, as Pulumi has it. */
interface Grpc {
  Server: new () => {
    addService: (service: object, methods: object) => void;
    bindAsync: (address: string, credentials: unknown, done: (error: Error | null) => void) => void;
    forceShutdown: () => void;
  };
  ServerCredentials: { createInsecure: () => unknown };
  credentials: { createInsecure: () => unknown };
  logVerbosity: { ERROR: number; NONE: number };
  setLogVerbosity: (level: number) => void;
  makeGenericClientConstructor: (service: object) => new (
    address: string,
    credentials: unknown,
    options: object,
  ) => {
    echo: (data: Buffer, done: (error: Error | null, answer?: Buffer) => void) => void;
    close: () => void;
  };
}

describe("connections to the engine", () => {
  const grpc = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js") as Grpc;
  const asIs = (data: Buffer) => data;
  const service = {
    echo: {
      path: "/echo/echo",
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
  const clients: { close: () => void }[] = [];
  const server = new grpc.Server();

  after(() => {
    clients.forEach((client) => client.close());
    server.forceShutdown();
  });

  /** What an engine on a port answers to a client that is made with Pulumi's options. */
  function answer(port: number): Promise<string> {
    const { grpcClientOptions } = settings as unknown as { grpcClientOptions: object };
    const Client = grpc.makeGenericClientConstructor(service);
    const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), grpcClientOptions);
    clients.push(client);
    return new Promise((resolve) =>
      client.echo(Buffer.from("here"), (error, data) => resolve(error ? error.message : String(data))),
    );
  }

  it("are not the dead ones of an earlier engine that had the same port", async () => {
    separateConnections();
    const port = await freePort();
    assert.match(await answer(port), /ECONNREFUSED/);
    server.addService(service, {
      echo: ({ request }: { request: Buffer }, done: (error: null, data: Buffer) => void) => done(null, request),
    });
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    assert.equal(await answer(port), "here");

    const before = { ...process.env };
    grpc.setLogVerbosity(grpc.logVerbosity.NONE);
    try {
      // Nothing listens there, as nothing but the proxy would on a machine behind one.
      for (const name of ["http_proxy", "https_proxy"]) process.env[name] = "http://127.0.0.1:9";
      assert.match(await answer(port), /No connection established/);
      keepDirect();
      assert.equal(await answer(port), "here");
    } finally {
      grpc.setLogVerbosity(grpc.logVerbosity.ERROR);
      for (const name of ["http_proxy", "https_proxy", "NO_PROXY", "no_proxy"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });
});
