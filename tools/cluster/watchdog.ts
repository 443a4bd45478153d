import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted } from "../terminal/interruption";
import { say } from "../terminal/language";

/** How often the cluster is asked, and for how long it may not answer, in milliseconds. */
const pace = { every: 10_000, patience: 60_000 };

/**
 * Runs an operation on the cluster, and tells it to stop if the cluster does not answer for a minute. The provider itself would
 * wait forever if the cluster stops just before it lists the pods of a new Deployment, and for the whole timeout if it stops
 * during a deletion.
 * @param answers asks the cluster
 * @param operation is told by the signal, and ends by itself then
 * @throws Error that the cluster is unreachable, instead of the error of the stopped operation
 * @see https://pkg.go.dev/k8s.io/client-go/tools/cache#WaitForCacheSync
 */
export async function whileItAnswers<T>(
  answers: () => Promise<boolean>,
  operation: (lost: AbortSignal) => Promise<T>,
  { every, patience } = pace,
): Promise<T> {
  const [lost, over] = [new AbortController(), new AbortController()];
  const watch = async () => {
    for (let heard = performance.now(); performance.now() - heard < patience;) {
      await sleep(every, undefined, { signal: over.signal });
      if (await answers()) heard = performance.now();
    }
    say({
      en: "The cluster does not answer any more. Stopping …",
      ko: "클러스터가 더 이상 응답하지 않습니다. 중단하는 중 …",
    });
    lost.abort();
  };
  // It ends with the operation; a login program that fails is the provider's to report.
  watch().catch(() => undefined);
  try {
    return await operation(lost.signal);
  } catch (error) {
    if (!lost.signal.aborted || error instanceof Interrupted) throw error;
    throw new Error("the kubernetes cluster is unreachable", { cause: error });
  } finally {
    over.abort();
  }
}
