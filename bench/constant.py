"""Servers that give every request the same answer: `python -m bench.constant STATUS BYTES …`.

For each pair one is Starlette on the HTTP server and the event loop that the service runs on, and
one is bare wire: it parses nothing and answers whatever arrives, so that what is left is the
loopback and the client. Their ports are printed as one JSON line.
"""

import asyncio
import socket
import sys
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payment_service.kit.collector import spare_what_is_here
from payment_service.kit.serving import run, serve_until_stopped


class Wire(asyncio.Protocol):
    """One connection. A client that waits for its answer sends a request in one piece."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, _: bytes) -> None:
        self._transport.write(self._answer)


def http(status: int, size: int) -> Starlette:
    body = b"x" * size

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(body, status, media_type="application/json")

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


async def wire(door: socket.socket, status: int, size: int) -> None:
    answer = b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%b" % (status, size, b"x" * size)
    await asyncio.get_running_loop().create_server(lambda: Wire(answer), sock=door)


async def serve(answers: list[tuple[int, int]]) -> None:
    ports, serving = [], []
    for status, size in answers:
        # They stay open until the process is killed.
        doors = [socket.create_server(("127.0.0.1", 0)) for _ in ("http", "wire")]
        ports.append([door.getsockname()[1] for door in doors])
        serving.append(serve_until_stopped(http(status, size), doors[0], lifespan="off"))
        await wire(doors[1], status, size)
    spare_what_is_here()
    sys.stdout.write(msgspec.json.encode(ports).decode() + "\n")
    sys.stdout.flush()
    await asyncio.gather(*serving)


if __name__ == "__main__":
    numbers = list(map(int, sys.argv[1:]))
    if not numbers or len(numbers) % 2:
        sys.exit(__doc__)
    run(serve(list(zip(numbers[::2], numbers[1::2], strict=True))))
