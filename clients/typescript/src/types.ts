// What each call takes and gives, read from the OpenAPI document's types.

import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];
export type App = Schemas["App"];
export type Plan = Schemas["Plan"];
export type Customer = Schemas["Customer"];
export type Credit = Schemas["Credit"];
export type CreditEntry = Schemas["CreditEntry"];
export type Refund = Schemas["Refund"];
export type Subscription = Schemas["Subscription"];
/** A subscription as events tell of it, with its access pass. */
export type SubscriptionNews = Schemas["SubscriptionNews"];
export type PlanChange = Schemas["PlanChange"];
export type Invoice = Schemas["Invoice"];
export type InvoiceLine = Schemas["InvoiceLine"];
export type Reminder = Schemas["Reminder"];
export type Charge = Schemas["Charge"];
export type Payment = Schemas["Payment"];
export type Qris = Schemas["Qris"];
/** An event as the API lists it, with its `position`. */
export type ListedEvent = Schemas["Event"];
export type WebhookEndpoint = Schemas["Endpoint"];
export type WebhookEndpointWithSecret = Schemas["EndpointWithSecret"];
export type Delivery = Schemas["Delivery"];
export type DeliveryWithAttempts = Schemas["DeliveryWithAttempts"];
export type Attempt = Schemas["Attempt"];
export type Resend = Schemas["Resend"];
export type ApiKey = Schemas["Key"];
export type ApiKeyWithSecret = Schemas["NewKey"];
export type TestClock = Schemas["TestClock"];
/** A message: its `type` says what its `data` is. Be ready for types that are not known here. */
export type WebhookEvent = Schemas["WebhookEvent"] & { id: string };
/** One whose `data` is a subscription. */
export type SubscriptionEvent = Extract<WebhookEvent, { type: `subscription.${string}` }>;

export type Method = "get" | "post" | "put" | "patch" | "delete";
/** The paths that take this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: { responses: unknown } } ? P : never;
}[keyof paths];
type Operation<P, M extends Method> = P extends keyof paths ? NonNullable<paths[P][M]> : never;

/** One text for each `{…}` of the path. */
export type Ids<P> = P extends `${string}{${string}}${infer Rest}` ? [id: string, ...Ids<Rest>] : [];

type Json<R> = R extends { content: { "application/json": infer J } } ? J : undefined;
type Good<R> = { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never }[keyof R];
export type Answer<P, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Good<R> : never;

export type Query<P> =
  Operation<P, "get"> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;

/** Nothing, something that may be left out, or the body. */
export type Body<P, M extends Method> =
  Operation<P, M> extends { requestBody: { content: { "application/json": infer B } } }
    ? [body: B, options?: WriteOptions]
    : Operation<P, M> extends { requestBody?: { content: { "application/json": infer B } } }
      ? [body?: B, options?: WriteOptions]
      : [body?: undefined, options?: WriteOptions];

/** One of a list; a credit's are its `entries`. */
export type Item<P> =
  Answer<P, "get"> extends { data: (infer T)[] } | { entries: (infer T)[] } ? T : never;

export interface Options {
  /** Ends the call when it is aborted. */
  signal?: AbortSignal;
}

export interface WriteOptions extends Options {
  /** One for each intention. Made where none is given; it stays the same over retries. */
  idempotencyKey?: string;
}
