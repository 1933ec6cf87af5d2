// One call on its way: what is sent, what came of it, whether and when it is sent again.

import { PaymentServiceError, Refused, UnexpectedAnswer, Unreachable } from "./errors.js";

/** In milliseconds: of a call with all its attempts, and of each of them. */
export interface Patience {
  total: number;
  each: number;
  attempts: number;
  firstWait: number;
  longestWait: number;
}

export const PATIENCE: Patience = {
  total: 30_000,
  each: 10_000,
  attempts: 6,
  firstWait: 250,
  longestWait: 8_000,
};

/** Every call may be sent again when no answer came: a read changes nothing, and whatever changes
 * something has an idempotency key, under which it happens once. */
export interface Call {
  method: string;
  url: string;
  body?: string;
  idempotencyKey?: string;
  /** For which the service itself may wait before it answers, in milliseconds. */
  waits?: number;
  signal?: AbortSignal | undefined;
}

/** No request has left when connecting failed so. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);
/** What stands between says that the service did not answer it. */
const GATEWAYS = new Set([502, 504]);

/** `headers` are asked for at each attempt, so that no key is kept with the call. */
export async function send(
  call: Call,
  headers: () => Record<string, string>,
  fetcher: typeof fetch,
  patience: Patience,
): Promise<unknown> {
  const waits = call.waits ?? 0;
  const ends = Date.now() + patience.total + waits;
  for (let made = 1; ; made++) {
    const time = Math.max(1, Math.min(patience.each + waits, ends - Date.now()));
    try {
      return await attempt(call, headers(), fetcher, time);
    } catch (error) {
      const wait = made < patience.attempts ? waitAfter(error, made, patience) : null;
      if (wait === null || Date.now() + wait >= ends) throw error;
      await sleep(wait, call.signal);
    }
  }
}

async function attempt(
  call: Call,
  headers: Record<string, string>,
  fetcher: typeof fetch,
  time: number,
): Promise<unknown> {
  call.signal?.throwIfAborted();
  const late = AbortSignal.timeout(time);
  const signal = call.signal ? AbortSignal.any([late, call.signal]) : late;
  let status: number, told: Headers, text: string;
  try {
    const response = await fetcher(call.url, {
      method: call.method,
      headers: {
        ...headers,
        Accept: "application/json",
        ...(call.body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(call.idempotencyKey === undefined ? {} : { "Idempotency-Key": call.idempotencyKey }),
      },
      body: call.body ?? null,
      redirect: "manual",
      cache: "no-store",
      signal,
    });
    text = await response.text();
    ({ status, headers: told } = response);
  } catch (error) {
    call.signal?.throwIfAborted();
    throw unreachable(error, late.aborted);
  }
  if (status < 200 || status >= 300) throw refusal(status, told, text);
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new UnexpectedAnswer("the answer is not JSON; is this the service's address?", status);
  }
}

/** Its words hold no header; the error itself, which may, is left behind. */
function unreachable(error: unknown, late: boolean): Unreachable {
  if (late) return new Unreachable("no answer: too slow", true);
  const code = (error as { cause?: { code?: unknown } }).cause?.code;
  const said = typeof code === "string" ? code : "the connection broke";
  return new Unreachable(`no answer: ${said}`, !NOT_SENT.has(said));
}

function refusal(status: number, headers: Headers, text: string): PaymentServiceError {
  let told: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) told = parsed as Record<string, unknown>;
  } catch {
    // Told below: it is not the service's.
  }
  const { code, detail, type: _, title: __, status: ___, ...members } = told;
  if (typeof code !== "string" || typeof detail !== "string") {
    const said = `${status} without an explanation; is this the service's address?`;
    return new UnexpectedAnswer(said, status);
  }
  const wait = secondsOf(headers.get("retry-after"));
  return new Refused(status, code, detail, members, headers.get("request-id"), wait);
}

/** Whole seconds, or a date. */
function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1000);
}

/** Milliseconds, or null for what will not pass. */
function waitAfter(error: unknown, made: number, patience: Patience): number | null {
  const backoff = Math.min(patience.longestWait, patience.firstWait * 2 ** made);
  const wait = backoff * (0.5 + Math.random() / 2);
  if (error instanceof Unreachable) return wait;
  if (error instanceof UnexpectedAnswer) return GATEWAYS.has(error.status) ? wait : null;
  if (!(error instanceof Refused)) return null;
  const passes =
    error.status === 429 || error.status === 503 || error.code === "idempotency_key_in_use";
  if (!passes) return null;
  // Never sooner than asked, and not all who were told the same at the same moment.
  return error.retryAfter === null ? wait : error.retryAfter * 1000 + Math.min(1000, wait);
}

function sleep(time: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, time);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
