"""`/v1/test`: a test app's clock, its payers, and what came of them."""

from datetime import date, datetime
from typing import Any

import msgspec

from payment_service_client.call import Call, place, reads, writes
from payment_service_client.records import Invoice, Record

SECONDS_OF_ADVANCE = 20
"""The service answers an advance after ten; then it goes on by itself."""


class Payer(Record, frozen=True, kw_only=True):
    subscription_id: str
    habit: str | None


class Stand(Record, frozen=True, kw_only=True):
    """Where a test app's clock stands; `status` is `standing`, `advancing` or `stopped`."""

    now: datetime
    today: date
    zone: str
    offset_seconds: int
    advance_to: date | None
    advanced_from: date | None
    status: str


class AdvanceEntry(Record, frozen=True, kw_only=True):
    """One thing that an advance brought about; `about` is the id of what it is about."""

    day: date
    at: datetime
    type: str
    about: str
    says: str


class TimelineEntry(AdvanceEntry, frozen=True, kw_only=True):
    """`webhooks` are the states of its deliveries; `about` is a short name."""

    webhooks: list[str] = msgspec.field(default_factory=list)


class Advance(Record, frozen=True, kw_only=True):
    """What an advance brought about, in order; nothing yet while `clock` is still advancing."""

    clock: Stand
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    events: list[AdvanceEntry] = msgspec.field(default_factory=list)
    more_events: bool = False


class Timeline(Record, frozen=True, kw_only=True):
    data: list[TimelineEntry]


def clock() -> Call[Advance]:
    """Only `clock` is told: where it stands, and how far an advance has come."""
    return reads(place("test", "clock"), Advance)


def advance_clock(*, to: date, idempotency_key: str | None = None) -> Call[Advance]:
    """Everything that falls due up to noon of that day is done. Without `counts` in the answer it
    is still on its way: ask `clock`."""
    body: dict[str, Any] = {"advance_to": to}
    path = place("test", "clock")
    return writes(
        "POST", path, Advance, body, idempotency_key=idempotency_key, waits=SECONDS_OF_ADVANCE
    )


def set_payer(
    subscription_id: str, *, habit: str | None, idempotency_key: str | None = None
) -> Call[Payer]:
    """`pays_on_time`, `pays_late`, `never_pays` and others; None takes the payer away."""
    path = place("test", "subscriptions", subscription_id, "payer")
    return writes("PUT", path, Payer, {"habit": habit}, idempotency_key=idempotency_key)


def pay(
    invoice_id: str, *, periods: int | None = None, idempotency_key: str | None = None
) -> Call[Invoice]:
    """By the simulator; answers when it is settled."""
    path = place("test", "invoices", invoice_id, "pay")
    body = None if periods is None else {"periods": periods}
    return writes("POST", path, Invoice, body, idempotency_key=idempotency_key)


def timeline(subscription_id: str) -> Call[Timeline]:
    return reads(place("test", "subscriptions", subscription_id, "timeline"), Timeline)
