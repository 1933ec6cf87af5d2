"""What is said of the API as a whole, of each noun in it, and of the headers."""

from payment_service.web.reference.schemas import Schema

ABOUT = """\
Bills subscriptions and invoices by QRIS. An app calls this API with its key, sends its customers to
a pay page, and hears by webhook what became of it.

Amounts are whole rupiah. Instants are RFC 3339 in UTC, days are `YYYY-MM-DD` in the app's zone.
Lists are newest first and paged by `limit` and `after`. Objects of another app, or of the other
mode, look as if they were not there."""

TAGS = {
    "plans": "What an app sells, for how much, for how many months.",
    "customers": "Whom an app bills, what is owed to them, and forgetting them.",
    "subscriptions": "A customer on a plan: whether it may come in, until when, and what is open.",
    "app": "The app itself: how it bills, and what payers see of it.",
    "charges": "The codes that money was asked for with.",
    "payments": "The money that came.",
    "invoices": "What is owed, and the QRIS code that pays it.",
    "keys": "What an app asks with: made, rolled and revoked by whoever may do everything.",
    "events": "Everything the app was told, in order, and what comes next.",
    "webhook endpoints": "Where the app hears of its events, and which of them.",
    "deliveries": "What became of each event at each endpoint, and sending it again.",
    "test apps": "A test app's own clock, its payers, and the story of what came of them.",
    "webhooks": "What the service sends to the app.",
}

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
