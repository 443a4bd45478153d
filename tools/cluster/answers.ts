/** An answer of the cluster's API other than the one asked for. */
export class Refused extends Error {
  /** @param code status of HTTP, as errors of the Kubernetes library have it */
  constructor(
    readonly code: number,
    path: string,
    body: string,
  ) {
    super(`the cluster answers ${path} with status ${code}: ${body.slice(0, 300)}`);
  }
}

/** What a question finds, or nothing where the cluster answers it with a status; the library's errors have one, too. */
export async function unless<T>(code: number, question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if ((error as { code?: unknown }).code === code) return undefined;
    throw error;
  }
}
