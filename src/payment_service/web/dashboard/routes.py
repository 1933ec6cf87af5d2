"""The one table of the dashboard: every address, who may ask for it, and what answers."""

from collections.abc import Mapping

from starlette.routing import compile_path

from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.rows import (
    account,
    admins,
    apps,
    customers,
    invoices,
    overview,
    plans,
    settings,
    signing_in,
    subscriptions,
    webhooks,
)

ROUTES: tuple[Guard, ...] = (
    *signing_in.ROWS,
    *account.ROWS,
    *overview.ROWS,
    *subscriptions.ROWS,
    *customers.ROWS,
    *invoices.ROWS,
    *plans.ROWS,
    *webhooks.ROWS,
    *apps.ROWS,
    *admins.ROWS,
    *settings.ROWS,
)


def rows_that_show(guard: Guard) -> list[Guard]:
    """Those of the page on which the form stands that is sent to this address."""
    return [known for known in ROUTES if known.method == "GET" and known.handler == guard.page]


def page_of(guard: Guard, params: Mapping[str, str]) -> str:
    """Where the form stands that is sent to this address."""
    shown_by = min(rows_that_show(guard), key=lambda known: known.path != guard.path)
    _, pattern, _ = compile_path(PREFIX + shown_by.path)
    return pattern.format(**params)
