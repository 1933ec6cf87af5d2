"""Paying ahead: several periods with one code, at the plan's price for so many."""

from typing import NamedTuple

from payment_service.kit.errors import Invalid
from payment_service.model.invoice import Invoice
from payment_service.model.plan import Plan

CHOICES = (1, 3, 6, 12)
LONGEST = 36
"""Months that can be paid at once."""


class Ahead(NamedTuple):
    """How many periods are paid in all, and the rupiah for those beyond the invoice's own."""

    periods: int
    amount: int


ALONE = Ahead(1, 0)


def price_ahead(plan: Plan, price: int, periods: int) -> int:
    """Rupiah for so many periods in all of a subscription sold at `price`.

    The plan's price for that number, but never more than each period by itself.
    """
    return min(plan.prices_ahead.get(str(periods), periods * price), periods * price)


def ahead_of(invoice: Invoice, plan: Plan | None, periods: int) -> Ahead:
    """So many periods with this invoice as the first. Raises Invalid when that cannot be asked."""
    if periods == 1:
        return ALONE
    if plan is None or invoice.kind not in ("first", "renewal") or invoice.months is None:
        raise Invalid("not_payable_ahead", "This invoice is paid alone; ask for one period.")
    if periods not in CHOICES or periods * invoice.months > LONGEST:
        raise Invalid(
            "periods_ahead",
            f"Ask for 1, 3, 6 or 12 periods, and for at most {LONGEST} months at once.",
        )
    return Ahead(periods, max(1, price_ahead(plan, invoice.total, periods) - invoice.total))
