"""A stage: the pay page served as a running service would, in the state that a test puts it in."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import msgspec
import pytest
import uvicorn
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from payment_service.web.pages.brand import sheet
from payment_service.web.pages.pay_view import PayView
from payment_service.web.pages.qr import qr_svg
from payment_service.web.pages.render import STATIC, page, page_headers
from payment_service.web.pages.slip import slip_of, slip_png
from tests.browsers import chromium
from tests.web.pages.pay_views import PAYLOAD, WAITING, view_of


class Stage:
    """One pay page. What a test sets here is what the browser is told."""

    def __init__(self) -> None:
        self.address = ""
        self.view: PayView = WAITING
        self.after_post: PayView | None = None
        self.streaming = True
        self.mute = False
        self.closing = False
        self.rolled = False
        self.lands_at = "/pay/t"
        self.slow_post = 0.0
        self.slow_page = 0.0
        self.shown = 0
        self.posts: list[str] = []

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/pay/t", self.show),
                Route("/pay/t/status", self.status),
                Route("/pay/t/{deed:str}", self.post, methods=["POST"]),
                Route("/pay/t/qr.svg", self.svg),
                Route("/pay/t/picture.png", self.png),
                Route("/brand/{color}.css", self.colors),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    async def show(self, request: Request) -> Response:
        if self.rolled:
            return self.nowhere()
        self.shown += 1
        if "checking" in request.query_params:
            answer = page("pay.html", "id", view=self.after_post)
            return Response(answer, headers=page_headers("id"))
        await asyncio.sleep(self.slow_page)
        language = "en" if request.query_params.get("language") == "en" else self.view.language
        view = msgspec.structs.replace(self.view, language=language)
        return Response(page("pay.html", language, view=view), headers=page_headers(language))

    def nowhere(self) -> Response:
        return Response(page("missing.html", "id"), status_code=404, headers=page_headers("id"))

    async def status(self, request: Request) -> Response:
        if self.rolled:
            return Response(status_code=404)
        if request.headers["accept"] != "text/event-stream":
            return JSONResponse(self.said())
        if not self.streaming:
            return Response(status_code=503)
        return StreamingResponse(self.events(), media_type="text/event-stream")

    async def post(self, request: Request) -> Response:
        if self.rolled:
            return self.nowhere()
        form = (await request.body()).decode()
        await asyncio.sleep(self.slow_post)
        self.posts.append(f"{request.path_params['deed']} {form}".strip())
        if self.lands_at == "/pay/t":
            self.view = self.after_post or self.view
        return RedirectResponse(self.lands_at, status_code=303)

    async def colors(self, request: Request) -> Response:
        return Response(sheet(f"#{request.path_params['color']}"), media_type="text/css")

    async def svg(self, request: Request) -> Response:
        return Response(qr_svg(PAYLOAD), media_type="image/svg+xml")

    async def png(self, request: Request) -> Response:
        return Response(slip_png(slip_of(self.view, PAYLOAD)), media_type="image/png")

    def said(self) -> dict[str, str]:
        return {"state": self.view.state, "version": self.view.version}

    async def events(self) -> AsyncIterator[str]:
        told: dict[str, str] = {}
        while not self.closing:
            if told != self.said() and not self.mute:
                told = self.said()
                yield f"event: state\ndata: {json.dumps(told)}\n\n"
            await asyncio.sleep(0.02)


@contextmanager
def served(stage: Stage) -> Iterator[None]:
    """Serve the stage on a free port of the loopback, in a thread, until the block ends."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    stage.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(stage.app(), log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield
    stage.closing = True
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real Chromium; without one the tests are skipped loudly, or fail where CI asks."""
    with chromium("the pay page") as started:
        yield started


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A page in state waiting, on a server of its own."""
    stage = Stage()
    stage.view = view_of("waiting")
    with served(stage):
        yield stage
