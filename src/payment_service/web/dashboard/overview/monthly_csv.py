"""The numbers of the charts as CSV: what each app brought in each month, and what recurs of it."""

from collections.abc import AsyncIterator

from starlette.responses import Response

from payment_service.kit.csv_cells import MARK, csv_lines
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS
from payment_service.model.overview import Overview, overview
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.download import download, show_download
from payment_service.web.dashboard.overview.chosen import Chosen, chosen_of

COLUMNS = ("month", "app_id", "app", "revenue", "monthly_recurring_revenue")


async def show_export(ask: Ask) -> Response:
    chosen = await ask.read(_chosen, ask)
    return show_download(ask, {app.id: app for app in chosen.apps})


async def export_months(ask: Ask) -> Response:
    return await download(ask, _lines(ask))


async def _lines(ask: Ask) -> AsyncIterator[bytes]:
    shown = await ask.read(_overview, ask)
    yield MARK.encode() + csv_lines([COLUMNS])
    for place, month in enumerate(shown.months):
        yield csv_lines(
            (
                f"{month:%Y-%m}",
                app.app_id,
                app.name,
                app.figures.revenue[place],
                app.figures.monthly_before[place],
            )
            for app in shown.apps
        )


def _chosen(tx: Transaction, ask: Ask) -> Chosen:
    return chosen_of(ask, tx.all(APPS))


def _overview(tx: Transaction, ask: Ask) -> Overview:
    chosen = _chosen(tx, ask)
    return overview(tx, chosen.mode, ask.now, chosen.app_id)
