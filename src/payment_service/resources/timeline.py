"""A timeline as it looks from outside: what happened on which local day, in a line each."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from payment_service.kit.calendar import local_date, zone_info
from payment_service.kit.money import rupiah
from payment_service.model.event import Event
from payment_service.model.payment import Payment

Names = Mapping[str, str]
"""What ids are called; an id without a name is called by itself."""


NEWS_OF_MONEY = ("invoice.paid", "payment.")


class AdvanceEntry(msgspec.Struct, frozen=True):
    """One thing that an advance brought about. Its webhooks are only on their way."""

    day: date
    at: datetime
    type: str
    about: str
    says: str


class TimelineEntry(AdvanceEntry, frozen=True):
    """One thing that happened. `webhooks` are the states of its deliveries; none of a payment,
    which is told of by its events."""

    webhooks: Sequence[str] = ()


def brought_about(event: Event, zone: str) -> AdvanceEntry:
    """By its id, without the short names that a timeline has."""
    told = msgspec.structs.asdict(told_event(event, zone, {}, ()))
    del told["webhooks"]
    return AdvanceEntry(**told)


def told_event(event: Event, zone: str, names: Names, webhooks: Sequence[str]) -> TimelineEntry:
    data: dict[str, Any] = msgspec.json.decode(event.body)["data"]
    return TimelineEntry(
        day=local_date(event.created_at, zone),
        at=event.created_at,
        type=event.type,
        about=names.get(event.subject_id, event.subject_id),
        says=_says(event.type, data),
        webhooks=webhooks,
    )


def told_payment(payment: Payment, zone: str, names: Names) -> TimelineEntry:
    invoice = names.get(payment.invoice_id, payment.invoice_id)
    return TimelineEntry(
        day=local_date(payment.created_at, zone),
        at=payment.created_at,
        type="payment",
        about=names.get(payment.id, payment.id),
        says=f"{rupiah(payment.amount)} for {invoice}, {payment.outcome}",
    )


def in_order(
    told_events: Sequence[TimelineEntry], told_payments: Sequence[TimelineEntry]
) -> list[TimelineEntry]:
    """By time, events as they were announced; each payment before the news of it."""
    entries: list[TimelineEntry] = []
    payments = deque(told_payments)
    for event in sorted(told_events, key=lambda entry: entry.at):
        while payments and payments[0].at < event.at:
            entries.append(payments.popleft())
        if payments and payments[0].at == event.at and event.type.startswith(NEWS_OF_MONEY):
            entries.append(payments.popleft())
        entries.append(event)
    return [*entries, *payments]


def written(entries: Sequence[AdvanceEntry], zone: str) -> str:
    """`2026-01-31 10:00  subscription.activated   active, paid through 2026-02-28`, a line each."""
    return "".join(_line(entry, zone) for entry in entries)


def _line(entry: AdvanceEntry, zone: str) -> str:
    hour = entry.at.astimezone(zone_info(zone)).strftime("%H:%M")
    about = "" if entry.type.startswith("subscription.") else f"{entry.about}: "
    said = f"{about}{entry.says}".removesuffix(": ")
    webhooks = entry.webhooks if isinstance(entry, TimelineEntry) else ()
    heard = f"  [{', '.join(webhooks)}]" if webhooks else ""
    return f"{entry.day} {hour}  {entry.type:<29}{said}{heard}".rstrip() + "\n"


def _says(kind: str, data: Mapping[str, Any]) -> str:
    if kind.startswith("subscription."):
        return _subscription(kind, data)
    if kind == "invoice.issued":
        return f"{rupiah(data['total'])}, due {data['due_on']}"
    if kind == "invoice.reminder":
        invoice = data.get("invoice", data)
        return f"{rupiah(invoice['amount_due'])}, due {invoice['due_on']}"
    if kind == "invoice.voided":
        return str(data["void_reason"])
    if kind == "payment.credited":
        return f"{rupiah(data['credited'])} to credit"
    if kind.startswith("payment."):
        return rupiah(data["amount"])
    return ""


def _subscription(kind: str, data: Mapping[str, Any]) -> str:
    parts = [data["status"]]
    if data["reason"]:
        parts.append(data["reason"])
    if kind in ("subscription.created", "subscription.plan_changed"):
        parts.append(data["plan"]["code"])
    if data["paid_through"]:
        parts.append(f"paid through {data['paid_through']}")
    if data["grace_until"]:
        parts.append(f"grace until {data['grace_until']}")
    return ", ".join(parts)
