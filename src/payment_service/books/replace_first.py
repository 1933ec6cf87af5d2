"""Replace the first invoice of a subscription that nobody has paid for yet by another plan's."""

from datetime import datetime

import msgspec

from payment_service.books.draft_invoice import Terms, draft_first
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.tell_subscription import news_of
from payment_service.books.void_open import void_open
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.contract import Contract
from payment_service.model.plan import Plan
from payment_service.outbox import News
from payment_service.resources import Links


def replace_first(
    tx: Transaction, links: Links, contract: Contract, plan: Plan, now: datetime
) -> list[News]:
    """The old invoice's code stays good: see `settle`. Raises Conflict for a plan that needs no
    payment now."""
    before = contract.subscription
    if plan.price == 0 or plan.trial_days > 0:
        raise Conflict(
            "subscription_pending",
            "This customer has an unpaid subscription, which a plan without payment cannot "
            "replace; choose a plan that has a price.",
            id=before.id,
        )
    voided = void_open(tx, links, contract, "replaced", now)
    changed = msgspec.structs.replace(
        before, plan_id=plan.id, price=plan.price, months=plan.months, seq=before.seq + 1
    )
    after = save(tx, before, changed)
    draft = draft_first(contract.app, after, Terms(plan, plan.price, plan.months), now)
    issued = issue_invoice(tx, links, contract.app, contract.customer, after, draft, now).news
    return [*voided, news_of(tx, links, "subscription.updated", contract, after), *issued]
