// `PaymentService`: the calls of the API, each a line; their types are the OpenAPI document's.

import { checkedKey, checkedOrigin } from "./connection.js";
import { PATIENCE, type Call, type Patience, send } from "./send.js";
import type {
  Answer,
  Body,
  Ids,
  Item,
  Method,
  Options,
  PathOf,
  Query,
  WriteOptions,
} from "./types.js";

export interface Settings {
  apiKey: string | undefined;
  /** The service's origin, like `https://bayar.example.com`. */
  baseUrl: string | undefined;
  patience?: Partial<Patience>;
  fetch?: typeof fetch;
}

type Asks = (call: Omit<Call, "url"> & { path: string }) => Promise<unknown>;
type Read<P> = (
  ...args: [...Ids<P>, query?: Query<P>, options?: Options]
) => Promise<Answer<P, "get">>;
type Walk<P> = (
  ...args: [...Ids<P>, query?: Query<P>, options?: Options]
) => AsyncGenerator<Item<P>, void, undefined>;
type Write<P, M extends Method> = (...args: [...Ids<P>, ...Body<P, M>]) => Promise<Answer<P, M>>;
type Asked = string | number | boolean | readonly string[] | null | undefined;

/** Speaks to the service with one key, from a server: a key must never reach a browser. */
export class PaymentService {
  readonly #apiKey: string;
  readonly #baseUrl: string;
  readonly #fetch: typeof fetch;
  readonly #patience: Patience;

  /** Throws TypeError for a key or an address that cannot be right. */
  constructor(settings: Settings) {
    this.#apiKey = checkedKey(settings.apiKey);
    this.#baseUrl = checkedOrigin(settings.baseUrl);
    this.#fetch = settings.fetch ?? ((...asked) => fetch(...asked));
    this.#patience = { ...PATIENCE, ...settings.patience };
  }

