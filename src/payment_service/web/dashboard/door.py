"""The way into `/dashboard`, which is loaded with the first request for it."""

import asyncio
from importlib import import_module
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from payment_service.web.visits import Visits

PREFIX = "/dashboard"


class Dashboard:
    """A process that only bills never holds the pages, nor the libraries behind them."""

    def __init__(self, state: Any, visits: Visits) -> None:
        self._state = state
        self._visits = visits
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            # In a thread: a quarter of a second, in which payments go on.
            module = await asyncio.to_thread(import_module, "payment_service.web.dashboard.guard")
            self._app = module.guarded(self._state, self._visits)
        await self._app(scope, receive, send)


def is_for_it(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")
