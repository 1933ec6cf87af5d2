// Webhook messages: verified on the bytes as they came, and read.

import { Webhook } from "standardwebhooks";

import { InvalidWebhook } from "./errors.js";
import { tooDeep } from "./json.js";
import type { SubscriptionEvent, WebhookEvent } from "./types.js";

const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;
const MOST_BYTES = 1024 * 1024;
const MOST_SIGNATURES = 8;

export interface VerifyOptions {
  /** How far the time of the attempt may be from now, in seconds; 300 unless told. */
  tolerance?: number;
  now?: () => Date;
}

/** The secret of the endpoint; while it is rolled both, in any order. */
export type Secrets = string | undefined | readonly (string | undefined)[];

/** Of a `Request`, as a route handler of Next.js gets it; it must not have been read before.
 * Throws InvalidWebhook: answer 401. */
export async function verifyWebhook(
  request: Request,
  secrets: Secrets,
  options: VerifyOptions = {},
): Promise<WebhookEvent> {
  const webhooks = checked(secrets);
  const body = new Uint8Array(await request.arrayBuffer());
  return verified(webhooks, body, (name) => request.headers.get(name), options);
}

/** Of a body's bytes, or its text as it came, and the headers, whatever the case of their names. */
export function verifyMessage(
  body: Uint8Array | string,
  headers: Record<string, string | string[] | undefined>,
  secrets: Secrets,
  options: VerifyOptions = {},
): WebhookEvent {
  const webhooks = checked(secrets);
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    throw new TypeError("give the body's bytes as they came, before anything parses them");
  }
  const told = new Map(Object.entries(headers).map(([name, it]) => [name.toLowerCase(), it]));
  const header = (name: string) => {
    const it = told.get(name);
    return (Array.isArray(it) ? it[0] : it) ?? null;
  };
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return verified(webhooks, bytes, header, options);
}

/** Whether it tells of a subscription: ignore a lower `seq`, and do what `access` says. */
export function isSubscriptionEvent(event: WebhookEvent): event is SubscriptionEvent {
  return event.type.startsWith("subscription.");
}

/** Throws TypeError, whose message never holds the secret. */
function checked(secrets: Secrets): Webhook[] {
  const listed = Array.isArray(secrets) ? secrets : [secrets];
  if (listed.length === 0) throw new TypeError("give the endpoint's secret");
  return listed.map((secret: unknown) => {
    if (typeof secret !== "string") throw new TypeError("the webhook secret is missing");
    if (secret !== secret.trim()) {
      throw new TypeError("the webhook secret has white space around it: cut it");
    }
    if (!SECRET.test(secret)) {
      throw new TypeError("this is no webhook secret: one begins with whsec_");
    }
    return new Webhook(secret);
  });
}

function verified(
  webhooks: Webhook[],
  body: Uint8Array,
  header: (name: string) => string | null,
  options: VerifyOptions,
): WebhookEvent {
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(
    (name) => {
      const told = header(name);
      if (!told) throw new InvalidWebhook(`the header ${name} is missing`);
      return told;
    },
  ) as [string, string, string];
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new InvalidWebhook("webhook-timestamp is not in seconds");
  }
  const now = (options.now?.() ?? new Date()).getTime() / 1000;
  if (Math.abs(now - Number(timestamp)) > (options.tolerance ?? 300)) {
    throw new InvalidWebhook("too old or too new; is this machine's clock right?");
  }
  if (body.length > MOST_BYTES) throw new InvalidWebhook("the body is too large");
  const text = textOf(body);
  const at = new Date(Number(timestamp) * 1000);
  const given = signatures.split(" ").slice(0, MOST_SIGNATURES);
  const fits = webhooks.flatMap((webhook) => {
    const expected = webhook.sign(id, at, text);
    return given.map((one) => same(expected, one));
  });
  if (!fits.some(Boolean)) {
    throw new InvalidWebhook("no signature fits: wrong secret, or the body was changed");
  }
  return read(id, text);
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new InvalidWebhook("the body is not UTF-8");
  }
}

function read(id: string, text: string): WebhookEvent {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    throw new InvalidWebhook("signed, but no message");
  }
  if (!isMessage(told) || tooDeep(told)) throw new InvalidWebhook("signed, but no message");
  return { ...told, id } as unknown as WebhookEvent;
}

function isMessage(told: unknown): told is Record<string, unknown> {
  if (typeof told !== "object" || told === null) return false;
  const { type, timestamp, data } = told as Record<string, unknown>;
  return (
    typeof type === "string" &&
    typeof timestamp === "string" &&
    !Number.isNaN(Date.parse(timestamp)) &&
    typeof data === "object" &&
    data !== null &&
    !Array.isArray(data)
  );
}

/** In a time that tells nothing of where they differ. */
function same(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let place = 0; place < left.length; place++) {
    difference |= left.charCodeAt(place) ^ right.charCodeAt(place % (right.length || 1));
  }
  return difference === 0;
}
