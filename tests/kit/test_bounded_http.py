"""What a connection may send, and for how long: bytes on a socket, to a server that counts them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import pytest
from structlog.testing import capture_logs

from payment_service.kit import serving
from payment_service.kit.bounded_http import HEAD_BYTES, REQUEST_BYTES
from payment_service.kit.clock import monotonic
from payment_service.kit.door import listening
from payment_service.kit.serving import CROWDED_PATIENCE, serve_until_stopped

PATIENCE = 1.0
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


class Served(NamedTuple):
    port: int
    seen: list[str]
    """Paths of the requests that the application was asked."""
    serving: "asyncio.Task[None]"
    callers: "list[Caller]"

    async def connect(self) -> "Caller":
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.port))
        self.callers.append(caller)
        return caller


class Caller(NamedTuple):
    """Somebody with a socket."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def sends(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self, seconds: float = 5) -> bytes:
        """All that comes until the server closes the connection."""
        async with asyncio.timeout(seconds):
            heard = b""
            with suppress(ConnectionError):
                while more := await self.reader.read(65_536):
                    heard += more
            return heard

    async def floods(self, piece: bytes, most: int) -> int:
        """How many bytes were taken before the server closed the connection."""
        sent = 0
        with suppress(ConnectionError):
            while sent < most and not self.writer.is_closing() and not self.reader.at_eof():
                await self.sends(piece)
                sent += len(piece)
                await asyncio.sleep(0)
        return sent


