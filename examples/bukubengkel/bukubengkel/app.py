"""Puts the app together: routes, what each refusal looks like, what lives as long as the app."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bukubengkel import choosing, paying, welcome, workshop
from bukubengkel.billing import Billing, Refused, Unreachable
from bukubengkel.guard import add_headers
from bukubengkel.pages import page
from bukubengkel.settings import Settings
from bukubengkel.shop import Shop, SignedOut
from bukubengkel.store import Store
from bukubengkel.webhooks import hear_payment_service

log = logging.getLogger("bukubengkel")

ROUTES = [
    Route("/", welcome.show_landing),
    Route("/sign-up", welcome.show_sign_up),
    Route("/sign-up", welcome.sign_up, methods=["POST"]),
    Route("/sign-out", welcome.sign_out, methods=["POST"]),
    Route("/plans", choosing.show_plans),
    Route("/subscribe", choosing.subscribe, methods=["POST"]),
    Route("/pay", paying.show_code),
    Route("/pay/code", paying.ask_for_code, methods=["POST"]),
    Route("/pay/check", paying.ask_whether_paid, methods=["POST"]),
    Route("/pay/qr.svg", paying.draw_svg),
    Route("/pay/qr.png", paying.draw_png),
    Route("/status", paying.tell_status),
    Route("/workshop", workshop.show_workshop),
    Route("/workshop/jobs", workshop.add_job, methods=["POST"]),
    Route("/webhooks/payment-service", hear_payment_service, methods=["POST"]),
    Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
]


class State(TypedDict):
    shop: Shop


def create_app(settings: Settings, store: Store, now: Callable[[], datetime]) -> Starlette:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        billing = Billing(settings.service_url, settings.api_key, settings.return_url)
        log.info("BukuBengkel: http://localhost:%s", settings.port)
        try:
            yield {"shop": Shop(settings, store, billing, now)}
        finally:
            await billing.close()
            store.close()

    return Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=add_headers)],
        exception_handlers={
            SignedOut: _send_to_sign_up,
            Unreachable: _say_try_again,
            Refused: _say_refused,
            HTTPException: _say_no,
        },
    )


async def _send_to_sign_up(_request: Request, _problem: Exception) -> Response:
    return RedirectResponse("/sign-up", 303)


async def _say_try_again(request: Request, problem: Exception) -> Response:
    log.warning("Payment Service cannot be reached: %s", problem)
    return page(request, "problem.html", {"kind": "unreachable", "again": _again(request)}, 503)


async def _say_refused(request: Request, problem: Exception) -> Response:
    log.warning("Payment Service refused: %s", problem)
    busy = isinstance(problem, Refused) and problem.status == 429
    kind = "unreachable" if busy else "refused"
    again = _again(request) if busy else None
    return page(request, "problem.html", {"kind": kind, "again": again}, 503 if busy else 409)


async def _say_no(request: Request, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    return page(request, "problem.html", {"kind": status, "again": None}, status)


def _again(request: Request) -> dict[str, object]:
    """The same request as a button: the fields go along, the idempotency key among them."""
    return {
        "method": "post" if request.method == "POST" else "get",
        "path": request.url.path,
        "fields": getattr(request.state, "form", {}),
    }
