// `PaymentService`: the calls of the API, each a line; their types are the OpenAPI document's.

import { type Asks, queried, reads, walks, writes } from "./asking.js";
import { checkedKey, checkedOrigin } from "./connection.js";
import { PATIENCE, type Patience, send } from "./send.js";
import type { Answer, Item, Options, Query } from "./types.js";

export interface Settings {
  apiKey: string | undefined;
  /** The service's origin, like `https://bayar.example.com`. */
  baseUrl: string | undefined;
  patience?: Partial<Patience>;
  fetch?: typeof fetch;
}

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
    allCreditEntries: walks(this.#ask, "/v1/customers/{customer_id}/credit"),
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
    allCharges: walks(this.#ask, "/v1/invoices/{invoice_id}/charges"),
    payments: reads(this.#ask, "/v1/invoices/{invoice_id}/payments"),
    allPayments: walks(this.#ask, "/v1/invoices/{invoice_id}/payments"),
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
    all: walks(this.#ask, "/v1/keys"),
    get: reads(this.#ask, "/v1/keys/{key_id}"),
    roll: writes(this.#ask, "post", "/v1/keys/{key_id}/roll"),
    revoke: writes(this.#ask, "post", "/v1/keys/{key_id}/revoke"),
  };

  readonly events = {
    list: reads(this.#ask, "/v1/events"),
    all: walks(this.#ask, "/v1/events"),
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
    allDeliveries: walks(this.#ask, "/v1/webhook-endpoints/{endpoint_id}/deliveries"),
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

  /** Every event after that position, and then each as it happens, without end: it outlives a
   * service that is away, and throws only what would not pass. Keep the `position` of the last one
   * you dealt with, and go on from there. To end it, leave the loop or abort its `signal`. */
  async *follow(
    query: Omit<Query<"/v1/events">, "limit"> = {},
    options: Options = {},
  ): AsyncGenerator<Item<"/v1/events">, void, undefined> {
    let after = query.after ?? 0;
    const wait = Math.max(1, Math.min(query.wait ?? 20, 25)); // never round without a rest
    for (;;) {
      let page: Answer<"/v1/events", "get">;
      try {
        page = (await this.#ask({
          method: "GET",
          path: `/v1/events${queried({ ...query, after, wait })}`,
          waits: wait * 1000,
          endless: true,
          signal: options.signal,
        })) as typeof page;
      } catch (error) {
        if (options.signal?.aborted) return;
        throw error;
      }
      yield* page.data;
      after = page.next_after;
    }
  }
}
