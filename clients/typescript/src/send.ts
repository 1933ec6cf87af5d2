// One call on its way: what is sent, what came of it, whether and when it is sent again.

import { PaymentServiceError, Refused, UnexpectedAnswer, Unreachable, Unsure } from "./errors.js";

/** In milliseconds: of a call with all its attempts, and of each of them. */
export interface Patience {
  total: number;
  each: number;
  /** Their number; without a limit unless it is given. */
  attempts: number;
  firstWait: number;
  longestWait: number;
}

export const PATIENCE: Patience = {
  total: 30_000,
  each: 10_000,
  attempts: Infinity,
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
  /** Outlives any patience: it is asked again for as long as the service is away. */
  endless?: boolean;
  signal?: AbortSignal | undefined;
}

/** No request has left when connecting failed so. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);
const UNDER_WAY = "idempotency_key_in_use";
const MAY_BE_DONE = new Set<unknown>(["took_too_long", "internal_error"]);
/** The part of the whole time that is kept for the last attempt. */
const LAST = 0.05;
/** A day; a timer of over 24 days would end at once. */
const LONGEST_TIMER = 86_400_000;
const UNEXPLAINED = "No explanation, perhaps from what stands between.";

/** `headers` are asked for at each attempt, so that no key is kept with the call. */
export async function send(
  call: Call,
  headers: () => Record<string, string>,
  fetcher: typeof fetch,
  patience: Patience,
): Promise<unknown> {
  const waits = call.waits ?? 0;
  const ends = call.endless ? Infinity : Date.now() + patience.total + waits;
  let mayBeDone = false;
  for (let made = 1; ; made++) {
    const time = Math.max(1, Math.min(patience.each + waits, ends - Date.now()));
    try {
      return await attempt(call, headers(), fetcher, time);
    } catch (error) {
      if (!(error instanceof PaymentServiceError)) throw error;
      mayBeDone ||= (error instanceof Unreachable || error instanceof Unsure) && error.mayHaveHappened;
      const wait = waitAfter(error, made, patience, ends - Date.now());
      if (wait === null) throw cameTo(error, call.idempotencyKey ?? null, mayBeDone);
      await sleep(wait, call.signal);
    }
  }
}

/** What to tell of the whole call, whose last attempt ended so: an earlier one may have been carried
 * out. */
function cameTo(
  error: PaymentServiceError,
  key: string | null,
  mayBeDone: boolean,
): PaymentServiceError {
  if (key === null) return error;
  if (error instanceof Unreachable) return new Unreachable(`${error.message}.`, mayBeDone, key);
  if (!(error instanceof Refused) || !mayPass(error)) return error;
  if (error.code !== UNDER_WAY && !mayBeDone) return error;
  const { status, code, detail, requestId, retryAfter } = error;
  return new Unsure(status, code, detail, requestId, retryAfter, key);
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
  if (status < 200 || status >= 300) throw refusal(status, told, text, call.idempotencyKey ?? null);
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

function refusal(
  status: number,
  headers: Headers,
  text: string,
  key: string | null,
): PaymentServiceError {
  let told: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) told = parsed as Record<string, unknown>;
  } catch {
    // Told below: it is not the service's.
  }
  const { code, detail, type: _, title: __, status: ___, ...members } = told;
  const requestId = headers.get("request-id");
  const wait = secondsOf(headers.get("retry-after"));
  const isTold = typeof code === "string" && typeof detail === "string";
  if (status >= 500 && (!isTold || MAY_BE_DONE.has(code))) {
    return isTold
      ? new Unsure(status, code, detail, requestId, wait, key)
      : new Unsure(status, null, UNEXPLAINED, requestId, wait, key);
  }
  if (!isTold) {
    const said = `${status} without an explanation; is this the service's address?`;
    return new UnexpectedAnswer(said, status);
  }
  return new Refused(status, code, detail, members, requestId, wait);
}

/** Whole seconds, or a date. */
function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1000);
}

/** Milliseconds, or null for what will not pass, or not in the time that is left. */
function waitAfter(
  error: PaymentServiceError,
  made: number,
  patience: Patience,
  left: number,
): number | null {
  if (!mayPass(error)) return null;
  const backoff = Math.min(patience.longestWait, patience.firstWait * 2 ** made);
  const wait = backoff * (0.5 + Math.random() / 2);
  const asked = error instanceof Refused || error instanceof Unsure ? error.retryAfter : null;
  // Never sooner than asked, and not all who were told the same at the same moment.
  const rest =
    asked === null
      ? Math.min(wait, left - LAST * patience.total)
      : asked * 1000 + Math.min(1000, wait);
  if (left === Infinity) return Math.min(rest, LONGEST_TIMER);
  return made < patience.attempts && rest > 0 && rest < left ? rest : null;
}

/** Whether the same request may succeed later. */
function mayPass(error: PaymentServiceError): boolean {
  if (error instanceof Refused) {
    return error.status === 429 || error.status === 503 || error.code === UNDER_WAY;
  }
  return error instanceof Unreachable || error instanceof Unsure;
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
