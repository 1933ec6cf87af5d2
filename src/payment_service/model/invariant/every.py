"""Every invariant there is, in the order in which they are looked at."""

from payment_service.model.invariant import (
    belonging,
    billing,
    figures,
    money,
    periods,
    records,
    standing,
    telling,
)
from payment_service.model.invariant.breach import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    *money.INVARIANTS,
    *billing.INVARIANTS,
    *standing.INVARIANTS,
    *periods.INVARIANTS,
    *telling.INVARIANTS,
    *belonging.INVARIANTS,
    *records.INVARIANTS,
    *figures.INVARIANTS,
)
