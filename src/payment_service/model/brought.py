"""The paid days that an import brought: an older system sold them, and no invoice tells of them."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

import msgspec
from sqlalchemy import select

from payment_service.kit.calendar import anchored, months_on
from payment_service.kit.statements import Transaction, param, query, rows_of, value
from payment_service.model.audit import audit_entries
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.subscription import Subscription

BOUGHT_HERE = query(
    rows_of(Invoice)
    .where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "paid",
        # What was paid before it was issued here is history that was imported.
        invoices.c.paid_at >= invoices.c.created_at,
    )
    .order_by(invoices.c.paid_at, invoices.c.id),
    Invoice,
)
FIRST_SHIFT = value(
    select(audit_entries.c.details)
    .where(
        audit_entries.c.subject_id == param("subscription_id"),
        audit_entries.c.deed.in_(("subscription.extend", "subscription.move")),
    )
    .order_by(audit_entries.c.position)
    .limit(1),
    dict,
)
TERMS = "imported_terms"
"""In the metadata of the first invoice that sold something else: what was sold when it was
imported, rupiah for so many months. The days that are left of that keep their price."""


class Brought(msgspec.Struct, frozen=True):
    """Through that day, sold at `price` rupiah for `months`, in periods that end on the anchor."""

    through: date
    price: int
    months: int
    anchor_day: int

    def worth(self, unused: Iterable[date]) -> Fraction:
        """Rupiah of these days: each the price by the days of its own period."""
        ahead = sorted(unused, reverse=True)
        worth, periods, last = Fraction(0), 0, self.through
        while ahead:
            periods += 1
            before = months_on(self.through, -self.months * periods, self.anchor_day)
            left = len(ahead)
            ahead = [day for day in ahead if day <= before]
            worth += Fraction(self.price * (left - len(ahead)), (last - before).days)
            last = before
        return worth


def brought_days(tx: Transaction, subscription: Subscription) -> Brought | None:
    """What an import brought of a subscription, as far as that still holds; else None.

    Whoever subscribed here has paid a first invoice. Days that an admin gave, and those that a
    period bought here has replaced, are none of the import's.
    """
    through = subscription.paid_through
    if through is None or subscription.activated_at is None or subscription.price == 0:
        return None
    bought = tx.all(BOUGHT_HERE, subscription_id=subscription.id)
    if any(one.kind == "first" for one in bought):
        return None
    ends = [one.period_start - timedelta(days=1) for one in bought if one.period_start]
    shift = tx.one(FIRST_SHIFT, subscription_id=subscription.id)
    if shift is not None:
        ends.append(date.fromisoformat(shift["before"]))
    through = min([through, *ends])
    sold = next((one.metadata[TERMS] for one in bought if TERMS in one.metadata), None)
    anchor = subscription.anchor_day or through.day
    if anchored(through.year, through.month, anchor) != through:
        anchor = through.day
    return Brought(
        through=through,
        price=sold["price"] if sold else subscription.price,
        months=sold["months"] if sold else subscription.months,
        anchor_day=anchor,
    )


def note_terms(
    tx: Transaction, before: Subscription, after: Subscription, invoice: Invoice, today: date
) -> Invoice:
    """The invoice that makes `after` of `before`; it keeps what imported days were sold at."""
    if (before.price, before.months) == (after.price, after.months) or invoice.kind == "upgrade":
        return invoice
    brought = brought_days(tx, before)
    if brought is None or brought.through <= today:
        return invoice
    sold = {"price": brought.price, "months": brought.months}
    return msgspec.structs.replace(invoice, metadata={**invoice.metadata, TERMS: sold})
