import type { V1Node } from "@kubernetes/client-node";
import { Settings } from "../../config";
import { Refused } from "./answers";
import { readerOf } from "./get";

export interface Look {
  /** Whether the API of the cluster answers. */
  answers: boolean;
  /** Set if it does, with a certificate that is valid only later than this machine's clock says. */
  early?: true;
  /** Set if it does, and does not know who asks. */
  stranger?: true;
  /** The node of the lab; "absent" if there is no such node, undefined if the user has no permission to read it. */
  node?: V1Node | "absent";
}

/** Timeout in milliseconds. */
const patience = 5000;

/**
 * Reads the node of the lab, which takes a few milliseconds and shows whether the cluster answers.
 * @throws LabError if a login program fails
 */
export async function look(settings: Pick<Settings, "kubeconfig" | "kubeContext" | "kubeNode">): Promise<Look> {
  const get = await readerOf(settings, patience);
  if (!get) return { answers: false };
  try {
    return { answers: true, node: await get<V1Node>(`/api/v1/nodes/${encodeURIComponent(settings.kubeNode)}`) };
  } catch (error) {
    const early = (error as NodeJS.ErrnoException).code === "CERT_NOT_YET_VALID";
    if (!(error instanceof Refused)) return { answers: false, ...(early ? { early } : {}) };
    // A server that is starting or stopping answers with 5xx. A server that rejects the credentials is running.
    return {
      answers: error.code < 500,
      ...(error.code === 404 ? { node: "absent" as const } : {}),
      ...(error.code === 401 ? { stranger: true as const } : {}),
    };
  }
}
