import * as settings from "@pulumi/pulumi/runtime/settings";

/**
 * Gives every connection to an engine a pool of its own. An operation has its own engine, on a port that an earlier one
 * of this process may have had; from gRPC's shared pool the program would get that one's dead connection, which the SDK
 * takes for an engine that is ending: the program registers nothing, and the engine removes every lab.
 * @see https://grpc.github.io/grpc/core/group__grpc__arg__keys.html
 */
export function separateConnections(): void {
  const { grpcClientOptions } = settings as unknown as { grpcClientOptions: Record<string, unknown> };
  Object.assign(grpcClientOptions, { "grpc.use_local_subchannel_pool": 1 });
}