  readonly #ask: Asks = ({ path, ...call }) =>
    send(
      { ...call, url: this.#baseUrl + path },
      () => ({ Authorization: `Bearer ${this.#apiKey}` }),
      this.#fetch,
      this.#patience,
    );

  readonly plans = {
    create: writes(this.#ask, "post", "/v1/plans"),
    list: reads(this.#ask, "/v1/plans"),
    all: walks(this.#ask, "/v1/plans"),
    get: reads(this.#ask, "/v1/plans/{plan_id}"),
    edit: writes(this.#ask, "patch", "/v1/plans/{plan_id}"),
  };

  readonly customers = {
    create: writes(this.#ask, "post", "/v1/customers"),
    list: reads(this.#ask, "/v1/customers"),
    all: walks(this.#ask, "/v1/customers"),
    get: reads(this.#ask, "/v1/customers/{customer_id}"),
    edit: writes(this.#ask, "patch", "/v1/customers/{customer_id}"),
    credit: reads(this.#ask, "/v1/customers/{customer_id}/credit"),
    refund: writes(this.#ask, "post", "/v1/customers/{customer_id}/refunds"),
    forget: writes(this.#ask, "post", "/v1/customers/{customer_id}/forget"),
  };

  readonly subscriptions = {
    create: writes(this.#ask, "post", "/v1/subscriptions"),
    list: reads(this.#ask, "/v1/subscriptions"),
    all: walks(this.#ask, "/v1/subscriptions"),
    get: reads(this.#ask, "/v1/subscriptions/{subscription_id}"),
    edit: writes(this.#ask, "patch", "/v1/subscriptions/{subscription_id}"),
    cancel: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/cancel"),
    undoCancel: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/undo-cancel"),
    changePlan: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/change-plan"),
    payAhead: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/pay-ahead"),
    suspend: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/suspend"),
    resume: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/resume"),
    extend: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/extend"),
    move: writes(this.#ask, "post", "/v1/subscriptions/{subscription_id}/move"),
    accessPass: reads(this.#ask, "/v1/subscriptions/{subscription_id}/pass"),
  };

  readonly invoices = {
    create: writes(this.#ask, "post", "/v1/invoices"),
    list: reads(this.#ask, "/v1/invoices"),
    all: walks(this.#ask, "/v1/invoices"),
    get: reads(this.#ask, "/v1/invoices/{invoice_id}"),
    edit: writes(this.#ask, "patch", "/v1/invoices/{invoice_id}"),
    qris: writes(this.#ask, "post", "/v1/invoices/{invoice_id}/qris"),
    markPaid: writes(this.#ask, "post", "/v1/invoices/{invoice_id}/mark-paid"),
    void: writes(this.#ask, "post", "/v1/invoices/{invoice_id}/void"),
    charges: reads(this.#ask, "/v1/invoices/{invoice_id}/charges"),
    payments: reads(this.#ask, "/v1/invoices/{invoice_id}/payments"),
  };

  readonly charges = {
    get: reads(this.#ask, "/v1/charges/{charge_id}"),
  };

  readonly payments = {
    list: reads(this.#ask, "/v1/payments"),
    all: walks(this.#ask, "/v1/payments"),
    get: reads(this.#ask, "/v1/payments/{payment_id}"),
  };

  readonly app = {
    get: reads(this.#ask, "/v1/app"),
    edit: writes(this.#ask, "patch", "/v1/app"),
  };

  readonly keys = {
    create: writes(this.#ask, "post", "/v1/keys"),
    list: reads(this.#ask, "/v1/keys"),
    get: reads(this.#ask, "/v1/keys/{key_id}"),
    roll: writes(this.#ask, "post", "/v1/keys/{key_id}/roll"),
    revoke: writes(this.#ask, "post", "/v1/keys/{key_id}/revoke"),
  };

  readonly events = {
    list: reads(this.#ask, "/v1/events"),
    get: reads(this.#ask, "/v1/events/{event_id}"),
  };

  readonly webhookEndpoints = {
    create: writes(this.#ask, "post", "/v1/webhook-endpoints"),
    list: reads(this.#ask, "/v1/webhook-endpoints"),
    all: walks(this.#ask, "/v1/webhook-endpoints"),
    get: reads(this.#ask, "/v1/webhook-endpoints/{endpoint_id}"),
    edit: writes(this.#ask, "patch", "/v1/webhook-endpoints/{endpoint_id}"),
    delete: writes(this.#ask, "delete", "/v1/webhook-endpoints/{endpoint_id}"),
    rollSecret: writes(this.#ask, "post", "/v1/webhook-endpoints/{endpoint_id}/roll-secret"),
    test: writes(this.#ask, "post", "/v1/webhook-endpoints/{endpoint_id}/test"),
    resend: writes(this.#ask, "post", "/v1/webhook-endpoints/{endpoint_id}/resend"),
    deliveries: reads(this.#ask, "/v1/webhook-endpoints/{endpoint_id}/deliveries"),
  };

  readonly deliveries = {
    get: reads(this.#ask, "/v1/deliveries/{delivery_id}"),
    resend: writes(this.#ask, "post", "/v1/deliveries/{delivery_id}/resend"),
  };

  readonly test = {
    clock: reads(this.#ask, "/v1/test/clock"),
    advanceClock: writes(this.#ask, "post", "/v1/test/clock"),
    setPayer: writes(this.#ask, "put", "/v1/test/subscriptions/{subscription_id}/payer"),
    pay: writes(this.#ask, "post", "/v1/test/invoices/{invoice_id}/pay"),
    timeline: reads(this.#ask, "/v1/test/subscriptions/{subscription_id}/timeline"),
  };

  /** Every event after that position, and then each as it happens, without end. Keep the `position`
   * of the last one you dealt with, and go on from there. */
  async *follow(
    query: Omit<Query<"/v1/events">, "limit"> = {},
    options: Options = {},
  ): AsyncGenerator<Item<"/v1/events">, void, undefined> {
    let after = query.after ?? 0;
    const wait = Math.max(1, Math.min(query.wait ?? 20, 25)); // never round without a rest
    for (;;) {
      const page = await this.events.list({ ...query, after, wait }, options);
      yield* page.data;
      after = page.next_after;
    }
  }
}

function reads<P extends PathOf<"get">>(ask: Asks, path: P): Read<P> {
  return (async (...args: unknown[]) => {
    const { target, rest } = filled(path, args);
    const [query, options] = rest as [Record<string, Asked>?, Options?];
    const waits = Number(query?.wait ?? 0) * 1000;
    return ask({ method: "GET", path: target + queried(query), waits, signal: options?.signal });
  }) as Read<P>;
}

function walks<P extends PathOf<"get">>(ask: Asks, path: P): Walk<P> {
  const read = reads(ask, path) as (...args: unknown[]) => Promise<unknown>;
  return async function* (...args: unknown[]) {
    const { ids, rest } = filled(path, args);
    let query = rest[0] as Record<string, Asked> | undefined;
    for (;;) {
      const page = (await read(...ids, query, rest[1])) as {
        data: Item<P>[];
        next_after: string | null;
      };
      yield* page.data;
      if (page.next_after === null) return;
      query = { ...query, after: page.next_after };
    }
  } as Walk<P>;
}

function writes<M extends Exclude<Method, "get">, P extends PathOf<M>>(
  ask: Asks,
  method: M,
  path: P,
): Write<P, M> {
  return (async (...args: unknown[]) => {
    const { target, rest } = filled(path, args);
    const [body, options] = rest as [unknown, WriteOptions?];
    const key = options?.idempotencyKey ?? crypto.randomUUID();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new TypeError("an idempotency key is 1 to 255 visible ASCII characters without spaces");
    }
    return ask({
      method: method.toUpperCase(),
      path: target,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      idempotencyKey: key,
      // The service answers an advance of a test app's clock after ten seconds at the latest.
      waits: path === "/v1/test/clock" ? 20_000 : 0,
      signal: options?.signal,
    });
  }) as Write<P, M>;
}

/** The path with its ids, each a whole segment, and the arguments that are left. */
function filled(path: string, args: unknown[]) {
  const rest = [...args];
  const ids: string[] = [];
  const target = path.replace(/\{\w+\}/g, () => {
    const id = rest.shift();
    if (typeof id !== "string" || id === "" || id === "." || id === "..") {
      throw new TypeError("an id is missing");
    }
    ids.push(id);
    return encodeURIComponent(id);
  });
  return { target, ids, rest };
}

function queried(query: Record<string, Asked> | undefined): string {
  const told = Object.entries(query ?? {}).filter(([, it]) => it !== undefined && it !== null);
  const pairs = told.map(([name, it]) => [name, String(it)] as [string, string]);
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}
