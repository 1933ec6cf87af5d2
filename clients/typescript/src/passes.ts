// Access passes, checked offline: a compact JWS by Ed25519, and the keys of the issuer.

import { checkedOrigin } from "./connection.js";
import { ExpiredPass, InvalidPass, PaymentServiceError, UnknownKey } from "./errors.js";
import { tooDeep } from "./json.js";

export const KEYS_PATH = "/.well-known/payment-service/keys.json";
const MOST_CHARACTERS = 64 * 1024;
const PART = /^[A-Za-z0-9_-]+$/;
/** How far the clocks of signer and checker may be apart; all in milliseconds. */
const SKEW = 60_000;
/** A new key is published for so long before it signs. */
const FRESH = 3_600_000;
/** Between two looks at the keys, whatever comes in. */
const AGAIN = 30_000;
/** Keys that could not be looked at for so long are not believed any more; no pass lives longer. */
const KEPT = 72 * FRESH;

/** How a subscription stood when it was signed. Let the tenant in when `access` is true; of two
 * passes of a subscription the one with the higher `seq` is newer. */
export interface AccessPass {
  issuer: string;
  app: string;
  /** Your own id of the tenant. */
  reference: string;
  subscription: string;
  plan: string;
  features: Record<string, unknown>;
  access: boolean;
  /** The last local date that needs no further news; null with access is without end. */
  accessUntil: string | null;
  seq: number;
  issuedAt: Date;
  expiresAt: Date;
}

/** By their names. */
export type Keys = ReadonlyMap<string, string>;

export interface PassSettings {
  /** The app's id. */
  app: string | undefined;
  /** The service's origin. */
  issuer: string | undefined;
  /** The JWK set's text, for a machine that reaches nobody. */
  keys?: string;
  now?: () => Date;
  fetch?: typeof fetch;
}

/** Checks access passes of one app. It looks at the issuer's keys once an hour, or when it meets a
 * key it does not know. Keep one for your process. */
export class PassVerifier {
  readonly #app: string;
  readonly #issuer: string;
  readonly #now: () => Date;
  readonly #fetch: typeof fetch;
  readonly #given: Keys | null;
  #keys: Keys = new Map();
  #fetchedAt: number | null = null;
  #lookedAt: number | null = null;

  constructor(settings: PassSettings) {
    if (!settings.app) throw new TypeError("the app's id is missing");
    this.#app = settings.app;
    this.#issuer = checkedOrigin(settings.issuer);
    this.#now = settings.now ?? (() => new Date());
    this.#fetch = settings.fetch ?? ((...asked) => fetch(...asked));
    this.#given = settings.keys === undefined ? null : keysOf(settings.keys);
    if (this.#given === null && settings.keys !== undefined) {
      throw new TypeError("this is no JWK set");
    }
  }

  /** Throws InvalidPass. */
  async verify(token: string): Promise<AccessPass> {
    const checks = { app: this.#app, issuer: this.#issuer, now: this.#now() };
    if (this.#given) return verifyPass(token, this.#given, checks);
    const { kid } = headerOf(partsOf(token)[0]);
    const now = checks.now.getTime();
    if (this.#wants(kid, now)) {
      this.#lookedAt = now;
      const found = await this.#look();
      if (found?.size) {
        this.#keys = found;
        this.#fetchedAt = now;
      }
    }
    if (this.#fetchedAt === null || now - this.#fetchedAt > KEPT) {
      throw new UnknownKey(`the keys at ${this.#issuer}${KEYS_PATH} could not be read`);
    }
    return verifyPass(token, this.#keys, checks);
  }

  #wants(kid: string, now: number): boolean {
    if (this.#lookedAt !== null && now - this.#lookedAt < AGAIN) return false;
    return this.#fetchedAt === null || now - this.#fetchedAt >= FRESH || !this.#keys.has(kid);
  }

  /** Null when they cannot be had: those that are known go on for a while. */
  async #look(): Promise<Keys | null> {
    try {
      const answer = await this.#fetch(this.#issuer + KEYS_PATH, {
        redirect: "manual",
        cache: "no-store",
        signal: AbortSignal.timeout(5_000),
      });
      return answer.status === 200 ? keysOf(await answer.text()) : null;
    } catch {
      return null;
    }
  }
}

/** The pass, when one of the keys signed it for this app and it is good at `now`. Throws
 * InvalidPass: ExpiredPass where a fresh one would do, UnknownKey where the keys may be too old. */
