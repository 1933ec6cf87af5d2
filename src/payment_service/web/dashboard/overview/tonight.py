"""What tonight's run will do, step by step, with those it comes by first."""

from starlette.responses import Response

from payment_service.model.app import APPS
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.overview.chosen import chosen_of
from payment_service.web.dashboard.overview.nights import night_of


async def show_tonight(ask: Ask) -> Response:
    every = await ask.read(lambda tx: tx.all(APPS))
    night = await night_of(ask, chosen_of(ask, every).apps)
    apps = {app.id: app for app in every}
    return ask.page("overview/tonight.html", night=night, apps=apps)
