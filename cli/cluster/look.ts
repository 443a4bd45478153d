import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { V1Node } from "@kubernetes/client-node";
import { Settings } from "../../config";
import { Access, accessTo } from "./kubeconfig";

/** What one question to the cluster tells. */
export interface Look {
  /** Whether the cluster's API answers. */
  answers: boolean;
  /** The node of the lab; "absent" when there is none of that name, none when we may not know. */
  node?: V1Node | "absent";
}

/** How long a cluster may take to answer, in milliseconds. */
const patience = 5000;

async function get({ server, token, ...tls }: Access, path: string): Promise<{ status: number; body: string }> {
  const url = new URL(server.replace(/\/$/, "") + path);
  const headers = { accept: "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const options = { headers, ...tls, timeout: patience };
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === "http:" ? plainRequest : secureRequest)(url, options, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }));
      answer.on("error", reject);
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${patience} ms`)));
    asked.on("error", reject);
    asked.end();
  });
}

/** Asks the cluster for the lab's node: whether it is there, and what it has, in a few milliseconds. */
export async function look(settings: Pick<Settings, "kubeconfig" | "kubeContext" | "kubeNode">): Promise<Look> {
  const access = accessTo(settings);
  if (!access) return { answers: false };
  try {
    const { status, body } = await get(access, `/api/v1/nodes/${encodeURIComponent(settings.kubeNode)}`);
    if (status === 200) return { answers: true, node: JSON.parse(body) as V1Node };
    // A server that starts up or shuts down says 5xx; one that wants another log-in than ours is there.
    return { answers: status < 500, ...(status === 404 ? { node: "absent" as const } : {}) };
  } catch {
    return { answers: false };
  }
}
