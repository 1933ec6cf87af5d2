"""The web application: every route of the service in one list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from payment_service.runtime import Runtime
from payment_service.web import health, problems, well_known
from payment_service.web.api import (
    app as the_app,
)
from payment_service.web.api import (
    charges,
    credit,
    customers,
    deliveries,
    events,
    invoices,
    keys,
    money_of_invoices,
    passes,
    payments,
    plans,
    subscription_deeds,
    subscriptions,
    test_clock,
    webhook_endpoints,
)
from payment_service.web.api.by_noun import ByNoun
from payment_service.web.arrivals import Arrivals
from payment_service.web.dashboard.door import Dashboard, is_for_it
from payment_service.web.key_limits import KeyLimits
from payment_service.web.limits import NOTICE_BYTES, RequestLimits
from payment_service.web.measured import name_routes
from payment_service.web.metrics import metrics
from payment_service.web.money_checks import MoneyChecks
from payment_service.web.notices import Verifying, pakasir_notice
from payment_service.web.pages import pay, pay_history, pay_pictures, receipt
from payment_service.web.pages.brand_files import brand_logo, brand_sheet
from payment_service.web.pages.files import static_file
from payment_service.web.pages.press import Press
from payment_service.web.plain_page import refusal_page
from payment_service.web.reference import served
from payment_service.web.simulated import simulated_pages
from payment_service.web.streams import Streams
from payment_service.web.visits import Visits

GROUPS = (
    plans, customers, credit, subscriptions, subscription_deeds, passes, invoices,
    money_of_invoices, charges, payments, events, webhook_endpoints, deliveries, the_app, keys,
    test_clock,
)  # fmt: skip
"""Of the API."""


class Application(Starlette):
    """The application. HEAD in the API is GET without the body, which the server leaves out.
    Notices and the dashboard are applications of their own."""

    notices: Starlette
    dashboard: Dashboard
    refusal_page = staticmethod(refusal_page)
    """What the server itself refuses is told to browsers by it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.startswith("/gateway/"):
            await self.notices(scope, receive, send)
            return
        if scope["type"] == "http" and is_for_it(path):
            await self.dashboard(scope, receive, send)
            return
        if scope.get("method") == "HEAD" and path.startswith("/v1/"):
            scope = {**scope, "method": "GET"}
        await super().__call__(scope, receive, send)


def _is_urgent(path: str) -> bool:
    """What must get through when all else is at its limits."""
    return path.startswith(("/healthz/", "/metrics")) or (
        path.startswith("/v1/keys/") and path.endswith("/revoke")
    )


def web_app(runtime: Runtime) -> Application:
    """The application around a runtime; it closes nothing but what it opened."""
    stopping = asyncio.Event()
    verifying = Verifying()
    advances = test_clock.Advances()
    arrivals = Arrivals(runtime, stopping)
    visits = Visits()
    press, money_checks = Press(), MoneyChecks()
    of_the_api = [route for group in GROUPS for route in group.router.routes]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(visits.watch())
        yield
        watching.cancel()
        await advances.stop()
        await money_checks.stop()
        press.close()
        await arrivals.stop()
        await verifying.finish()

    app = Application(
        lifespan=lifespan,
        middleware=[Middleware(RequestLimits, visits=visits, is_urgent=_is_urgent)],
        exception_handlers=problems.HANDLERS,
        routes=[
            ByNoun(of_the_api),
            Route(well_known.KEYS_PATH, well_known.signing_keys),
            Route("/healthz/live", health.live),
            Route("/healthz/ready", health.ready),
            Route("/metrics", metrics),
            Route("/pay/{token}", pay.show_page),
            Route("/pay/{token}/status", pay.status),
            Route("/pay/{token}/code", pay.ask_for_code, methods=["POST"]),
            Route("/pay/{token}/check", pay.check, methods=["POST"]),
            Route("/pay/{token}/qr.{format:str}", pay_pictures.code_picture),
            Route("/pay/{token}/history", pay_history.show_history),
            Route("/pay/{token}/picture.png", pay_pictures.slip_picture),
            Route("/pay/{token}/receipt", receipt.show_receipt),
            Route("/pay/{token}/receipt.pdf", receipt.receipt_pdf),
            *simulated_pages(runtime, verifying),
            Route("/static/{name}", static_file),
            Route("/brand/{color}.css", brand_sheet),
            Route("/brand/{name}.webp", brand_logo),
            Route("/v1/openapi.json", served.openapi),
            Route(served.DOCS, served.docs),
            Route(served.DOCS + "/{slug}", served.docs),
            *of_the_api,
        ],
    )
    app.router.redirect_slashes = False
    app.state.runtime = runtime
    app.state.reference = served.Reference(app.routes, runtime.links.base_url)
    app.state.verifying = verifying
    app.state.advances = advances
    app.state.press = press
    app.state.money_checks = money_checks
    app.state.exporting = set()
    app.state.arrivals = arrivals
    app.state.stopping = stopping
    app.state.answering = set()
    app.state.key_limits = KeyLimits()
    app.state.streams = Streams(stopping)
    app.state.proof = health.Proof()
    app.notices = Starlette(
        middleware=[
            Middleware(
                RequestLimits, visits=visits, is_urgent=lambda _: True, body_bytes=NOTICE_BYTES
            )
        ],
        exception_handlers=problems.HANDLERS,
        routes=[Route("/gateway/pakasir/{app_id}", pakasir_notice, methods=["POST"])],
    )
    app.notices.router.redirect_slashes = False
    app.notices.state = app.state
    app.dashboard = Dashboard(app.state, visits)
    routes = [*app.routes, *app.notices.routes]
    name_routes(routes)
    app.state.places = problems.places_of(routes)
    return app
