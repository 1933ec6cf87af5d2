"""Take the steps that are due: of many subscriptions at once, with few statements.

What concerns money already there, credit and the voiding of invoices, is done one by one.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from payment_service.books.draft_invoice import draft_renewal, terms_of
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.pay_invoice import pay_invoice
from payment_service.books.void_invoice import void_invoice
from payment_service.kit.statements import Transaction, add_all, save_all
from payment_service.model.app import App
from payment_service.model.bill import Bill
from payment_service.model.billing_run import Counts
from payment_service.model.credit import balance
from payment_service.model.due import Due, Step, grace_of
from payment_service.model.event import EventType
from payment_service.model.invoice import (
    OPEN_INVOICES_OF_SUBSCRIPTION,
    Invoice,
    next_numbers,
)
from payment_service.model.period import onto_free_plan
from payment_service.model.plan import Plan
from payment_service.model.subscription import Subscription, moved
from payment_service.outbox import News
from payment_service.resources import Links, invoice_resource, subscription_resource

Plans = dict[str, Plan]


class Taken(NamedTuple):
    """What was done, and what is to be announced."""

    news: list[News]
    counts: Counts


class Case(NamedTuple):
    """The app whose subscriptions take their steps, on which local day, and when really."""

    app: App
    links: Links
    plans: Plans
    today: date
    now: datetime


def take_steps(tx: Transaction, case: Case, due: Sequence[tuple[Due, tuple[Step, ...]]]) -> Taken:
    """Take each subscription's steps, but suspend none: that comes when all are known.

    Their customers are locked by the caller.
    """
    news: list[News] = []
    moves: list[tuple[Subscription, Subscription]] = []
    issued, some = _issue(tx, case, [one for one, steps in due if "issue" in steps])
    news += some
    did: Counter[str] = Counter()
    for one, steps in due:
        did.update(steps)
        before, invoice = one.subscription, issued.get(one.subscription.id, one.invoice)
        if "settle" in steps:
            news += _settle(tx, case, one)
        if "change" in steps:
            after = _on_free_plan(case, before)
            moves.append((before, after))
            news.append(_told(case, one, after, "subscription.plan_changed", None))
        if "cancel" in steps:
            news += _void_all(tx, case, one)
            after = _canceled(before, case.now)
            moves.append((before, after))
            news.append(_told(case, one, after, "subscription.canceled", None))
        if "grace" in steps and invoice is not None:
            after = _in_grace(before, invoice, case.today)
            moves.append((before, after))
            news.append(_told(case, one, after, "subscription.grace_started", invoice))
            did["in grace"] += 1
    save_all(tx, moves)
    counts = Counts(
        issued=did["issue"],
        settled=did["settle"],
        grace=did["in grace"],
        changed=did["change"],
        canceled=did["cancel"],
    )
    return Taken(news, counts)


def suspend_unpaid(tx: Transaction, case: Case, due: Sequence[Due]) -> Taken:
    """Take access away from those whose grace is over. Their invoice stays open: it is the way
    back."""
    news, moves = [], []
    for one in due:
        suspended = moved(
            one.subscription,
            "suspended",
            reason="nonpayment",
            grace_until=grace_of(one.subscription, one.invoice) if one.invoice else None,
            suspended_at=case.now,
            seq=one.subscription.seq + 1,
        )
        moves.append((one.subscription, suspended))
        news.append(_told(case, one, suspended, "subscription.suspended", one.invoice))
    save_all(tx, moves)
    return Taken(news, Counts(suspended=len(moves)))


def _issue(
    tx: Transaction, case: Case, due: Sequence[Due]
) -> tuple[dict[str, Invoice], list[News]]:
    """Renewals, and the first invoices of trials. Those that credit touches go one by one; one
    that it pays whole is not among the open ones that are given."""
    drafts = [(one, _draft(case, one)) for one in due]
    plain = [(one, draft) for one, draft in drafts if one.credit == 0]
    numbers: list[str] = []
    if plain:
        numbers = next_numbers(tx, case.app, plain[0][1].issued_on, len(plain))
    invoices = [
        msgspec.structs.replace(draft, number=number)
        for (_, draft), number in zip(plain, numbers, strict=True)
    ]
    add_all(tx, invoices)
    open_ones = {invoice.subscription_id or "": invoice for invoice in invoices}
    news = [
        News(
            "invoice.issued",
            invoice.id,
            invoice_resource(invoice, one.customer.reference, case.links),
        )
        for (one, _), invoice in zip(plain, invoices, strict=True)
    ]
    for one, draft in drafts:
        if one.credit:
            invoice, some = issue_invoice(
                tx, case.links, case.app, one.customer, one.subscription, draft, case.now
            )
            news += some
            if not any(item.type == "invoice.paid" for item in some):
                open_ones[one.subscription.id] = invoice
    return open_ones, news


def _draft(case: Case, one: Due) -> Invoice:
    subscription = one.subscription
    next_plan = case.plans[subscription.next_plan_id] if subscription.next_plan_id else None
    terms = terms_of(subscription, case.plans[subscription.plan_id], next_plan)
    return draft_renewal(case.app, subscription, terms, case.now)


def _settle(tx: Transaction, case: Case, one: Due) -> list[News]:
    """From credit that is there although the invoice is open. Another subscription of the same
    customer may have taken it in this very run."""
    if one.invoice is None or balance(tx, one.customer.id) < one.invoice.amount_due:
        return []
    bill = Bill(case.app, one.customer, one.subscription, one.invoice)
    return pay_invoice(tx, case.links, bill, None, now=case.now)


def _void_all(tx: Transaction, case: Case, one: Due) -> list[News]:
    theirs = one.customer.reference
    return [
        void_invoice(tx, case.links, invoice, theirs, "subscription_ended", case.now)
        for invoice in tx.all(OPEN_INVOICES_OF_SUBSCRIPTION, subscription_id=one.subscription.id)
    ]


def _in_grace(subscription: Subscription, invoice: Invoice, today: date) -> Subscription:
    return moved(
        subscription,
        "grace",
        grace_until=max(grace_of(subscription, invoice), today),
        seq=subscription.seq + 1,
    )


def _canceled(subscription: Subscription, now: datetime) -> Subscription:
    return moved(
        subscription,
        "canceled",
        reason="requested",
        cancel_at_period_end=False,
        ended_at=now,
        seq=subscription.seq + 1,
    )


def _on_free_plan(case: Case, subscription: Subscription) -> Subscription:
    free = onto_free_plan(subscription, case.plans[subscription.next_plan_id or ""], case.now)
    return msgspec.structs.replace(free, seq=subscription.seq + 1)


def _told(
    case: Case, one: Due, after: Subscription, kind: EventType, invoice: Invoice | None
) -> News:
    resource = subscription_resource(
        after,
        one.customer,
        case.plans[after.plan_id],
        invoice,
        case.links,
        next_plan=case.plans[after.next_plan_id] if after.next_plan_id else None,
    )
    return News(kind, after.id, resource, case.links.passes)
