"""The first page: the apps, and how many subscriptions of each have access."""

from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.subscription import COUNT_WITH_ACCESS
from payment_service.web.dashboard.ask import Ask


class Row(NamedTuple):
    """`with_access` counts trials, active ones and those in grace."""

    app: App
    with_access: int


async def show_overview(ask: Ask) -> Response:
    return ask.page("overview.html", rows=await ask.read(_rows))


def _rows(tx: Transaction) -> list[Row]:
    return [Row(app, tx.one(COUNT_WITH_ACCESS, app_id=app.id) or 0) for app in tx.all(APPS)]
