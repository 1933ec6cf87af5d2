"""Renew if due: issue at once what a billing run of today would have issued."""

from datetime import datetime, timedelta

from payment_service.books.draft_invoice import draft_renewal, terms_of
from payment_service.books.issue_invoice import issue_invoice
from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.contract import Contract
from payment_service.model.invoice import OPEN_INVOICE
from payment_service.model.plan import PLAN, Plan
from payment_service.outbox import News
from payment_service.resources import Links


def next_plan_of(tx: Transaction, contract: Contract) -> Plan | None:
    """The plan of a pending change."""
    next_plan_id = contract.subscription.next_plan_id
    return tx.one(PLAN, id=next_plan_id) if next_plan_id else None


def renew_if_due(tx: Transaction, links: Links, contract: Contract, now: datetime) -> list[News]:
    """The renewal, or a trial's first invoice, when its lead has begun and none is open."""
    app, subscription = contract.app, contract.subscription
    lead = timedelta(days=app.renewal_lead_days)
    today = local_date(now, app.zone)
    if subscription.paid_through is None or subscription.paid_through - lead > today:
        return []
    next_plan = next_plan_of(tx, contract)
    terms = terms_of(subscription, contract.plan, next_plan)
    if terms.price == 0 or tx.one(OPEN_INVOICE, subscription_id=subscription.id) is not None:
        return []
    draft = draft_renewal(app, subscription, terms, now)
    return issue_invoice(tx, links, app, contract.customer, subscription, draft, now).news
