"""The end of a subscription: cancel it now or with its period, and undo that."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from payment_service.actions.cancel_subscription import cancel_subscription
from payment_service.actions.undo_cancellation import undo_cancellation
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.resources import Links, SubscriptionResource
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, nothing_more, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject
from payment_service.web.dashboard.subscriptions.typed import chosen
from payment_service.web.pages.dates import long_date


async def show_cancel(ask: Ask) -> Response:
    return await show_deed(ask, "cancel", _end)


async def cancel(ask: Ask) -> Response:
    at_once = ask.text("at") == "now"

    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> SubscriptionResource:
        one = subject.subscription
        record(
            tx, by, one.app_id, "subscription.cancel", one.id,
            at="now" if at_once or not waits(subject) else "period_end",
        )  # fmt: skip
        return cancel_subscription(tx, links, one.app_id, one.id, at_once=at_once, now=subject.now)

    after = await do_deed(ask, deed)
    here = ask.path.rpartition("/")[0]
    if after.status == "canceled" or after.paid_through is None:
        return ask.go(here, "subscription_canceled")
    return ask.go(here, "subscription_ends", until=long_date(after.paid_through, ask.language))


async def show_undo_cancel(ask: Ask) -> Response:
    return await show_deed(ask, "undo-cancel", nothing_more)


async def undo_cancel(ask: Ask) -> Response:
    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> SubscriptionResource:
        one = subject.subscription
        record(tx, by, one.app_id, "subscription.undo_cancel", one.id)
        return undo_cancellation(tx, links, one.app_id, one.id, now=subject.now)

    await do_deed(ask, deed)
    return ask.go(ask.path.rpartition("/")[0], "subscription_kept")


def waits(subject: Subject) -> bool:
    """Whether it can end with its period: there is a paid day left to wait for."""
    one = subject.subscription
    return (
        one.status in ("trialing", "active")
        and one.paid_through is not None
        and not one.cancel_at_period_end
    )


def _end(_tx: Transaction, ask: Ask, subject: Subject) -> Mapping[str, Any]:
    can_wait = waits(subject)
    at = chosen(ask, subject, "cancel", "at", "period_end")
    return {"can_wait": can_wait, "at_once": at == "now" or not can_wait}
