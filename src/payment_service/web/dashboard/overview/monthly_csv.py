"""The numbers of the charts as CSV: what each app brought in each month, and what recurs of it."""

import csv
from io import StringIO

import structlog
from starlette.responses import Response

from payment_service.kit.csv_cells import safe_cell
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS
from payment_service.model.overview import Overview, overview
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.overview.chosen import chosen_of

log = structlog.get_logger()
MARK = "\ufeff"
"""Without it Excel reads names as if they were in its own old encoding."""
COLUMNS = ("month", "app_id", "app", "revenue", "monthly_recurring_revenue")


async def export_months(ask: Ask) -> Response:
    log.info("overview_exported", admin=ask.admin.id)
    shown = await ask.read(_overview, ask)
    out = StringIO(MARK)
    out.seek(len(MARK))
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    for place, month in enumerate(shown.months):
        for app in shown.apps:
            told = app.figures.revenue[place], app.figures.monthly_before[place]
            cells = (f"{month:%Y-%m}", app.app_id, app.name, *told)
            lines.writerow([safe_cell(cell) for cell in cells])
    return Response(
        out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="overview-{ask.now:%Y-%m}.csv"'},
    )


def _overview(tx: Transaction, ask: Ask) -> Overview:
    chosen = chosen_of(ask, tx.all(APPS))
    return overview(tx, chosen.mode, ask.now, chosen.app_id)
