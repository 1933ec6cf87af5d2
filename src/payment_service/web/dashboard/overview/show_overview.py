"""The first page: five figures, what needs somebody, how it went, and what tonight will do."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.forecast import forecast
from payment_service.model.listed import ListedPayment, list_payments, show
from payment_service.model.overview import AppFigures, Overview, overview
from payment_service.model.payment_list import PaymentFilter
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.overview.beginning import Beginning, beginning
from payment_service.web.dashboard.overview.chart import SERIES, draw_bars, draw_points
from payment_service.web.dashboard.overview.chosen import Chosen, chosen_of
from payment_service.web.dashboard.overview.matters import Matters, matters
from payment_service.web.dashboard.overview.nights import night_of

MATTERS = 5
PAYMENTS = 5


class Series(NamedTuple):
    """What an app, or the others together where `others` counts them, brought in each month."""

    name: str
    amounts: Sequence[int]
    others: int = 0


class Page(NamedTuple):
    chosen: Chosen
    overview: Overview
    matters: Matters
    payments: Sequence[ListedPayment]
    beginning: Beginning | None


async def show_overview(ask: Ask) -> Response:
    shown = await ask.read(_page, ask)
    total, months = shown.overview.total, shown.overview.months
    foreseen = forecast(total.revenue, shown.overview.today)
    series = series_of(shown.overview.apps)
    return ask.page(
        "overview/overview.html",
        shown=shown,
        apps={app.id: app for app in shown.chosen.every},
        change=Change(total.monthly, total.monthly_before[-2], months[-2]),
        series=series,
        foreseen=foreseen,
        revenue=draw_bars(months, [one.amounts for one in series], foreseen),
        recurring=draw_points(months, total.monthly_before),
        night=None if shown.beginning else await night_of(ask, shown.chosen.apps),
    )


class Change(NamedTuple):
    """How the monthly recurring revenue went since the end of the month before."""

    now: int
    before: int
    month: date

    @property
    def amount(self) -> int:
        return self.now - self.before

    @property
    def share(self) -> float | None:
        """None where there was nothing."""
        return self.amount / self.before if self.before else None


def series_of(apps: Sequence[AppFigures]) -> list[Series]:
    """The apps that brought most, each for itself, and the others together."""
    ranked = sorted(apps, key=lambda one: -sum(one.figures.revenue))
    if len(ranked) == SERIES + 1:
        return [Series(one.name, one.figures.revenue) for one in ranked]
    first, others = ranked[:SERIES], ranked[SERIES:]
    found = [Series(one.name, one.figures.revenue) for one in first]
    if others:
        months = zip(*(one.figures.revenue for one in others), strict=True)
        found.append(Series("", [sum(month) for month in months], len(others)))
    return found


def _page(tx: Transaction, ask: Ask) -> Page:
    every: list[App] = tx.all(APPS)
    chosen = chosen_of(ask, every)
    figures = overview(tx, chosen.mode, ask.now, chosen.app_id)
    listing = list_payments({app.id: PaymentFilter() for app in chosen.apps})
    return Page(
        chosen,
        figures,
        matters(tx, ask, every, chosen.app_id, MATTERS),
        show(tx, listing, Turn(), PAYMENTS).rows if chosen.apps else [],
        None if figures.total.standing else beginning(tx, chosen),
    )
