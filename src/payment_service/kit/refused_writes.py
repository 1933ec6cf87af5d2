"""Transactions that the database did not take, counted by why."""

from payment_service.kit.errors import Unavailable
from payment_service.kit.metrics import Counter

WRITES_REFUSED = Counter(
    "writes_refused_total", "Transactions that the database did not take, by why.", "reason"
)


def counted(refusal: Unavailable) -> Unavailable:
    WRITES_REFUSED.add(refusal.code)
    return refusal
