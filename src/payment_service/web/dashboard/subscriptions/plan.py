"""Another plan for a subscription: with its next invoice, or an upgrade today and what it costs."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from starlette.responses import Response

from payment_service.actions.change_plan import When, change_plan
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.page import Between, page_of
from payment_service.model.plan import SMALLEST, Plan
from payment_service.model.plan_list import PLANS_LISTED, walk_plans
from payment_service.model.unused import unused_value
from payment_service.resources import Links, PlanChangeResource
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject
from payment_service.web.dashboard.subscriptions.typed import chosen

MOST_PLANS = 100


class Cost(NamedTuple):
    """An upgrade today, in rupiah: what is to be paid is the new price less the unused days. Below
    what a code can ask for it is waived; below zero it becomes credit."""

    price: int
    unused: int

    @property
    def rest(self) -> int:
        return self.price - self.unused

    @property
    def is_at_once(self) -> bool:
        return self.rest < SMALLEST


async def show_plan(ask: Ask) -> Response:
    return await show_deed(ask, "plan", _choice)


async def change(ask: Ask) -> Response:
    at: When = "now" if ask.text("at") == "now" else "renewal"
    code = ask.text("plan")[:50]

    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> PlanChangeResource:
        one = subject.subscription
        record(
            tx, by, one.app_id, "subscription.change_plan", one.id,
            before=subject.plan.code, after=code, at=at,
        )  # fmt: skip
        return change_plan(tx, links, one.app_id, one.id, code, at=at, now=subject.now)

    done = await do_deed(ask, deed)
    here, invoice, after = ask.path.rpartition("/")[0], done.upgrade_invoice, done.subscription
    if invoice is not None and invoice.amount_due:
        return ask.go(here, "plan_to_be_paid", number=invoice.number)
    if after.pending_change is not None:
        return ask.go(here, "plan_changes_next")
    return ask.go(here, "plan_changed", plan=after.plan.name)


def _choice(tx: Transaction, ask: Ask, subject: Subject) -> Mapping[str, Any]:
    plans = _offered(tx, subject)
    code = chosen(ask, subject, "plan", "plan")
    plan = next((one for one in plans if one.code == code), None)
    can_now = plan is not None and _can_begin_now(subject, plan)
    at_once = can_now and chosen(ask, subject, "plan", "at") == "now"
    cost = None
    if plan is not None and can_now:
        cost = Cost(plan.price, unused_value(tx, subject.subscription, subject.today))
    return {
        "plans": plans,
        "plan": plan,
        "can_now": can_now,
        "at_once": at_once,
        "cost": cost,
        "begins": _begins(subject),
        "drops": plan is not None and plan.id == subject.plan.id,
    }


def _offered(tx: Transaction, subject: Subject) -> Sequence[Plan]:
    """For sale, without the one that it is on, unless a change away from that is to be dropped."""
    walk = walk_plans(subject.app.id, archived=False)
    ids = page_of(tx, walk, Between(), MOST_PLANS).ids
    plans = [one for one in tx.all(PLANS_LISTED, ids=ids) if one.id != subject.plan.id]
    if subject.subscription.status == "pending":
        plans = [one for one in plans if one.price > 0 and one.trial_days == 0]
    following = subject.standing.next_plan
    if following is not None:
        plans = [one for one in plans if one.id != following.id] + [subject.plan]
    return sorted(plans, key=lambda one: (one.months, one.price, one.code))


def _can_begin_now(subject: Subject, plan: Plan) -> bool:
    one = subject.subscription
    is_other = plan.id != subject.plan.id
    has_days = one.status == "active" and one.paid_through is not None
    return is_other and has_days and plan.price > one.price


def _begins(subject: Subject) -> date | None:
    """The first day of the next period."""
    through = subject.subscription.paid_through
    return through + timedelta(days=1) if through is not None else None
