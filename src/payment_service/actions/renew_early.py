"""Renew early: the next renewal at once, for who wants to pay ahead while nothing is due."""

from datetime import datetime

from payment_service.books.draft_invoice import draft_renewal, terms_of
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.renew_if_due import next_plan_of
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.ahead import ahead_of, check_payable, why_not_ahead
from payment_service.model.contract import lock_contract
from payment_service.model.invoice import INVOICE, OPEN_INVOICE, Invoice
from payment_service.model.subscription import is_held
from payment_service.outbox import announce
from payment_service.resources import Links


def renew_early(
    tx: Transaction, links: Links, app_id: str, subscription_id: str, periods: int, now: datetime
) -> Invoice:
    """The invoice that `periods` periods are paid with: the open one, else the next renewal, issued
    now and due on `paid_through`. Credit that covers it pays it.

    Raises NotFound; Invalid for a number or a sum that cannot be asked for; Conflict where nothing
    can be paid ahead, with the reason, or no gateway could give a code for it.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    if contract.app.gateway is None:
        raise Conflict(
            "gateway_not_configured",
            "This app has no payment gateway yet; set up its Pakasir project first.",
        )
    subscription = contract.subscription
    open_one = tx.one(OPEN_INVOICE, subscription_id=subscription_id)
    next_plan = next_plan_of(tx, contract)
    terms = terms_of(subscription, contract.plan, next_plan)
    if open_one is not None and not is_held(subscription):
        check_payable(open_one, ahead_of(open_one, terms.plan, periods))
        return open_one
    reason = why_not_ahead(subscription, terms.price)
    if reason is not None:
        raise Conflict("nothing_to_pay_ahead", reason, id=subscription_id)
    draft = draft_renewal(contract.app, subscription, terms, now)
    check_payable(draft, ahead_of(draft, terms.plan, periods))
    issued = issue_invoice(tx, links, contract.app, contract.customer, subscription, draft, now)
    announce(tx, app_id, issued.news, now)
    return tx.one(INVOICE, id=issued.invoice.id) or issued.invoice
