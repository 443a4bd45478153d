import type { V1Node } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import { project, Settings } from "../../config";
import { LabError } from "../../text";
import { answerOf } from "../install/http";
import { keepDirect } from "../install/proxies";
import { Refused } from "./answers";
import { Access, accessTo, ClusterChoice } from "./kubeconfig";

/** The options for a request with the user's credentials. @throws LabError if a login program fails */
async function loggedIn(choice: ClusterChoice, access: Access): Promise<RequestOptions> {
  const { token, loginTakesMore, ca, cert, key, rejectUnauthorized } = access;
  if (!loginTakesMore) {
    return { ca, cert, key, rejectUnauthorized, headers: token ? { authorization: `Bearer ${token}` } : {} };
  }
  const options: RequestOptions = {};
  try {
    const { clusterApi } = await import("./api");
    await clusterApi(choice).config.applyToHTTPSOptions(options);
  } catch (error) {
    const said = (error as Error).message.trim();
    throw new LabError({
      en: `Setting ${project}:kubeContext is "${choice.kubeContext}", but the login to this cluster failed: ${said}. Log in as described by the provider of the cluster, until this command works: kubectl --context ${choice.kubeContext} get nodes. Then run the command again.`,
      ko: `${project}:kubeContext 설정의 값이 "${choice.kubeContext}"인데, 이 클러스터에 로그인하지 못했습니다: ${said}. 클러스터 제공자의 안내에 따라 로그인하고 다음 명령이 동작하는지 확인하세요: kubectl --context ${choice.kubeContext} get nodes. 그런 다음 명령을 다시 실행하세요.`,
    });
  }
  return options;
}

/**
 * Reads a path of the Kubernetes API.
 * @throws Refused for any status other than 200
 * @throws Error if there is no answer in time
 */
export type Get = <T>(path: string) => Promise<T>;

/**
 * Opens the cluster of a context for reading. The Kubernetes library takes half a second to load, so it is used only for
 * logins that need more than the kubeconfig.
 * @param timeout in milliseconds
 * @returns undefined if the kubeconfig has no such context, or no cluster for it
 * @throws LabError if a login program fails
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export async function readerOf(choice: ClusterChoice, timeout = 15_000): Promise<Get | undefined> {
  const access = accessTo(choice);
  if (!access) return undefined;
  // Also for the plugin, which connects to the same cluster.
  keepDirect([new URL(access.server).hostname]);
  const { headers, ...login } = await loggedIn(choice, access);
  const options = { ...login, headers: { ...headers, accept: "application/json" } };
  return async <T>(path: string) => {
    const { status, body } = await answerOf(access.server.replace(/\/$/, "") + path, timeout, options);
    if (status !== 200) throw new Refused(status, path, body);
    return JSON.parse(body) as T;
  };
}

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

/**
 * Reads the node of the lab, which takes a few milliseconds and shows whether the cluster answers.
 * @throws LabError if a login program fails
 */
export async function look(settings: Pick<Settings, "kubeconfig" | "kubeContext" | "kubeNode">): Promise<Look> {
  const get = await readerOf(settings, 5000);
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
