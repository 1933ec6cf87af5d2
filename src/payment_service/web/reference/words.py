"""What is said of the API as a whole, of each noun in it, and of the headers."""

from payment_service.web.reference.schemas import Schema

ABOUT = """\
Bills subscriptions and invoices by QRIS. An app calls this API with its key, sends its customers to
a pay page, and hears by webhook what became of it.

Amounts are whole rupiah. Instants are RFC 3339 in UTC, days are `YYYY-MM-DD` in the app's zone.
Lists are newest first, but for events, and paged by `limit` and `after`. Objects of another app, or
of the other mode, look as if they were not there."""

TAGS = {
    "subscriptions": "A customer on a plan: whether it may come in, until when, and what is open.",
    "invoices": "What is owed, and the QRIS code that pays it.",
    "charges": "The codes that money was asked for with.",
    "payments": "The money that came.",
    "plans": "What an app sells, for how much, for how many months.",
    "customers": "Whom an app bills, and forgetting them.",
    "credit": "What is owed to a customer, how it came about, and paying it back.",
    "events": "Everything the app was told, in order, and what comes next.",
    "webhooks": "What the service sends to the app.",
    "webhook endpoints": "Where the app hears of its events, and which of them.",
    "deliveries": "What became of each event at each endpoint, and sending it again.",
    "app": "The app itself: how it bills, and what payers see of it.",
    "keys": "What an app asks with: made, rolled and revoked by whoever may do everything.",
    "test apps": "A test app's own clock, its payers, and the story of what came of them.",
}
"""In the order in which they are met."""

HEADERS: dict[str, Schema] = {
    "WWW-Authenticate": {
        "description": "Always `Bearer`.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before asking again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "Request-Id": {
        "description": "The request's name; the service's log has it.",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "What a key may save up (`q`), and in how many seconds (`w`).",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of it (`r`), and in how many seconds all is back (`t`).",
        "schema": {"type": "string"},
    },
    "Idempotent-Replayed": {
        "description": "`true` when this answer was given before, to the same key.",
        "schema": {"type": "string", "const": "true"},
    },
}
