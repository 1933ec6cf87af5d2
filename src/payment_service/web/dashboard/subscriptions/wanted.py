"""Which subscriptions are asked for: the filters as they stand in the address."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.due_order import Both
from payment_service.model.page import Span
from payment_service.model.plan import PLAN, PLAN_BY_CODE
from payment_service.model.soonest import Wanted
from payment_service.model.subscription import WITH_ACCESS, WITHOUT_ACCESS, Status
from payment_service.model.subscription_list import STATUSES, SubscriptionFilter
from payment_service.web.dashboard.day_text import day_in

ORDERS = ("due", "newest")
SOON = ("7", "30")
"""Days within which the last paid day comes."""


class Filters(NamedTuple):
    """What is no filter is passed over. `plan` is a code, as in the API."""

    app: str = ""
    plan: str = ""
    statuses: tuple[Status, ...] = ()
    due: str = ""
    span: Span | None = None
    order: str = ""

    def days(self, today: date) -> Span | None:
        """In which the last paid day lies."""
        if self.due:
            return Span(today, today + timedelta(days=int(self.due)))
        return self.span


def filters_in(query: Mapping[str, str]) -> Filters:
    """What stands there that is none is passed over."""
    asked = query.get("status", "").split(",")
    statuses = tuple(one for one in STATUSES if one in asked)
    due = query.get("due", "")
    return Filters(
        app=query.get("app", "")[:40],
        plan=query.get("plan", "")[:50],
        statuses=statuses,
        due=due if due in SOON else "",
        span=_span_in(query),
        order=order if (order := query.get("sort", "")) in ORDERS else "",
    )


def _span_in(query: Mapping[str, str]) -> Span | None:
    """As the API calls them: `paid_through_from` and `paid_through_to`, both inclusive."""
    first = day_in(query.get("paid_through_from", ""))
    last = day_in(query.get("paid_through_to", ""))
    if first is None and last is None:
        return None
    return Span(first or Span().first, last or Span().last)


def in_each_app(
    tx: Transaction, filters: Filters, apps: list[App], now: datetime
) -> dict[str, SubscriptionFilter]:
    """By the id of each app that can hold some: plans and days are its own."""
    wanted = {}
    for app in apps:
        plan_id = None
        if filters.plan:
            plan = tx.one(PLAN_BY_CODE, app_id=app.id, code=filters.plan)
            if plan is None:
                continue
            plan_id = plan.id
        days = filters.days(local_date(app.at(now), app.zone))
        statuses = filters.statuses
        if days is not None:
            statuses = tuple(one for one in WITH_ACCESS if not statuses or one in statuses)
            if not statuses:
                continue
        wanted[app.id] = SubscriptionFilter(plan_id=plan_id, statuses=statuses, paid_through=days)
    return wanted


def in_due_order(tx: Transaction, wanted: Mapping[str, SubscriptionFilter]) -> Both:
    """The same for the list that is in the order of last days. Within days nobody is without."""
    others = {}
    for app_id, one in wanted.items():
        plan = tx.one(PLAN, id=one.plan_id) if one.plan_id else None
        free: tuple[Status, ...] = ("active",) if plan is None or plan.price == 0 else ()
        statuses = [
            status for status in (*free, *WITHOUT_ACCESS) if status in (one.statuses or STATUSES)
        ]
        if statuses and one.paid_through is None:
            others[app_id] = one._replace(statuses=statuses, is_dayless=plan is None)
    with_day = {
        app_id: Wanted(one.plan_id, one.statuses, one.paid_through or Span())
        for app_id, one in wanted.items()
        if not one.statuses or set(one.statuses) & set(WITH_ACCESS)
    }
    return Both(with_day, others)
