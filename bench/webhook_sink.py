"""A receiver of webhooks in a process of its own: `python -m bench.webhook_sink COUNT HANGING`.

It listens on so many ports of the loopback, prints them as one JSON line, and answers every POST
with 204; on `HANGING` further ports it never answers. `GET /heard` tells what arrived, and when by
the clock that all processes of a machine share; `GET /count` how many messages.
"""

import asyncio
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import uvloop

from payment_service.kit.clock import monotonic

KEPT_EVERY = 500
"""Of so many messages one is kept whole, to be verified."""
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ID = re.compile(rb"\r\nwebhook-id: *(\S+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Message(msgspec.Struct, frozen=True):
    """One that was kept: its port, its head and its body."""

    port: int
    head: str
    body: str


class Heard(msgspec.Struct):
    """Of each event, when it first arrived; how many messages came in all."""

    arrived: dict[str, float]
    messages: int
    kept: list[Message]


HEARD = Heard({}, 0, [])


class Receiver(asyncio.Protocol):
    """One connection, with requests one after another."""

    def __init__(self, port: int, *, hangs: bool) -> None:
        self._port = port
        self._hangs = hangs
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if self._hangs:
            return
        self._left += data
        while (end := self._left.find(b"\r\n\r\n")) >= 0:
            head = self._left[:end]
            if head.startswith(b"GET"):
                self._tell(HEARD.messages if head.startswith(b"GET /count") else HEARD)
                return
            length = LENGTH.search(head)
            whole = end + 4 + int(length[1] if length else 0)
            if len(self._left) < whole:
                return
            body, self._left = self._left[end + 4 : whole], self._left[whole:]
            self._transport.write(ANSWER)
            self._note(head, body)

    def _note(self, head: bytes, body: bytes) -> None:
        found = ID.search(head)
        HEARD.arrived.setdefault(found[1].decode() if found else "", monotonic())
        if HEARD.messages % KEPT_EVERY == 0:
            HEARD.kept.append(Message(self._port, head.decode(), body.decode()))
        HEARD.messages += 1

    def _tell(self, what: Heard | int) -> None:
        told = msgspec.json.encode(what)
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
        self._transport.close()


class Sink(NamedTuple):
    """The receiver's process: ports that answer, and ports that never do."""

    ports: list[int]
    hanging: list[int]

    def heard(self) -> Heard:
        return msgspec.json.decode(self._ask("heard"), type=Heard)

    def messages(self) -> int:
        return int(self._ask("count"))

    def _ask(self, what: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[0]}/{what}") as answer:
            told: bytes = answer.read()
            return told


@contextmanager
def webhook_sink(count: int, hanging: int) -> Iterator[Sink]:
    """Runs for as long as the block does, on the core of whoever starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.webhook_sink", str(count), str(hanging)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ports: list[int] = msgspec.json.decode(process.stdout.readline())
        yield Sink(ports[:count], ports[count:])
    finally:
        process.kill()
        process.communicate()


async def listen(count: int, hanging: int) -> None:
    loop = asyncio.get_running_loop()
    ports: list[int] = []
    for place in range(count + hanging):
        server = await loop.create_server(
            lambda place=place: Receiver(ports[place], hangs=place >= count),  # type: ignore[misc]
            "127.0.0.1",
            0,
            backlog=1024,
        )
        ports.append(int(server.sockets[0].getsockname()[1]))
    sys.stdout.write(msgspec.json.encode(ports).decode() + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(listen(*map(int, sys.argv[1:]))) if len(sys.argv) == 3 else sys.exit(__doc__)
