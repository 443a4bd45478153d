import { setTimeout as sleep } from "node:timers/promises";

export class Refused extends Error {
  /** @param code HTTP status, in the same property as in errors of the Kubernetes library */
  constructor(
    readonly code: number,
    path: string,
    body: string,
  ) {
    super(`the cluster answers ${path} with status ${code}: ${body.slice(0, 300)}`);
  }
}

/** The result of a request; undefined if it fails with the given status. */
export async function unless<T>(code: number, question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if ((error as { code?: unknown }).code === code) return undefined;
    throw error;
  }
}

/** The cluster's message about a refusal, without the headers that the library adds. */
export function messageOf(error: unknown): string {
  const { body, message } = error as Error & { body?: string };
  try {
    return (JSON.parse(body ?? "") as { message?: string }).message ?? message;
  } catch {
    // Not the cluster's own answer, such as a proxy's page.
    return message;
  }
}

/** Timeout of a request in milliseconds. */
const patience = 15_000;

/** The result of a request, with a timeout, which the library does not have. */
export async function inTime<T>(question: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(patience, undefined, { signal: late.signal }).then(() => {
    throw new Error(`the cluster did not answer within ${patience / 1000} s`);
  });
  // Aborted if the request finishes first.
  timeout.catch(() => undefined);
  try {
    return await Promise.race([question, timeout]);
  } finally {
    late.abort();
  }
}
