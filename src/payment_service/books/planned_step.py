"""A step of a billing run before it is taken: whose, and over how much."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from payment_service.books.draft_invoice import terms_of
from payment_service.model.due import Due, Step
from payment_service.model.plan import Plan


class PlannedStep(NamedTuple):
    """One step that would be taken. `amount`, in rupiah, is what would be issued or is open."""

    step: Step
    subscription_id: str
    customer: str
    status: str
    paid_through: date | None
    amount: int | None


def planned(due: Due, step: Step, plans: Mapping[str, Plan]) -> PlannedStep:
    subscription = due.subscription
    amount = due.invoice.amount_due if due.invoice is not None else None
    if step == "issue":
        next_plan = plans[subscription.next_plan_id] if subscription.next_plan_id else None
        amount = terms_of(subscription, plans[subscription.plan_id], next_plan).price
    return PlannedStep(
        step,
        subscription.id,
        due.customer.reference,
        subscription.status,
        subscription.paid_through,
        amount,
    )
