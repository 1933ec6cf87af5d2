"""The web application: every route of the service in one list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from payment_service import __version__
from payment_service.kit.errors import Refusal
from payment_service.runtime import Runtime
from payment_service.web import health, problems
from payment_service.web.api import invoices, plans, subscriptions
from payment_service.web.limits import RequestLimits
from payment_service.web.notices import Verifying, pakasir_notice
from payment_service.web.pages import pay
from payment_service.web.pages.files import static_file
from payment_service.web.simulated import simulated_pages


def web_app(runtime: Runtime) -> FastAPI:
    """The application around a runtime; it closes nothing but what it opened."""
    stopping = asyncio.Event()
    verifying = Verifying()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await verifying.finish()

    app = FastAPI(
        title="Payment Service",
        version=__version__,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[Middleware(RequestLimits)],
        exception_handlers={
            Refusal: problems.answer_refusal,
            RequestValidationError: problems.answer_invalid_body,
            HTTPException: problems.answer_http,
            Exception: problems.answer_failure,
        },
        routes=[
            Route("/gateway/pakasir/{app_id}", pakasir_notice, methods=["POST"]),
            Route("/healthz/live", health.live),
            Route("/healthz/ready", health.ready),
            Route("/pay/{token}", pay.show_page),
            Route("/pay/{token}/status", pay.status),
            Route("/pay/{token}/code", pay.ask_for_code, methods=["POST"]),
            Route("/pay/{token}/check", pay.check, methods=["POST"]),
            Route("/pay/{token}/qr.{format:str}", pay.picture),
            *simulated_pages(runtime, verifying),
            Route("/static/{name}", static_file),
        ],
    )
    app.state.runtime = runtime
    app.state.verifying = verifying
    app.state.stopping = stopping
    app.state.streams = set()
    for router in (plans.router, subscriptions.router, invoices.router):
        app.include_router(router)
    return app
