"""What is counted of each request: its route, its status, and how long it took."""

from collections.abc import Callable, Iterable
from typing import Any

from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from payment_service.kit.metrics import Count, Histogram

REQUESTS = Count("requests_total", "Requests, by route and status.", "route", "status")
REQUEST_SECONDS = Histogram(
    "request_seconds",
    "Seconds from a request's head to the end of its answer; streams that stay open do not count.",
    "kind",
)
KINDS = {
    "v1": "api",
    "gateway": "notice",
    "pay": "pay",
    "dashboard": "dashboard",
    "healthz": "health",
    "metrics": "health",
}
NOWHERE = "none"
"""The route of what leads to none: addresses that people make up must not become series."""
GONE = "gone"
"""The status of what was not answered, because nobody was there any more."""
_names: dict[Callable[..., Any], str] = {}


def name_routes(routes: Iterable[BaseRoute]) -> None:
    """Requests are known by what answers them."""
    for route in routes:
        if isinstance(route, Route):
            methods = sorted((route.methods or {"GET"}) - {"HEAD"})
            _names.setdefault(route.endpoint, f"{methods[0]} {route.path}")


def measure(scope: Scope, status: int | None, seconds: float, *, stayed: bool) -> None:
    route = _names.get(scope.get("endpoint"), NOWHERE)  # type: ignore[arg-type]  # None is in none
    REQUESTS.add(route, GONE if status is None else str(status))
    if not stayed:
        path = scope["path"]
        REQUEST_SECONDS.observe(seconds, KINDS.get(path[1 : path.find("/", 1)], "other"))
