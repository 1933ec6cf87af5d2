"""What a worker without a `serve` answers: whether it lives, and its metrics."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import Route

from payment_service.runtime import Runtime
from payment_service.web import health, problems
from payment_service.web.metrics import metrics


def worker_app(runtime: Runtime, stopping: asyncio.Event) -> Starlette:
    routes = [
        Route("/healthz/live", health.live),
        Route("/healthz/ready", health.ready),
        Route("/metrics", metrics),
    ]
    app = Starlette(routes=routes, exception_handlers=problems.HANDLERS)
    app.state.runtime = runtime
    app.state.stopping = stopping
    app.state.proof = health.Proof()
    app.state.places = problems.places_of(routes)
    return app
