"""A way to somebody over which requests pass, and on which one after the other goes wrong."""

import asyncio
import re
import socket
import struct
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, Self

Kind = Literal[
    "refuse", "reset", "stall", "drip", "cut", "lost", "twice", "later", "429", "500", "502",
    "503", "504", "garbage", "endless",
]  # fmt: skip
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]
NOT_PASSED_ON = ("429", "502", "503")
"""These come from in front of the other side, 500 and 504 after it has done its work."""
GARBAGE = (b"<html>Sebentar ya</html>", b'{"id":', b"[]", b"", b'{"status":"completed"}')
GIGABYTE = 1 << 30
PIECE = bytes(1 << 16)
SHUT_SECONDS = 0.2
LONGEST = 20.0
"""Seconds that it holds on to anybody who does not give up."""
CLOSES = b"\r\nConnection: close\r\n\r\n"


class Way:
    """A proxy with a port of its own, to `port_beyond`."""

    def __init__(self, *, grows_requests: bool = False) -> None:
        """With `grows_requests` it is the request that becomes endless, not the reply."""
        self.kinds: deque[Kind] = deque()
        """What becomes of the requests that come next; then they pass."""
        self.fired: Counter[Kind] = Counter()
        self.port_beyond = 0
        self.most_taken = 0
        """Bytes that somebody took of a gigabyte."""
        self._grows_requests = grows_requests
        self._held: list[bytes] = []
        self._door: asyncio.Server | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        # Nobody else is given the port while the way is shut.
        self._keeper = _bound(0)
        self.port: int = self._keeper.getsockname()[1]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._shut()
        self._keeper.close()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def goes_wrong(self, kinds: Iterable[Kind]) -> None:
        self.kinds.extend(kinds)

    async def calms_down(self) -> None:
        """Nothing goes wrong from here on; what was held back arrives."""
        self.kinds.clear()
        if self._door is None:
            await self._open()
        await self._let_go()

    async def _open(self) -> None:
        self._door = await asyncio.start_server(self._meet, sock=_bound(self.port))

    def _shut(self) -> None:
        door, self._door = self._door, None
        if door is not None:
            door.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            async with asyncio.timeout(LONGEST):
                request = await _whole_request(reader)
                await self._pass(request, reader, writer)
        except (OSError, EOFError, TimeoutError):
            _reset(writer)
        finally:
            self._under_way.discard(task)
            writer.close()

    async def _pass(
        self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        kind = self.kinds.popleft() if self.kinds else None
        if kind is None:
            writer.write(await self._beyond(request))
            await self._let_go()
            return
        self.fired[kind] += 1
        match kind:
            case "refuse" | "reset" | "later":
                if kind == "later":
                    self._held.append(request)
                _reset(writer)
                if kind == "refuse" and self._door is not None:
                    self._shut()
                    await asyncio.sleep(SHUT_SECONDS)
                    if self._door is None:
                        await self._open()
            case "stall":
                await reader.read()
            case "drip":
                for byte in await self._beyond(request):
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.05)
            case "cut" | "lost":
                reply = await self._beyond(request)
                if kind == "cut":
                    writer.write(reply[: len(reply) // 2])
                    await writer.drain()
                _reset(writer)
            case "twice":
                first = asyncio.create_task(self._beyond(request))
                writer.write(await self._beyond(request))
                await first
            case "endless":
                await self._endless(request, writer)
            case "garbage":
                await self._beyond(request)
                body = GARBAGE[self.fired.total() % len(GARBAGE)]
                writer.write(_reply("200 OK", body))
            case _:
                if kind not in NOT_PASSED_ON:
                    await self._beyond(request)
                writer.write(_reply(f"{kind} Sebentar", b"sebentar"))

    async def _beyond(self, request: bytes) -> bytes:
        """What the other side answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port_beyond)
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.close()

    async def _let_go(self) -> None:
        """What was held back arrives after what was sent later."""
        held, self._held = self._held, []
        for request in held:
            with suppress(OSError):
                await self._beyond(request)

    async def _endless(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        if not self._grows_requests:
            await self._beyond(request)
            writer.write(_head("200 OK", GIGABYTE))
            await self._pours(writer)
            return
        head = request.partition(b"\r\n\r\n")[0]
        head = re.sub(rb"(?im)^content-length:.*\r\n", b"", head + b"\r\n")
        reader, beyond = await asyncio.open_connection("127.0.0.1", self.port_beyond)
        pouring = asyncio.create_task(self._pours(beyond))
        try:
            beyond.write(head + f"Content-Length: {GIGABYTE}\r\n\r\n".encode())
            with suppress(ConnectionError):
                writer.write(await reader.read())
        finally:
            beyond.close()
            await pouring

    async def _pours(self, writer: asyncio.StreamWriter) -> None:
        taken = 0
        with suppress(OSError):
            while taken < GIGABYTE and not writer.is_closing():
                writer.write(PIECE)
                await writer.drain()
                taken += len(PIECE)
        self.most_taken = max(self.most_taken, taken)


async def _whole_request(reader: asyncio.StreamReader) -> bytes:
    """As it is sent on: the connection beyond is for it alone."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return re.sub(rb"(?im)^connection:.*\r\n", b"", head)[:-4] + CLOSES + body


def _bound(port: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.1", port))
    return one


def _reset(writer: asyncio.StreamWriter) -> None:
    """The other side sees the connection break off, not end."""
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.is_closing():
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _head(status: str, length: int) -> bytes:
    words = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}"
    return words.encode() + CLOSES


def _reply(status: str, body: bytes) -> bytes:
    return _head(status, len(body)) + body
