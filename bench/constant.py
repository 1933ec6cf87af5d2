"""A server that gives every request the same answer: `python -m bench.constant KIND STATUS BYTES`.

`http` is Starlette on the HTTP server and the event loop that the service runs on; `wire` parses
nothing and answers whatever arrives, so that what is left is the loopback and the client. It prints
its port.
"""

import asyncio
import sys
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payment_service.kit.collector import spare_what_is_here
from payment_service.kit.serving import listening, run, serve_until_stopped


class Wire(asyncio.Protocol):
    """One connection. A client that waits for its answer sends a request in one piece."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, _: bytes) -> None:
        self._transport.write(self._answer)


async def serve_wire(status: int, body: bytes) -> None:
    answer = b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Wire(answer), "127.0.0.1", 0)
    _tell(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


async def serve_http(status: int, body: bytes) -> None:
    async def answer(request: Request) -> Response:
        await request.body()
        return Response(body, status, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    with listening("127.0.0.1", 0) as door:
        _tell(door.getsockname()[1])
        spare_what_is_here()
        await serve_until_stopped(app, door, lifespan="off")


def _tell(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("http", "wire"):
        sys.exit(__doc__)
    serve = serve_http if sys.argv[1] == "http" else serve_wire
    run(serve(int(sys.argv[2]), b"x" * int(sys.argv[3])))
