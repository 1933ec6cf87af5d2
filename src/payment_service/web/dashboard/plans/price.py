"""Another price of a plan, also for several periods at once, and whom it reaches."""

from starlette.responses import Response

from payment_service.actions.edit_plan import PlanChange, edit_plan
from payment_service.actions.move_subscribers import move_subscribers
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.model.audit import checked_reason
from payment_service.model.plan import PERIODS_AHEAD, Plan, check_seen
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.plans.edit import version_in
from payment_service.web.dashboard.plans.subject import ALL, PlanSubject, plan_in, subject_of
from payment_service.web.dashboard.plans.typed import prices_ahead_in
from payment_service.web.dashboard.rupiah_text import rupiah_in
from payment_service.web.visits import visit_of

MOVING_SECONDS = 600.0
"""What a request may take: some hundred thousand subscribers. Whoever is broken off goes on."""
KEEP, MOVE = "keep", "move"


async def show_price(ask: Ask) -> Response:
    subject = await ask.read(subject_of, ask)
    return ask.page("plans/price.html", subject=subject, periods_ahead=PERIODS_AHEAD)


async def set_price(ask: Ask) -> Response:
    by = ask.by(ask.text("reason"))
    checked_reason(by)
    whom = ask.text("whom")
    if whom not in (KEEP, MOVE):
        raise Invalid("plan_whom", "Say whether those who subscribed before keep their price.")
    change = PlanChange(price=rupiah_in(ask.text("price")), prices_ahead=prices_ahead_in(ask))

    def unit(tx: Transaction) -> Plan:
        plan = plan_in(tx, ask)
        return edit_plan(tx, plan.app_id, plan.id, change, by=by, version=version_in(ask))

    plan = await ask.write(unit)
    here, price = f"{ALL}/{plan.id}", rupiah(plan.price)
    if whom == KEEP:
        return ask.go(here, "price_set", price=price)
    visit_of(ask.request.scope).stays(MOVING_SECONDS)
    moved = await move_subscribers(ask.runtime, plan.app_id, plan.id, by)
    return ask.go(here, "price_set_and_moved", price=price, moved=moved)


async def show_move(ask: Ask) -> Response:
    return ask.page("plans/move.html", subject=await ask.read(subject_of, ask))


async def move(ask: Ask) -> Response:
    by = ask.by(ask.text("reason"))
    checked_reason(by)
    plan = await ask.write(_still_to_move, ask)
    visit_of(ask.request.scope).stays(MOVING_SECONDS)
    moved = await move_subscribers(ask.runtime, plan.app_id, plan.id, by)
    return ask.go(f"{ALL}/{plan.id}", "subscribers_moved", price=rupiah(plan.price), moved=moved)


def _still_to_move(tx: Transaction, ask: Ask) -> Plan:
    """Raises Conflict where it is another price by now, or somebody has moved them."""
    subject: PlanSubject = subject_of(tx, ask)
    check_seen(subject.plan, version_in(ask))
    if not subject.holding.to_move:
        raise Conflict("subscribers_moved", "All subscribers have this price, or move to it.")
    return subject.plan
