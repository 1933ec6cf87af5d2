"""Schedule a change of plan: what is issued next is the new plan's, and so is what is open now."""

from datetime import datetime

import msgspec

from payment_service.books.draft_invoice import draft_instead, terms_of
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.renew_if_due import next_plan_of, renew_if_due
from payment_service.books.tell_subscription import news_of
from payment_service.books.void_invoice import void_invoice
from payment_service.books.void_open import use_returned_credit, void_open_upgrade
from payment_service.kit.statements import Transaction, save
from payment_service.model.contract import Contract
from payment_service.model.event import EventType
from payment_service.model.invoice import OPEN_INVOICE, Invoice
from payment_service.model.subscription import Subscription
from payment_service.outbox import News
from payment_service.resources import Links


def put_in_force(
    tx: Transaction,
    links: Links,
    contract: Contract,
    changed: Subscription,
    kind: EventType,
    now: datetime,
) -> list[News]:
    """Save the changed subscription, one `seq` on, and bring its open invoice into line with it.

    An open first or renewal invoice is voided and issued again on the new terms, due when the old
    one was; for a free plan it is only voided. Where none is open, one that is due is issued.
    """
    before = contract.subscription
    after = save(tx, before, msgspec.structs.replace(changed, seq=before.seq + 1))
    contract = msgspec.structs.replace(contract, subscription=after)
    news = void_open_upgrade(tx, links, contract, now)
    open_one = tx.one(OPEN_INVOICE, subscription_id=before.id)
    issued: list[News] = []
    if open_one is not None:
        news.append(void_invoice(tx, links, open_one, contract.customer.reference, "replaced", now))
        issued = _issue_instead(tx, links, contract, open_one, now)
    elif after.status in ("trialing", "active"):
        issued = renew_if_due(tx, links, contract, now)
    told = news_of(tx, links, kind, contract, after)
    returned = use_returned_credit(tx, links, contract.app, contract.customer, now)
    return [*news, told, *issued, *returned]


def _issue_instead(
    tx: Transaction, links: Links, contract: Contract, open_one: Invoice, now: datetime
) -> list[News]:
    subscription = contract.subscription
    terms = terms_of(subscription, contract.plan, next_plan_of(tx, contract))
    if terms.price == 0:
        return []
    draft = draft_instead(contract.app, subscription, terms, open_one, now)
    return issue_invoice(tx, links, contract.app, contract.customer, subscription, draft, now).news