export async function verifyPass(
  token: string,
  keys: Keys,
  checks: { app: string; issuer: string; now: Date },
): Promise<AccessPass> {
  const [head, body, signature] = partsOf(token);
  const x = keys.get(headerOf(head).kid);
  if (x === undefined) throw new UnknownKey("no key of this name is published");
  const signed = new TextEncoder().encode(`${head}.${body}`);
  if (!(await fits(x, bytesOf(signature), signed))) {
    throw new InvalidPass("the signature does not fit");
  }
  const told = claimsOf(body);
  if (told.issuer !== checks.issuer) throw new InvalidPass("it is another installation's");
  if (told.app !== checks.app) throw new InvalidPass("it is another app's");
  const now = checks.now.getTime();
  if (told.issuedAt.getTime() - SKEW > now) {
    throw new InvalidPass("it is signed in the future; is this machine's clock right?");
  }
  if (told.expiresAt.getTime() + SKEW <= now) {
    throw new ExpiredPass("it has expired; get a fresh one");
  }
  return told;
}

/** The keys of a JWK set; others than Ed25519 are passed over. Null when it is none. */
export function keysOf(document: string): Keys | null {
  let told: unknown;
  try {
    told = JSON.parse(document);
  } catch {
    return null;
  }
  const listed = (told as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(listed)) return null;
  const found = new Map<string, string>();
  for (const key of listed as Record<string, unknown>[]) {
    if (key?.kty !== "OKP" || key.crv !== "Ed25519") continue;
    if (typeof key.kid === "string" && typeof key.x === "string" && PART.test(key.x)) {
      found.set(key.kid, key.x);
    }
  }
  return found;
}

type Bytes = Uint8Array<ArrayBuffer>;

async function fits(x: string, signature: Bytes, signed: Bytes): Promise<boolean> {
  let key: CryptoKey;
  try {
    const jwk = { kty: "OKP", crv: "Ed25519", x };
    key = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if ((error as Error).name !== "NotSupportedError") return false;
    throw new PaymentServiceError(
      "this runtime's WebCrypto has no Ed25519, so passes cannot be checked here: Node 20, Deno, " +
        "Bun, Cloudflare Workers, Chrome 137, Firefox 129 and Safari 17 have it; or ask the service",
    );
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, signed);
}

function partsOf(token: string): [string, string, string] {
  if (typeof token !== "string" || token.length > MOST_CHARACTERS) {
    throw new InvalidPass("it is no text, or too long");
  }
  const parts = token.split(".");
  if (parts.length !== 3 || !parts.every((part) => PART.test(part))) {
    throw new InvalidPass("it is no compact JWS");
  }
  return parts as [string, string, string];
}

function headerOf(part: string): { kid: string } {
  const told = objectOf(part, "its header is not that of a pass");
  if (told.alg !== "EdDSA" || told.crit !== undefined) {
    throw new InvalidPass("it is not signed by Ed25519");
  }
  if (typeof told.kid !== "string") throw new InvalidPass("its header is not that of a pass");
  return { kid: told.kid };
}

function claimsOf(part: string): AccessPass {
  const said = "signed, but it does not say what a pass says";
  const told = objectOf(part, said);
  const until = told.access_until;
  const isWhole =
    [told.iss, told.aud, told.sub, told.app, told.subscription, told.plan].every(isText) &&
    [told.seq, told.iat, told.exp].every(Number.isSafeInteger) &&
    typeof told.access === "boolean" &&
    (until === null || (isText(until) && /^\d{4}-\d\d-\d\d$/.test(until))) &&
    typeof told.features === "object" &&
    told.features !== null &&
    !Array.isArray(told.features);
  if (!isWhole) throw new InvalidPass(said);
  if (told.app !== told.aud) throw new InvalidPass("it is another app's");
  const issuedAt = new Date((told.iat as number) * 1000);
  const expiresAt = new Date((told.exp as number) * 1000);
  if (Number.isNaN(issuedAt.getTime()) || Number.isNaN(expiresAt.getTime())) {
    throw new InvalidPass(said);
  }
  return {
    issuer: told.iss as string,
    app: told.app as string,
    reference: told.sub as string,
    subscription: told.subscription as string,
    plan: told.plan as string,
    features: told.features as Record<string, unknown>,
    access: told.access as boolean,
    accessUntil: until as string | null,
    seq: told.seq as number,
    issuedAt,
    expiresAt,
  };
}

function objectOf(part: string, said: string): Record<string, unknown> {
  let told: unknown;
  try {
    told = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(part)));
  } catch {
    throw new InvalidPass(said);
  }
  if (typeof told !== "object" || told === null || Array.isArray(told) || tooDeep(told)) {
    throw new InvalidPass(said);
  }
  return told as Record<string, unknown>;
}

function isText(told: unknown): told is string {
  return typeof told === "string";
}

/** Throws where it is no base64url. */
function bytesOf(text: string): Bytes {
  const plain = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}
