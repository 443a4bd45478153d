import type { RequestOptions } from "node:https";
import { project } from "../../config";
import { LabError } from "../../text";
import { answerOf } from "../install/http";
import { keepDirect } from "../install/proxies";
import { Refused } from "./answers";
import { Access, accessTo, ClusterChoice } from "./kubeconfig";

/** What `request` needs beyond the address. @throws LabError when a program that logs in fails */
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
      en: `Setting ${project}:kubeContext is "${choice.kubeContext}": logging in to that cluster failed: ${said}. Log in as its provider says, until this works: kubectl --context ${choice.kubeContext} get nodes — then run the command again.`,
      ko: `설정 ${project}:kubeContext 값이 "${choice.kubeContext}" 입니다: 그 클러스터에 로그인하지 못했습니다: ${said}. 제공자의 안내대로 로그인해서 kubectl --context ${choice.kubeContext} get nodes 가 되는지 확인한 뒤 명령을 다시 실행하세요.`,
    });
  }
  return options;
}

/**
 * Gets what the cluster has at a path of its API.
 * @throws Refused for any status but 200
 * @throws Error when nothing answers in time
 */
export type Get = <T>(path: string) => Promise<T>;

/**
 * Opens a context's cluster for reading. Without the Kubernetes library, which takes half a second to load, unless it
 * takes more to be let in than the kubeconfig has.
 * @param patience how long the cluster may take for an answer, in milliseconds
 * @returns undefined when the kubeconfig has no such context, or no cluster for it
 * @throws LabError when a program that logs in fails
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export async function readerOf(choice: ClusterChoice, patience = 15_000): Promise<Get | undefined> {
  const access = accessTo(choice);
  if (!access) return undefined;
  // The plugin will ask the same cluster.
  keepDirect([new URL(access.server).hostname]);
  const { headers, ...login } = await loggedIn(choice, access);
  const options = { ...login, headers: { ...headers, accept: "application/json" } };
  return async <T>(path: string) => {
    const { status, body } = await answerOf(access.server.replace(/\/$/, "") + path, patience, options);
    if (status !== 200) throw new Refused(status, path, body);
    return JSON.parse(body) as T;
  };
}
