"""Days of a subscription, by hand: give some, or move the last paid day to another date."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from payment_service.actions.extend_subscription import MOST_DAYS, extend_subscription
from payment_service.actions.move_paid_through import MOST_MONTHS, move_paid_through
from payment_service.kit.calendar import months_on
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.resources import Links, SubscriptionResource
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.day_text import day_in
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject
from payment_service.web.dashboard.subscriptions.typed import chosen, number_in
from payment_service.web.pages.dates import long_date

DAYS = (3, 7, 14, 30)
USUAL = 7


async def show_extend(ask: Ask) -> Response:
    return await show_deed(ask, "extend", _extension)


async def extend(ask: Ask) -> Response:
    days = number_in(ask.text("days").strip())
    if days is None:
        raise Invalid("extension_days", f"Extend by 1 to {MOST_DAYS} days; to shorten, move.")

    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> SubscriptionResource:
        one = subject.subscription
        return extend_subscription(tx, links, one.app_id, one.id, days=days, by=by, now=subject.now)

    return _told(ask, await do_deed(ask, deed), "subscription_extended")


async def show_move(ask: Ask) -> Response:
    return await show_deed(ask, "move", _movement)


async def move(ask: Ask) -> Response:
    to = day_in(ask.text("to").strip())
    if to is None:
        raise Invalid("paid_through", "Choose a date, as the calendar has it.")

    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> SubscriptionResource:
        one = subject.subscription
        return move_paid_through(tx, links, one.app_id, one.id, to=to, by=by, now=subject.now)

    return _told(ask, await do_deed(ask, deed), "subscription_moved")


def _extension(_tx: Transaction, ask: Ask, subject: Subject) -> Mapping[str, Any]:
    through = subject.subscription.paid_through
    choices = _helpful(subject)
    usual = USUAL if USUAL in choices else choices[0]
    given = chosen(ask, subject, "extend", "days", str(usual))
    days = number_in(given)
    fits = days is not None and 1 <= days <= MOST_DAYS
    to = through + timedelta(days=days) if through and days is not None and fits else None
    return {"days": given, "choices": choices, "most": MOST_DAYS, "to": to, **_around(subject, to)}


def _helpful(subject: Subject) -> tuple[int, ...]:
    """Those of the usual numbers that reach today; where none does, a week from now."""
    through = subject.subscription.paid_through
    lacking = (subject.today - through).days if through is not None else 0
    return tuple(days for days in DAYS if days >= lacking) or (min(lacking + USUAL, MOST_DAYS),)


def _movement(_tx: Transaction, ask: Ask, subject: Subject) -> Mapping[str, Any]:
    given = chosen(ask, subject, "move", "to")
    latest = months_on(subject.today, MOST_MONTHS, subject.today.day)
    to = day_in(given)
    if to is not None and not subject.today <= to <= latest:
        to = None
    ends = [months_on(subject.today, ahead, 31) for ahead in (0, 1)]
    return {
        "given": given,
        "choices": [one for one in ends if one != subject.subscription.paid_through],
        "latest": latest,
        "to": to,
        **_around(subject, to),
    }


def _around(subject: Subject, to: date | None) -> Mapping[str, Any]:
    """Whether access comes back or goes on by it, and until when an open invoice is then due."""
    one = subject.subscription
    is_past = to is not None and to < subject.today
    is_lifted = one.status == "suspended" and one.reason == "nonpayment"
    return {
        "is_past": is_past,
        "opens": to is not None and not is_past and is_lifted,
        "ends_grace": to is not None and not is_past and one.status == "grace",
    }


def _told(ask: Ask, after: SubscriptionResource, said: str) -> Response:
    day = after.paid_through
    until = long_date(day, ask.language) if day else ""
    return ask.go(ask.path.rpartition("/")[0], said, until=until)
