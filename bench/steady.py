"""A steady load: so many requests a second, each counted from the moment at which it was due."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from bench.connection import Connection, post
from bench.served import Served
from payment_service.kit.clock import monotonic

CONNECTIONS = 16
Play = Callable[[Connection, int], Awaitable[None]]
IsOver = Callable[[int, float], bool]
"""Whether the load ends before the request at that place, due at that moment."""


class Sample(NamedTuple):
    """When a request was due, and how long after that it was answered."""

    due: float
    took: float


class Load(NamedTuple):
    """A server that falls behind cannot hide it: what waits is counted as waiting."""

    rate: int
    """A second."""
    play: Play
    samples: list[Sample]


async def keep_up(served: Served, load: Load, is_over: IsOver) -> None:
    """Each connection plays its share, one after the other, at the moments when they are due."""
    loop = asyncio.get_running_loop()
    begun = monotonic() + 0.05

    async def one(place: int) -> None:
        _, connection = await loop.create_connection(Connection, served.host, served.port)
        while not is_over(place, due := begun + place / load.rate):
            await asyncio.sleep(max(0.0, due - monotonic()))
            if is_over(place, due):  # it may have become so since
                break
            await load.play(connection, place)
            load.samples.append(Sample(due, monotonic() - due))
            place += CONNECTIONS
        connection.close()

    await asyncio.gather(*(one(first) for first in range(CONNECTIONS)))


async def expect(wanted: int, connection: Connection, request: bytes) -> bytes:
    """The answer's body. Raises RuntimeError when the answer is another."""
    status, body = await connection.ask(request)
    if status != wanted:
        raise RuntimeError(f"the server answered {status}, not {wanted}: {body!r}")
    return body


def subscribing(api_key: str, name: str, plan: str) -> Play:
    """Tenants of that name, each new: a customer, a subscription and its first invoice, two events
    and their deliveries."""
    key = {"Authorization": f"Bearer {api_key}"}

    async def play(connection: Connection, place: int) -> None:
        body = {"customer": {"reference": f"{name}-{place}", "name": "Bengkel"}, "plan": plan}
        await expect(201, connection, post("/v1/subscriptions", key, body))

    return play
