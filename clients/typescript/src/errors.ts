// What a call, a webhook or an access pass can be refused with. No message holds a secret.

/** Whatever this library throws, but for a wrong argument (TypeError). */
export class PaymentServiceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** No answer came in time. Asking again under the same idempotency key is safe. */
export class Unreachable extends PaymentServiceError {
  /** Whether the request may have been carried out all the same. */
  readonly mayHaveHappened: boolean;
  /** Under which to ask again; null for a read. */
  readonly idempotencyKey: string | null;

  constructor(message: string, mayHaveHappened: boolean, idempotencyKey: string | null = null) {
    super(message + (mayHaveHappened ? repeat(idempotencyKey) : ""));
    this.mayHaveHappened = mayHaveHappened;
    this.idempotencyKey = idempotencyKey;
  }
}

/** The service failed at it (5xx), or answered that it cannot say yet. A write may have been carried
 * out all the same. Asking again under the same idempotency key is safe. */
export class Unsure extends PaymentServiceError {
  readonly status: number;
  /** Null where no service of ours answered. */
  readonly code: string | null;
  readonly detail: string;
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** Under which to ask again; null for a read. */
  readonly idempotencyKey: string | null;

  constructor(
    status: number,
    code: string | null,
    detail: string,
    requestId: string | null,
    retryAfter: number | null,
    idempotencyKey: string | null,
  ) {
    const said = code === null ? `${status}: ${detail}` : `${status} ${code}: ${detail}`;
    super(said + (requestId ? ` (request ${requestId})` : "") + repeat(idempotencyKey));
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
    this.idempotencyKey = idempotencyKey;
  }

  get mayHaveHappened(): boolean {
    return this.idempotencyKey !== null;
  }
}

function repeat(idempotencyKey: string | null): string {
  if (idempotencyKey === null) return "";
  return ` It may have been done all the same: repeat it under the key ${idempotencyKey}`;
}

/** An answer that the service does not give: something else answers at this address. */
export class UnexpectedAnswer extends PaymentServiceError {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The service refused, and changed nothing. */
export class Refused extends PaymentServiceError {
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  /** A sentence that says what to do. */
  readonly detail: string;
  /** Whatever else the answer says: an `id`, a `limit`, the `errors` of each field. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    members: Record<string, unknown> = {},
    requestId: string | null = null,
    retryAfter: number | null = null,
  ) {
    super(`${status} ${code}: ${detail}${requestId ? ` (request ${requestId})` : ""}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.members = members;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/** Not signed by the service, too old, or no message. Answer 401. */
export class InvalidWebhook extends PaymentServiceError {}

/** Not a pass that is good here and now. */
export class InvalidPass extends PaymentServiceError {}

/** It was good once; get a fresh one. */
export class ExpiredPass extends InvalidPass {}

/** No key of this name is published by the issuer. */
export class UnknownKey extends InvalidPass {}
