"""What a request meets first: its body is read, its place is taken, its time is kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from payment_service.web import visits as bounds
from payment_service.web.limits import RequestLimits
from payment_service.web.visits import Visits, visit_of

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Heard(msgspec.Struct):
    """What was sent back."""

    status: int = 0
    body: bytes = b""

    @property
    def code(self) -> str:
        return str(msgspec.json.decode(self.body)["code"])


async def asks(limits: RequestLimits, path: str = "/x", body: bytes = b"") -> Heard:
    heard = Heard()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            heard.status = message["status"]
        else:
            heard.body += message["body"]

    scope = {
        "type": "http", "scheme": "http", "client": ("127.0.0.1", 1), "path": path,
        "query_string": b"", "headers": [(b"content-length", str(len(body)).encode())],
    }  # fmt: skip
    await limits(scope, receive, send)
    return heard


async def answers(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def limited(app: App, visits: Visits | None = None) -> RequestLimits:
    return RequestLimits(app, visits or Visits(), lambda path: path == "/urgent")


@pytest.fixture
async def visits() -> AsyncIterator[Visits]:
    """With somebody who watches the time."""
    visits = Visits()
    watching = asyncio.create_task(visits.watch())
    yield visits
    watching.cancel()


@pytest.mark.parametrize("code", ["took_too_long", "overloaded"])
async def test_a_browser_at_the_dashboard_is_answered_by_a_page(visits: Visits, code: str) -> None:
    async def hangs(scope: Scope, _: Receive, __: Send) -> None:
        visit_of(scope).ends_at = 0.0
        await asyncio.sleep(60)

    async def has_no_place(*_: object) -> None:
        raise bounds.overloaded()

    app = has_no_place if code == "overloaded" else hangs
    heard = await asks(limited(app, visits), "/dashboard/plans")
    assert heard.status == 503
    assert heard.body.startswith(b"<!doctype html>")
    assert b'lang="id"' in heard.body


async def test_what_takes_too_long_is_answered_and_logged(visits: Visits) -> None:
    async def hangs(scope: Scope, _: Receive, __: Send) -> None:
        visit_of(scope).ends_at = 0.0
        await asyncio.sleep(60)

    with capture_logs() as logs:
        heard = await asks(limited(hangs, visits), "/pay/bh53p49afj33ca92za0ehw93ma/code")
    assert (heard.status, heard.code) == (503, "took_too_long")
    assert [(line["event"], line["path"]) for line in logs] == [
        ("took_too_long", "/pay/bh53…/code")
    ]


async def test_what_hangs_in_the_middle_of_its_answer_is_broken_off(visits: Visits) -> None:
    async def begins(scope: Scope, _: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        visit_of(scope).stays(-1)
        await asyncio.sleep(60)

    heard = await asks(limited(begins, visits))
    assert (heard.status, heard.body) == (200, b"")


async def test_whoever_ends_the_process_ends_the_request(visits: Visits) -> None:
    async def hangs(*_: Any) -> None:
        await asyncio.sleep(60)

    asking = asyncio.create_task(asks(limited(hangs, visits)))
    await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_beyond_its_limit_the_service_says_so_and_lets_the_urgent_through() -> None:
    free = asyncio.Event()

    async def waits(_: Scope, __: Receive, send: Send) -> None:
        await free.wait()
        await answers(send)

    limits = limited(waits)
    ordinary = [asyncio.create_task(asks(limits)) for _ in range(bounds.AT_ONCE - bounds.RESERVED)]
    await asyncio.sleep(0.01)
    refused = await asks(limits)
    assert (refused.status, refused.code) == (503, "overloaded")
    urgent = asyncio.create_task(asks(limits, "/urgent"))
    waiting = asyncio.create_task(asks(limits))
    await asyncio.sleep(0.01)
    free.set()
    heard = await asyncio.gather(*ordinary, urgent, waiting)
    assert {one.status for one in heard} == {200}


async def test_a_body_that_drips_in_takes_no_place() -> None:
    async def at_once(_: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["body"] == b"x" * 10
        await answers(send)

    limits = limited(at_once)
    dripped = asyncio.Event()

    async def drips() -> None:
        pieces = [b"x" * 5, b"x" * 5]

        async def receive() -> Message:
            if len(pieces) == 1:
                await dripped.wait()
            body = pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(pieces)}

        scope = {
            "type": "http", "scheme": "http", "client": None, "path": "/x",
            "query_string": b"", "headers": [(b"transfer-encoding", b"chunked")],
        }  # fmt: skip

        async def send(_: Message) -> None: ...

        await limits(scope, receive, send)

    dripping = [asyncio.create_task(drips()) for _ in range(2 * bounds.AT_ONCE)]
    await asyncio.sleep(0.01)
    assert (await asks(limits, body=b"x" * 10)).status == 200
    dripped.set()
    await asyncio.gather(*dripping)
