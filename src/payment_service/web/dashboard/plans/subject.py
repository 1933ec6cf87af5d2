"""The plan that a page is about, with its app and who holds it."""

from datetime import date, timedelta
from typing import NamedTuple

from payment_service.kit.calendar import local_date
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.ladder import Step, ladder_of
from payment_service.model.plan import PLAN, Plan
from payment_service.model.plan_holding import NEXT_END, Holding, holdings
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

ALL = f"{PREFIX}/plans"


class PlanSubject(NamedTuple):
    """`next_issue` is the day on which the next invoice of a subscriber appears, where it is one
    of those that come soon."""

    app: App
    plan: Plan
    holding: Holding
    ladder: list[Step]
    next_issue: date | None

    @property
    def here(self) -> str:
        return f"{ALL}/{self.plan.id}"


def plan_in(tx: Transaction, ask: Ask) -> Plan:
    """Raises NotFound."""
    plan = tx.one(PLAN, id=ask.params["id"])
    if plan is None:
        raise NotFound("plan_not_found", "There is no plan with this id.")
    return plan


def subject_of(tx: Transaction, ask: Ask) -> PlanSubject:
    """Raises NotFound."""
    plan = plan_in(tx, ask)
    app = app_by_id(tx, plan.app_id)
    today = local_date(app.at(ask.now), app.zone)
    holding = holdings(tx, [plan], today)[plan.id]
    return PlanSubject(
        app, plan, holding, ladder_of(plan, holding), _next_issue(tx, plan, app, today)
    )


def _next_issue(tx: Transaction, plan: Plan, app: App, today: date) -> date | None:
    """Of those whose next renewal is not issued yet: what is issued keeps its price."""
    lead = timedelta(days=app.renewal_lead_days)
    end = tx.one(NEXT_END, app_id=app.id, plan_id=plan.id, after=today + lead)
    return end - lead if end is not None else None
