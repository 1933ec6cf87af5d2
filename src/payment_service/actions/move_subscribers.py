"""Move subscribers: a plan's price reaches those who bought it at another one, with their next
invoice."""

from datetime import datetime

import msgspec

from payment_service.books.tell_subscription import news_of
from payment_service.kit.pace import Pace, timed
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App, app_by_id
from payment_service.model.audit import By, record
from payment_service.model.contract import lock_contract
from payment_service.model.plan import Plan, plan_of_app
from payment_service.model.subscription import (
    HOLDING,
    SUBSCRIPTIONS_IN_STATUS,
    Status,
    Subscription,
)
from payment_service.outbox import announce
from payment_service.resources import Links
from payment_service.runtime import Runtime, now_of


async def move_subscribers(runtime: Runtime, app_id: str, plan_id: str, by: By) -> int:
    """How many were moved. What is open keeps its price; a pending change of plan goes before.

    It ends where it was broken off when it is asked for again. Raises NotFound, Invalid without a
    reason.
    """
    app = await runtime.db.read(app_by_id, app_id)
    await runtime.db.write(_begin, app_id, plan_id, by)
    moved, found = 0, 1
    # Again until none is left: who moves to a state already walked would be passed over.
    while found:
        found = 0
        for status in HOLDING:
            found += await _walk(runtime, app, plan_id, status)
        moved += found
    return moved


async def _walk(runtime: Runtime, app: App, plan_id: str, status: Status) -> int:
    moved, pace = 0, Pace(32, most=500)
    after: str | None = ""
    while after is not None:
        now = now_of(runtime, app)
        (count, after), seconds = await runtime.db.write_between(
            timed, _move_some, app, runtime.links, plan_id, status, after, pace.size, now
        )
        moved += count
        pace.took(seconds)
    return moved


def _begin(tx: Transaction, app_id: str, plan_id: str, by: By) -> None:
    plan = plan_of_app(tx, app_id, plan_id)
    record(tx, by, app_id, "plan.move_subscribers", plan_id, price=plan.price)


def _move_some(
    tx: Transaction,
    app: App,
    links: Links,
    plan_id: str,
    status: Status,
    after: str,
    size: int,
    now: datetime,
) -> tuple[int, str | None]:
    """How many of the next ones were moved, and the last one looked at; None at the end."""
    # The price of this moment: with its own each, two at once would undo each other for ever.
    plan = plan_of_app(tx, app.id, plan_id)
    found = tx.all(SUBSCRIPTIONS_IN_STATUS, app_id=app.id, status=status, after=after, limit=size)
    news = []
    due = [one for one in found if _at_price(one, plan) != one]
    for one in sorted(due, key=lambda one: one.customer_id):
        contract = lock_contract(tx, app.id, one.id)
        before = contract.subscription
        changed = _at_price(before, plan)
        if changed != before:
            changed = msgspec.structs.replace(changed, seq=before.seq + 1)
            saved = save(tx, before, changed)
            news.append(news_of(tx, links, "subscription.updated", contract, saved))
    if news:
        announce(tx, app.id, news, now)
    return len(news), found[-1].id if len(found) == size else None


def _at_price(subscription: Subscription, plan: Plan) -> Subscription:
    if subscription.plan_id != plan.id or subscription.next_plan_id is not None:
        return subscription
    if subscription.status not in HOLDING or subscription.price == 0:
        return subscription
    price = None if subscription.price == plan.price else plan.price
    return msgspec.structs.replace(subscription, next_price=price)
