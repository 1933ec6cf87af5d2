"""Paying ahead: several periods with one code, at the plan's price for so many."""

from typing import NamedTuple

from payment_service.kit.errors import Invalid
from payment_service.kit.money import rupiah
from payment_service.kit.statements import param, query, rows_of
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.plan import LARGEST, LONGEST_AHEAD, Plan
from payment_service.model.subscription import Subscription, is_held

PAID_TOGETHER = query(
    rows_of(Invoice).where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.paid_at == param("paid_at"),
        invoices.c.id != param("other_id"),
    ),
    Invoice,
)
"""The invoice whose code also paid another one, of the further periods."""
CHOICES = (1, 3, 6, 12)


class Ahead(NamedTuple):
    """How many periods are paid in all, and the rupiah for those beyond the invoice's own."""

    periods: int
    amount: int


ALONE = Ahead(1, 0)


def price_ahead(plan: Plan, price: int, periods: int) -> int:
    """Rupiah for so many periods in all of a subscription sold at `price`.

    The plan's price for that number, but never more than each period by itself, nor less than
    the one that its own invoice is over: it may have been sold dearer than the plan is now.
    """
    if periods == 1:
        return price
    alone = periods * price
    return max(price + 1, min(plan.prices_ahead.get(str(periods), alone), alone))


def ahead_of(invoice: Invoice, plan: Plan | None, periods: int) -> Ahead:
    """So many periods with this invoice as the first. Raises Invalid when that cannot be asked."""
    if periods == 1:
        return ALONE
    if plan is None or invoice.kind not in ("first", "renewal") or invoice.months is None:
        raise Invalid("not_payable_ahead", "This invoice is paid alone; ask for one period.")
    if periods not in CHOICES or periods * invoice.months > LONGEST_AHEAD:
        raise Invalid(
            "periods_ahead",
            f"Ask for 1, 3, 6 or 12 periods, and for at most {LONGEST_AHEAD} months at once.",
        )
    return Ahead(periods, price_ahead(plan, invoice.total, periods) - invoice.total)


def why_not_ahead(subscription: Subscription, next_price: int) -> str | None:
    """Why a further period cannot be paid for while nothing is due; None when it can."""
    if subscription.status in ("canceled", "expired"):
        return f"This subscription is {subscription.status}; subscribe the customer again."
    if subscription.cancel_at_period_end:
        return "It ends with its period; undo the cancellation first."
    if is_held(subscription):
        return "An admin suspended it; it is paid for again when that is lifted."
    if next_price == 0:
        return "The next period is on a free plan; there is nothing to pay."
    if subscription.paid_through is None or subscription.anchor_day is None:
        return "It has no paid period to continue; read its open invoice."
    return None


def check_payable(invoice: Invoice, ahead: Ahead) -> None:
    """Raises Invalid when so many periods at once are more than a gateway takes."""
    amount = invoice.total - invoice.credit_applied + ahead.amount
    if amount > LARGEST:
        raise Invalid(
            "amount_outside_limits",
            f"{ahead.periods} periods are {rupiah(amount)}; QRIS takes at most {rupiah(LARGEST)} "
            "at once. Ask for fewer.",
            limit=LARGEST,
        )
