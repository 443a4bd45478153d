import type { V1Node } from "@kubernetes/client-node";
import { Settings } from "../../config";
import { Refused } from "./answers";
import { readerOf } from "./get";

/** What one question to the cluster tells. */
export interface Look {
  /** Whether the cluster's API answers. */
  answers: boolean;
  /** The node of the lab; "absent" when there is none of that name, none when we may not know. */
  node?: V1Node | "absent";
}

/** How long a cluster may take to answer, in milliseconds. */
const patience = 5000;

/**
 * Asks the cluster for the lab's node: whether it is there, and what it has, in a few milliseconds.
 * @throws LabError when a program that logs in fails
 */
export async function look(settings: Pick<Settings, "kubeconfig" | "kubeContext" | "kubeNode">): Promise<Look> {
  const get = await readerOf(settings, patience);
  if (!get) return { answers: false };
  try {
    return { answers: true, node: await get<V1Node>(`/api/v1/nodes/${encodeURIComponent(settings.kubeNode)}`) };
  } catch (error) {
    if (!(error instanceof Refused)) return { answers: false };
    // A server that starts up or shuts down says 5xx; one that wants another log-in than ours is there.
    return { answers: error.code < 500, ...(error.code === 404 ? { node: "absent" as const } : {}) };
  }
}
