"""The history of a subscription, or of one invoice: everything that happened with it, newest first,
whoever did it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    Select,
    Text,
    and_,
    cast,
    literal,
    null,
    or_,
    select,
    tuple_,
    union,
    union_all,
)

from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Instant, Json, Number
from payment_service.kit.statements import Record, Statement, Transaction, param, query
from payment_service.model.audit import audit_entries
from payment_service.model.charge import charges
from payment_service.model.delivery import deliveries
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.model.subscription import subscriptions

Kind = Literal["event", "code", "payment", "deed", "invoice"]
PAGE = 50


class HistoryEntry(Record, frozen=True):
    """Something that happened: an event as apps were told of it, a code that was asked for, money
    that came, an admin's deed, or an invoice that was brought from an older system.

    `what` is the event's type, the code's status, the payment's outcome, the deed, the invoice's
    status; `subject_id` is what it is about, `text` a reference, a reason or a number. `position`
    tells the order of events, and of deeds, of one instant.
    """

    at: datetime
    kind: Kind
    position: int
    id: str
    what: str
    subject_id: str
    amount: int | None
    text: str | None


class DeliveryState(Record, frozen=True):
    """How the delivery of an event to one endpoint stands."""

    event_id: str
    endpoint_id: str
    id: str
    status: str
    attempts: int


class Place(NamedTuple):
    """Where a page begins: below the entry that was seen last."""

    at: datetime = datetime(9999, 1, 1, tzinfo=UTC)
    position: int = 0
    id: str = ""


class History(NamedTuple):
    """One page, and where the next one begins; None at the end. `deliveries` by event."""

    entries: Sequence[HistoryEntry]
    deliveries: dict[str, list[DeliveryState]]
    following: Place | None


_no_text, _no_amount, _no_position = null().cast(Text), null().cast(Number), literal(0, Number)
_e, _c, _p, _i, _a = events.c, charges.c, payments.c, invoices.c, audit_entries.c


def _entries(kind: Kind, at: Any, position: Any, *rest: Any) -> Select[Any]:
    names = ("at", "kind", "position", *HistoryEntry.__struct_fields__[3:])
    columns = (at, literal(kind), position, *rest)
    return select(*(column.label(name) for column, name in zip(columns, names, strict=True)))


def _history(own_id: Any, of_invoices: Any, invoice_ids: Any) -> Statement[HistoryEntry]:
    """Of what `own_id` names, of these invoices, and of the money that came for them."""
    subjects = union(
        select(own_id.label("id")),
        invoice_ids,
        select(payments.c.id).where(payments.c.invoice_id.in_(invoice_ids)),
    ).subquery("subjects")
    was_told = select(_e.id).where(_e.subject_id == _i.id).exists()
    everything = union_all(
        _entries(
            "event", _e.created_at, _e.position, _e.id, _e.type, _e.subject_id, _no_amount,
            _no_text,
        ).select_from(subjects.join(events, _e.subject_id == subjects.c.id)),
        _entries(
            "deed", _a.created_at, _a.position, literal("aud_") + cast(_a.position, Text), _a.deed,
            _a.subject_id, _no_amount, _a.reason,
        ).select_from(subjects.join(audit_entries, _a.subject_id == subjects.c.id)),
        _entries(
            "code", _c.created_at, _no_position, _c.id, _c.status, _c.invoice_id, _c.amount,
            _c.reference,
        ).where(_c.invoice_id.in_(invoice_ids)),
        _entries(
            "payment", _p.created_at, _no_position, _p.id, _p.outcome, _p.invoice_id, _p.amount,
            _p.reference,
        ).where(_p.invoice_id.in_(invoice_ids)),
        _entries(
            "invoice", _i.created_at, _no_position, _i.id, _i.status, _i.id, _i.total, _i.number
        ).where(of_invoices, ~was_told),
    ).subquery("everything")  # fmt: skip
    key = (everything.c.at, everything.c.position, everything.c.id)
    seen_last = (param("at", Instant()), param("position", Number), param("id", Text))
    return query(
        select(*everything.c)
        .where(tuple_(*key) < tuple_(*seen_last))
        .order_by(*(column.desc() for column in key))
        .limit(param("limit", Number)),
        HistoryEntry,
    )


_customer = select(subscriptions.c.customer_id).where(
    subscriptions.c.id == param("subscription_id", Text)
)
_of_subscription = or_(
    invoices.c.subscription_id == param("subscription_id"),
    and_(invoices.c.kind == "one_off", invoices.c.customer_id == _customer.scalar_subquery()),
)
"""Its invoices, and those of its customer that are for something else: whoever asks what was paid
asks for these too."""
HISTORY = _history(
    param("subscription_id", Text),
    _of_subscription,
    select(invoices.c.id).where(_of_subscription),
)
_of_invoice = invoices.c.id == param("invoice_id")
HISTORY_OF_INVOICE = _history(
    param("invoice_id", Text), _of_invoice, select(invoices.c.id).where(_of_invoice)
)
DELIVERIES_OF_EVENTS = query(
    select(
        deliveries.c.event_id,
        deliveries.c.endpoint_id,
        deliveries.c.id,
        deliveries.c.status,
        deliveries.c.attempts,
    )
    .where(in_list(deliveries.c.event_id, param("ids", Json(list[str]))))
    .order_by(deliveries.c.event_id, deliveries.c.endpoint_id),
    DeliveryState,
)


def history(
    tx: Transaction, subscription_id: str, after: Place | None = None, limit: int = PAGE
) -> History:
    """A page of it. Whoever asks has found the subscription."""
    below = (after or Place())._asdict()
    found = tx.all(HISTORY, subscription_id=subscription_id, limit=limit + 1, **below)
    return _page(tx, found, limit)


def history_of_invoice(
    tx: Transaction, invoice_id: str, after: Place | None = None, limit: int = PAGE
) -> History:
    """The same of one invoice."""
    below = (after or Place())._asdict()
    found = tx.all(HISTORY_OF_INVOICE, invoice_id=invoice_id, limit=limit + 1, **below)
    return _page(tx, found, limit)


def _page(tx: Transaction, found: Sequence[HistoryEntry], limit: int) -> History:
    shown = found[:limit]
    told: dict[str, list[DeliveryState]] = {}
    ids = [one.id for one in shown if one.kind == "event"]
    for delivery in tx.all(DELIVERIES_OF_EVENTS, ids=ids) if ids else ():
        told.setdefault(delivery.event_id, []).append(delivery)
    last = shown[-1] if len(found) > limit else None
    return History(shown, told, Place(last.at, last.position, last.id) if last else None)
