"""Adding a plan, editing what is not its price, selling it no longer and again."""

import re
from typing import cast

from starlette.responses import Response

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.archive_plan import archive_plan
from payment_service.actions.edit_plan import PlanChange, edit_plan
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, app_by_id
from payment_service.model.plan import LATE_PAYMENTS, PERIODS_AHEAD, LatePayment, Plan
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.json_map import map_in, map_out
from payment_service.web.dashboard.plans.subject import ALL, plan_in, subject_of
from payment_service.web.dashboard.plans.typed import (
    grace_in,
    name_in,
    number_in,
    prices_ahead_in,
)
from payment_service.web.dashboard.rupiah_text import rupiah_in

WHERE = "on the plan's page"


async def show_new(ask: Ask) -> Response:
    return ask.page(
        "plans/new.html",
        apps=await ask.read(lambda tx: tx.all(APPS)),
        late_payments=LATE_PAYMENTS,
        periods_ahead=PERIODS_AHEAD,
    )


async def add(ask: Ask) -> Response:
    wanted = NewPlan(
        code=ask.text("plan_code").strip(),
        name=name_in(ask),
        price=rupiah_in(ask.text("price")),
        months=number_in(ask.text("months")),
        trial_days=number_in(ask.text("trial_days") or "0"),
        grace_days=grace_in(ask),
        late_payment=_late_payment_in(ask),
        prices_ahead=prices_ahead_in(ask),
        features=map_in(ask.text("features")),
    )

    def unit(tx: Transaction) -> Plan:
        app = app_by_id(tx, ask.text("app"))
        return add_plan(tx, app.id, wanted, app.at(ask.now), by=ask.by(WHERE))

    plan = await ask.write(unit)
    return ask.go(f"{ALL}/{plan.id}", "plan_added", name=plan.name)


async def show_edit(ask: Ask) -> Response:
    subject = await ask.read(subject_of, ask)
    return ask.page(
        "plans/edit.html",
        subject=subject,
        late_payments=LATE_PAYMENTS,
        features=map_out(subject.plan.features),
    )


async def edit(ask: Ask) -> Response:
    change = PlanChange(
        name=name_in(ask),
        grace_days=grace_in(ask),
        late_payment=_late_payment_in(ask),
        features=map_in(ask.text("features")),
    )

    def unit(tx: Transaction) -> Plan:
        plan = plan_in(tx, ask)
        by, version = ask.by(WHERE), version_in(ask)
        return edit_plan(tx, plan.app_id, plan.id, change, by=by, version=version)

    plan = await ask.write(unit)
    return ask.go(f"{ALL}/{plan.id}", "plan_edited", name=plan.name)


async def archive(ask: Ask) -> Response:
    plan = await ask.write(_archive, ask, is_sold=False)
    return ask.go(f"{ALL}/{plan.id}", "plan_archived", name=plan.name)


async def sell_again(ask: Ask) -> Response:
    plan = await ask.write(_archive, ask, is_sold=True)
    return ask.go(f"{ALL}/{plan.id}", "plan_sold_again", name=plan.name)


def version_in(ask: Ask) -> int:
    """That of the plan when the form was drawn; of a form that was not drawn here, none."""
    given = ask.text("version")
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else 0


def _archive(tx: Transaction, ask: Ask, *, is_sold: bool) -> Plan:
    plan, by = plan_in(tx, ask), ask.by(WHERE)
    now = app_by_id(tx, plan.app_id).at(ask.now)
    return archive_plan(
        tx, plan.app_id, plan.id, now, is_sold=is_sold, by=by, version=version_in(ask)
    )


def _late_payment_in(ask: Ask) -> LatePayment:
    """What it may be is checked with all else of a plan."""
    return cast(LatePayment, ask.text("late_payment"))
