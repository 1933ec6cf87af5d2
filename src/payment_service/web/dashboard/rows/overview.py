"""How it stands: the first page, what needs somebody, what tonight will do, the search."""

from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.overview import (
    attention,
    monthly_csv,
    search,
    show_overview,
    tonight,
)

ROWS: tuple[Guard, ...] = (
    Guard("GET", "", "viewer", show_overview.show_overview),
    Guard("GET", "/overview.csv", "finance", monthly_csv.show_export, True),
    Guard(
        "POST", "/overview.csv", "finance", monthly_csv.export_months, True,
        monthly_csv.show_export,
    ),
    Guard("GET", "/tonight", "viewer", tonight.show_tonight),
    Guard("GET", "/search", "viewer", search.show_search),
    Guard("GET", "/attention", "viewer", attention.show_attention),
    Guard(
        "POST", "/alerts/{id}/see", "finance", attention.mark_seen, page=attention.show_attention
    ),
    Guard(
        "POST", "/alerts/{id}/clear", "finance", attention.mark_dealt_with,
        page=attention.show_attention,
    ),
    Guard(
        "POST", "/runs/{id}/release", "finance", attention.let_run, True, attention.show_attention
    ),
)  # fmt: skip
