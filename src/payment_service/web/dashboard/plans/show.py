"""One plan: its ladder, who holds which price, and what can be done with it."""

from starlette.responses import Response

from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.plans.subject import subject_of


async def show_plan(ask: Ask) -> Response:
    return ask.page("plans/plan.html", subject=await ask.read(subject_of, ask))
