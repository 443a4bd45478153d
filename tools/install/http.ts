import { IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest, RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { goesDirect } from "./proxies";

/**
 * Sends a request. Not with `fetch`: to load it, and to let the process end after it, take a fifth of a second.
 * @param patience how long the whole of the answer may take, in milliseconds
 * @throws Error when nothing answers, or too late; its name is AbortError when not even the head has come by then
 */
async function ask(url: string, patience: number, options: RequestOptions): Promise<IncomingMessage> {
  const send = url.startsWith("https:") ? secureRequest : plainRequest;
  // Of its own, an agent uses no proxy; the one that all share has read the exceptions before there was a node.
  const direct = goesDirect(new URL(url).hostname) ? { agent: false } : {};
  return new Promise((resolve, reject) => {
    send(url, { ...direct, ...options, signal: AbortSignal.timeout(patience) }, resolve)
      .on("error", reject)
      .end();
  });
}

/** The status of what answers at an address; redirects are not followed. @see ask */
export async function statusOf(url: string, patience: number, options: RequestOptions = {}): Promise<number> {
  const answer = await ask(url, patience, options);
  answer.destroy();
  return answer.statusCode ?? 0;
}

/** What answers at an address; redirects are not followed. @see ask */
export async function answerOf(
  url: string,
  patience: number,
  options: RequestOptions = {},
): Promise<{ status: number; body: string }> {
  const answer = await ask(url, patience, options);
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}
