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
  Unsure,
} from "./errors.js";
export { type AccessPass, PassVerifier, type PassSettings } from "./passes.js";
export type { Patience } from "./send.js";
export type {
  ApiKey,
  ApiKeyWithSecret,
  App,
  Attempt,
  Charge,
  Credit,
  CreditEntry,
  Customer,
  Delivery,
  DeliveryWithAttempts,
  Invoice,
  InvoiceLine,
  ListedEvent,
  Options,
  Payment,
  Plan,
  PlanChange,
  Qris,
  Refund,
  Reminder,
  Resend,
  Subscription,
  SubscriptionEvent,
  SubscriptionNews,
  TestClock,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
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
