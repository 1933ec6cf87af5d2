"""Access, by hand: suspend a subscription, and resume it."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from payment_service.actions.resume_subscription import resume_subscription
from payment_service.actions.suspend_subscription import suspend_subscription
from payment_service.books.draft_invoice import draft_restart, terms_of
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.resources import Links, SubscriptionResource
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject


async def show_suspend(ask: Ask) -> Response:
    return await show_deed(ask, "suspend")


async def suspend(ask: Ask) -> Response:
    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> SubscriptionResource:
        one = subject.subscription
        return suspend_subscription(tx, links, one.app_id, one.id, by=by, now=subject.now)

    await do_deed(ask, deed)
    return ask.go(ask.path.rpartition("/")[0], "subscription_suspended")


async def show_resume(ask: Ask) -> Response:
    return await show_deed(ask, "resume", _resumption)


async def resume(ask: Ask) -> Response:
    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> SubscriptionResource:
        one = subject.subscription
        return resume_subscription(tx, links, one.app_id, one.id, by=by, now=subject.now)

    after = await do_deed(ask, deed)
    said = "subscription_resumed" if after.access else "subscription_resumed_unpaid"
    return ask.go(ask.path.rpartition("/")[0], said)


def _resumption(_tx: Transaction, _ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Where the period is over, the way back is an invoice; None where there is nothing to pay."""
    one, standing = subject.subscription, subject.standing
    is_over = one.paid_through is not None and one.paid_through < subject.today
    terms = terms_of(one, standing.plan, standing.next_plan)
    draft = None
    if is_over and terms.price > 0:
        draft = draft_restart(subject.app, one, terms, subject.now)
    return {"is_over": is_over, "draft": draft}
