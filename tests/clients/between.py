"""What stands between client and service: a proxy that cuts answers, and a scripted server."""

from asyncio import Event, get_running_loop, sleep
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import aiohttp
from aiohttp import web

from tests.hearing import hearing


class Asked(NamedTuple):
    """A request as it came, and when, in seconds."""

    method: str
    path: str
    key: str | None
    body: bytes
    at: float


class Proxy:
    """Passes requests on. It drops the next `cuts` answers, after the service has given them."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self.cuts = 0
        self.statuses: list[int] = []
        self.replayed: list[bool] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name: told for name, told in request.headers.items() if name != "Host"}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as http,
            http.request(
                request.method,
                self._origin + request.path_qs,
                headers=headers,
                data=await request.read(),
            ) as answer,
        ):
            body = await answer.read()
            self.statuses.append(answer.status)
            self.replayed.append("Idempotent-Replayed" in answer.headers)
            if self.cuts:
                self.cuts -= 1
                assert request.transport is not None
                request.transport.abort()
            return web.Response(
                body=body,
                status=answer.status,
                content_type=answer.content_type if body else None,
            )


class Script:
    """Answers one after the other, the last of them for ever; a bare float waits so long first."""

    def __init__(self, answers: Sequence[web.Response | bytes | float]) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.is_asked = Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        key = request.headers.get("Idempotency-Key")
        now = get_running_loop().time()
        self.asked.append(Asked(request.method, request.path_qs, key, await request.read(), now))
        self.is_asked.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, float):
            await sleep(answer)
            return web.Response(status=500)
        if isinstance(answer, bytes):  # drop by drop, without end
            drops = web.StreamResponse()
            await drops.prepare(request)
            with suppress(ConnectionResetError):  # whoever asked has had enough
                while True:
                    await drops.write(answer)
                    await sleep(0.05)
            return drops
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))


@asynccontextmanager
async def listening(party: Proxy | Script, port: int = 0) -> AsyncIterator[str]:
    """Its origin."""
    async with hearing(party.handle, port) as heard_at:
        yield f"http://127.0.0.1:{heard_at}"


def refused(status: int, code: str, **headers: str) -> web.Response:
    """A problem as the service tells it; `Retry_After` becomes a header."""
    told = {name.replace("_", "-"): text for name, text in headers.items()}
    return web.json_response(
        {"status": status, "code": code, "detail": "Not now.", "id": "sub_1"},
        status=status,
        headers=told,
    )
