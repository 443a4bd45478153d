import { IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest, RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { goesDirect } from "./proxies";

/**
 * Sends a request. Does not use `fetch`, which adds 0.2 s for loading it and for the end of the process.
 * @param patience timeout for the whole response in milliseconds
 * @throws Error if there is no response in time; an AbortError if not even the headers have arrived
 */
async function ask(url: string, patience: number, options: RequestOptions): Promise<IncomingMessage> {
  const send = url.startsWith("https:") ? secureRequest : plainRequest;
  // A new agent uses no proxy. The global one has read NO_PROXY before the address of the node was known.
  const direct = goesDirect(new URL(url).hostname) ? { agent: false } : {};
  return new Promise((resolve, reject) => {
    send(url, { ...direct, ...options, signal: AbortSignal.timeout(patience) }, resolve)
      .on("error", reject)
      .end();
  });
}

/** The status of a response; redirects are not followed. @see ask */
export async function statusOf(url: string, patience: number, options: RequestOptions = {}): Promise<number> {
  const answer = await ask(url, patience, options);
  answer.destroy();
  return answer.statusCode ?? 0;
}

/** A response; redirects are not followed. @see ask */
export async function answerOf(
  url: string,
  patience: number,
  options: RequestOptions = {},
): Promise<{ status: number; body: string }> {
  const answer = await ask(url, patience, options);
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}

/** Whether a request failed only because, by this machine's clock, a certificate is not valid. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
export function byTheClock({ code, cause }: NodeJS.ErrnoException): boolean {
  const { code: inner } = (cause ?? {}) as { code?: string };
  return /^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/.test(code ?? inner ?? "");
}