@asynccontextmanager
async def served(
    patience: float = PATIENCE,
    takes: float = 0.0,
    *,
    has_pages: bool = False,
    most: int | None = None,
) -> AsyncIterator[Served]:
    """An application that answers with the length of the body, after so many seconds; one that
    `has_pages` tells in its own way what the server refuses."""
    seen: list[str] = []
    callers: list[Caller] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            length += len(message["body"])
            if not message["more_body"]:
                break
        await asyncio.sleep(takes)
        told = str(length).encode()
        headers = [(b"content-length", str(len(told)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    def refusal_page(path: str, headers: Any, body: bytes) -> Any:
        told = f"{path} {dict(headers).get(b'x', b'').decode()} {len(body)}"
        return ({"content-type": "text/html"}, told.encode()) if path != "/" else None

    if has_pages:
        app.refusal_page = refusal_page  # type: ignore[attr-defined]
    with listening("127.0.0.1", 0) as door:
        under_way = asyncio.create_task(
            serve_until_stopped(
                app,
                door,
                lifespan="off",
                patience=patience,
                most=most,
                timeout_graceful_shutdown=5,
            )
        )
        try:
            yield Served(door.getsockname()[1], seen, under_way, callers)
        finally:
            for caller in callers:
                caller.writer.close()
                with suppress(ConnectionError):
                    await caller.writer.wait_closed()
            under_way.cancel()
            with suppress(asyncio.CancelledError):
                await under_way


def status(heard: bytes) -> int:
    return int(heard[9:12])


async def test_a_head_without_end_is_refused_and_not_kept() -> None:
    async with served() as server:
        for piece in (b"x" * 1024, b"X-A: y\r\n" * 128):
            caller = await server.connect()
            with capture_logs() as logs:
                await caller.sends(GET)
                # What is on its way when the server closes is in the kernel's buffers.
                assert await caller.floods(piece, 64 * 2**20) < 16 * 2**20
                with suppress(ConnectionError):
                    heard = await caller.hears()
            assert heard == b"" or status(heard) == 431
            assert {line["why"] for line in logs} <= {"large_head"}
        assert server.seen == []


async def test_a_head_of_32_kib_is_read_and_a_byte_more_is_not() -> None:
    async with served() as server:
        lines = b"".join(b"X-%02d: %s\r\n" % (number, b"y" * 1000) for number in range(32))
        room = HEAD_BYTES - len(b"/") - len(b"Hostx") - 4 - 32 * (1000 + len("X-00") + 4)
        for extra, expected in ((0, 200), (1, 431)):
            fill = b"Z: " + b"z" * (room - len(b"Z") - 4 + extra) + b"\r\n"
            caller = await server.connect()
            await caller.sends(GET + lines + fill + b"\r\n")
            if expected == 200:
                head = await caller.reader.readuntil(b"\r\n\r\n")
                assert status(head) == 200
            else:
                heard = await caller.hears()
                assert status(heard) == 431
                assert b"application/problem+json" in heard
                assert b'"code":"headers_too_large"' in heard
        assert server.seen == ["/"]


async def test_a_head_that_does_not_end_in_time_is_refused() -> None:
    async with served() as server:
        caller = await server.connect()
        began = monotonic()
        dripping = asyncio.create_task(drips(caller, GET + b"X-Slow: "))
        heard = await caller.hears()
        dripping.cancel()
        assert status(heard) == 408
        assert b'"code":"request_timeout"' in heard
        assert PATIENCE <= monotonic() - began < PATIENCE + 10
        assert server.seen == []


async def drips(caller: Caller, first: bytes) -> None:
    await caller.sends(first)
    with suppress(ConnectionError):
        while True:
            await caller.sends(b"x")
            await asyncio.sleep(0.05)


async def test_an_application_may_tell_in_its_own_way_what_is_refused() -> None:
    async with served(has_pages=True) as server:
        caller = await server.connect()
        await caller.sends(b"GET /a?b HTTP/1.1\r\nX: c\r\nY: ")
        heard = await caller.hears()
        assert status(heard) == 408
        assert b"content-type: text/html\r\n" in heard
        assert b"\r\n\r\n/a c 1" in heard
        other = await server.connect()
        await other.sends(GET)
        assert b"application/problem+json" in await other.hears()


async def test_a_body_that_does_not_end_in_time_is_refused() -> None:
    async with served() as server:
        for head in (
            b"Content-Length: 60000\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\nffff\r\n",
        ):
            caller = await server.connect()
            with capture_logs() as logs:
                dripping = asyncio.create_task(drips(caller, b"POST" + GET[3:] + head))
                heard = await caller.hears()
                dripping.cancel()
            assert status(heard) == 408
            assert heard.count(b"HTTP/1.1") == 1
            assert [line for line in logs if line["event"] != "request_cut"] == []


async def test_what_is_not_http_is_told_so() -> None:
    async with served() as server:
        caller = await server.connect()
        await caller.sends(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")
        heard = await caller.hears()
        assert status(heard) == 400
        assert b'"code":"http_error"' in heard


async def test_who_says_nothing_is_let_go() -> None:
    async with served() as server:
        for said in (b"", b"\r\n"):
            caller = await server.connect()
            await caller.sends(said)
            assert await caller.hears() == b""
        again = await server.connect()
        await again.sends(GET + b"\r\n")
        await again.reader.readuntil(b"\r\n\r\n0")
        await again.sends(b"\r\n")  # an empty line stops the clock for idle connections
        await again.hears(PATIENCE + 3)


async def test_a_body_that_goes_on_after_it_was_refused_is_not_read_for_ever() -> None:
    async with served(patience=60) as server:
        for head in (b"Content-Length: 99999999\r\n\r\n", CHUNKED):
            caller = await server.connect()
            await caller.sends(b"POST" + GET[3:] + head)
            piece = b"400\r\n" + b"x" * 1024 + b"\r\n"
            assert await caller.floods(piece, 64 * REQUEST_BYTES) < 32 * REQUEST_BYTES


async def test_a_request_that_takes_long_to_answer_is_not_cut() -> None:
    async with served(patience=0.3, takes=1.5) as server:
        caller = await server.connect()
        await caller.sends(b"POST" + GET[3:] + b"Content-Length: 3\r\n\r\nabc" + GET)
        head = await caller.reader.readuntil(b"\r\n\r\n3")
        assert status(head) == 200
        assert status(await caller.hears()) == 408  # the second one, whose head never ended


async def test_requests_in_one_piece_are_answered_in_turn() -> None:
    async with served() as server:
        caller = await server.connect()
        count = 2000
        await caller.sends((GET + b"\r\n") * count)
        for _ in range(count):
            assert status(await caller.reader.readuntil(b"\r\n\r\n0")) == 200
        assert len(server.seen) == count


@pytest.mark.parametrize("sent", [GET, b"POST" + GET[3:] + b"Content-Length: 10\r\n\r\nabc"])
async def test_what_is_still_half_sent_when_the_server_stops_is_told_so(
    sent: bytes,
) -> None:
    async with served(patience=60) as server:
        caller = await server.connect()
        await caller.sends(sent)
        await asyncio.sleep(0.1)
        began = monotonic()
        server.serving.cancel()
        heard = await caller.hears()
        assert status(heard) == 503
        assert b'"code":"shutting_down"' in heard
        with suppress(asyncio.CancelledError):
            await server.serving
        assert monotonic() - began < 10


async def test_a_request_under_way_when_the_server_stops_is_answered() -> None:
    async with served(takes=0.5) as server:
        caller = await server.connect()
        await caller.sends(b"POST" + GET[3:] + b"Content-Length: 3\r\n\r\nabc")
        await asyncio.sleep(0.1)
        server.serving.cancel()
        assert (await caller.hears()).endswith(b"\r\n\r\n3")


@pytest.mark.parametrize("has_asked", [False, True])
async def test_a_request_on_its_way_when_the_server_stops_is_answered_as_the_last(
    has_asked: bool,
) -> None:
    async with served() as server:
        caller = await server.connect()
        if has_asked:
            await caller.sends(GET + b"\r\n")
            await caller.reader.readuntil(b"\r\n\r\n0")
        await asyncio.sleep(0.1)
        server.serving.cancel()
        await asyncio.sleep(0.1)
        await caller.sends(GET + b"\r\n")
        heard = await caller.hears()
        assert status(heard) == 200
        assert b"connection: close" in heard


async def test_half_a_request_when_the_server_stops_has_time_for_its_other_half() -> None:
    async with served(patience=60) as server:
        caller = await server.connect()
        await caller.sends(b"POST" + GET[3:] + b"Content-Length: 3\r\n\r\n")
        await asyncio.sleep(0.1)
        server.serving.cancel()
        await asyncio.sleep(0.1)
        await caller.sends(b"abc")
        assert (await caller.hears()).endswith(b"\r\n\r\n3")


async def test_who_says_nothing_does_not_hold_up_the_end() -> None:
    async with served(patience=60) as server:
        caller = await server.connect()
        await asyncio.sleep(0.1)
        began = monotonic()
        server.serving.cancel()
        assert await caller.hears() == b""
        with suppress(asyncio.CancelledError):
            await server.serving
        assert monotonic() - began < 10


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, serving.new_loop])
def test_whom_the_kernel_has_let_in_when_the_door_closes_is_answered(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(come_until_the_door_closes())


async def come_until_the_door_closes() -> None:
    """In each turn of the loop one more, who asks at once."""
    async with served() as server:
        let_in: list[socket.socket] = []

        async def come() -> None:
            with suppress(ConnectionRefusedError):
                while True:
                    one = socket.create_connection(("127.0.0.1", server.port), timeout=5)
                    let_in.append(one)
                    one.sendall(GET + b"\r\n")
                    await asyncio.sleep(0)

        coming = asyncio.create_task(come())
        await asyncio.sleep(0.02)
        server.serving.cancel()
        await coming
        with suppress(asyncio.CancelledError):
            await server.serving
        for one in let_in:
            with one:
                assert one.recv(12) == b"HTTP/1.1 200"
    assert let_in


async def test_who_says_nothing_on_every_connection_that_there_is_locks_nobody_out() -> None:
    async with served(patience=60, most=8) as server:
        silent = [await server.connect() for _ in range(20)]
        await silent[0].sends(b"GET / HTTP/1.1\r\nX-Slow: ")
        began = monotonic()
        caller = await server.connect()
        await caller.sends(GET + b"Connection: close\r\n\r\n")
        assert status(await caller.hears(20)) == 200
        assert monotonic() - began < 4 * (CROWDED_PATIENCE + 1)
        assert status(await silent[0].hears(1)) == 408


async def test_where_few_connections_stand_a_slow_one_has_its_time() -> None:
    async with served(patience=60, most=8) as server:
        slow, _ = await server.connect(), await server.connect()
        await slow.sends(b"GET / HTTP/1.1\r\n")
        await asyncio.sleep(2 * CROWDED_PATIENCE)
        await slow.sends(b"Host: x\r\nConnection: close\r\n\r\n")
        assert status(await slow.hears()) == 200
