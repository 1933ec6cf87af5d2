// Payment Service from TypeScript and JavaScript.

export { PaymentService, type Settings } from "./client.js";
export {
  ExpiredPass,
  InvalidPass,
  InvalidWebhook,
  PaymentServiceError,
  Refused,
  UnexpectedAnswer,
  UnknownKey,
  Unreachable,
} from "./errors.js";
export { type AccessPass, PassVerifier, type PassSettings } from "./passes.js";
export type { Patience } from "./send.js";
export type {
  Customer,
  Invoice,
  Options,
  Payment,
  Plan,
  Qris,
  Subscription,
  SubscriptionEvent,
  SubscriptionNews,
  WebhookEvent,
  WriteOptions,
} from "./types.js";
export {
  isSubscriptionEvent,
  type Secrets,
  verifyMessage,
  type VerifyOptions,
  verifyWebhook,
} from "./webhooks.js";
