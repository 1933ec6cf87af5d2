"""Resume a subscription that an admin suspended: its state follows from its dates again."""

from datetime import datetime

import msgspec

from payment_service.books.draft_invoice import draft_restart, terms_of
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.renew_if_due import next_plan_of, renew_if_due
from payment_service.books.tell_subscription import news_of, tell_stored
from payment_service.books.void_open import void_open
from payment_service.kit.calendar import local_date
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.contract import Contract, lock_contract
from payment_service.model.period import onto_free_plan, resume
from payment_service.model.subscription import Subscription, is_held, moved
from payment_service.outbox import News, announce
from payment_service.resources import Links, SubscriptionResource


def resume_subscription(
    tx: Transaction, links: Links, app_id: str, subscription_id: str, *, by: By, now: datetime
) -> SubscriptionResource:
    """Access is back at once while the period runs. Else what is open is replaced by a renewal
    that counts from today, and access comes with its payment.

    Raises NotFound, Invalid without a reason, Conflict when no admin suspended it or when it was
    to end with a period that is over.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    before = contract.subscription
    if not is_held(before):
        raise Conflict(
            "not_suspended_by_hand",
            f"This subscription is {before.status}; only an admin's suspension can be resumed.",
            id=before.id,
        )
    is_over = _is_over(contract, now)
    if is_over and before.cancel_at_period_end:
        raise Conflict(
            "cancellation_due",
            f"It was to end on {before.paid_through}: cancel it, or undo the cancellation first.",
            id=before.id,
        )
    record(tx, by, app_id, "subscription.resume", before.id, paid_through=before.paid_through)
    if is_over:
        news = _begin_anew(tx, links, contract, now)
    else:
        after = _saved(tx, before, resume(before))
        issued = renew_if_due(tx, links, _with(contract, after), now)
        news = [news_of(tx, links, "subscription.resumed", contract, after), *issued]
    announce(tx, app_id, news, now)
    return tell_stored(tx, links, before.id)


def _is_over(contract: Contract, now: datetime) -> bool:
    through = contract.subscription.paid_through
    return through is not None and through < local_date(now, contract.app.zone)


def _begin_anew(tx: Transaction, links: Links, contract: Contract, now: datetime) -> list[News]:
    """The period is over: the way back is an invoice, unless the next plan is free."""
    app, customer, before = contract.app, contract.customer, contract.subscription
    news = void_open(tx, links, contract, "replaced", now)
    next_plan = next_plan_of(tx, contract)
    terms = terms_of(before, contract.plan, next_plan)
    if terms.price == 0:
        after = _saved(tx, before, onto_free_plan(before, terms.plan, now))
        return [*news, news_of(tx, links, "subscription.resumed", contract, after)]
    unpaid = moved(before, "suspended", reason="nonpayment", grace_until=None, suspended_at=now)
    after = _saved(tx, before, unpaid)
    draft = draft_restart(app, after, terms, now)
    issued = issue_invoice(tx, links, app, customer, after, draft, now).news
    return [*news, news_of(tx, links, "subscription.updated", contract, after), *issued]


def _saved(tx: Transaction, before: Subscription, after: Subscription) -> Subscription:
    return save(tx, before, msgspec.structs.replace(after, seq=before.seq + 1))


def _with(contract: Contract, subscription: Subscription) -> Contract:
    return msgspec.structs.replace(contract, subscription=subscription)
