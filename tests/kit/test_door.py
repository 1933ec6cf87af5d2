"""Letting in who comes: on the event loop of the product, to a listening socket of this machine."""

import asyncio
import os
import resource
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest
from structlog.testing import capture_logs

from payment_service.kit.door import CROWDED_SECONDS, FULL_SECONDS, Door, listening
from payment_service.kit.serving import new_loop

CROWD = 200
TURNS = 5
"""Of the event loop, in which all of a crowd are let in."""


class Guests:
    """Who has come in."""

    def __init__(self) -> None:
        self.count = 0

    def protocol(self) -> asyncio.Protocol:
        self.count += 1
        return asyncio.Protocol()


def played(story: Callable[[Door, Guests, int], Awaitable[None]], most: int = 1000) -> None:
    """With an open door, whoever comes in at it, and its port."""

    async def main() -> None:
        with listening("127.0.0.1", 0) as listener:
            guests = Guests()
            door = Door(listener, guests.protocol, lambda: most - guests.count)
            door.open()
            port: int = listener.getsockname()[1]
            await story(door, guests, port)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())


def come(held: ExitStack, port: int, count: int) -> None:
    """While the event loop does something else."""
    for _ in range(count):
        held.enter_context(closing(socket.create_connection(("127.0.0.1", port))))


def test_all_of_a_crowd_are_let_in_at_once_however_busy_the_loop_is() -> None:
    async def story(door: Door, guests: Guests, port: int) -> None:
        with ExitStack() as held:
            come(held, port, CROWD)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            assert guests.count == CROWD
        await door.close()

    played(story)


def test_who_waits_while_the_door_is_closed_comes_in_too() -> None:
    async def story(door: Door, guests: Guests, port: int) -> None:
        with ExitStack() as held:
            come(held, port, CROWD)
            await door.close()
            assert guests.count == CROWD
            with pytest.raises(ConnectionRefusedError):
                come(held, port, 1)

    played(story)


def test_who_finds_no_room_waits_outside_and_comes_in_when_somebody_has_gone() -> None:
    async def story(door: Door, guests: Guests, port: int) -> None:
        with ExitStack() as held:
            come(held, port, 5)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            assert guests.count == 3
            guests.count -= 2
            async with asyncio.timeout(10 * FULL_SECONDS):
                while guests.count < 3:  # noqa: ASYNC110 - the loop is what lets them in
                    await asyncio.sleep(0.01)
        await door.close()

    played(story, most=3)


def test_without_files_for_more_connections_they_wait_and_come_in_when_there_are() -> None:
    async def story(door: Door, guests: Guests, port: int) -> None:
        with ExitStack() as held, capture_logs() as told:
            come(held, port, 20)
            with few_files(10):
                for _ in range(TURNS):
                    await asyncio.sleep(0)
            assert 0 < guests.count < 20
            assert [one["event"] for one in told] == ["door_closed"]
            async with asyncio.timeout(10 * CROWDED_SECONDS):
                while guests.count < 20:  # noqa: ASYNC110 - the loop is what lets them in
                    await asyncio.sleep(0.01)
        await door.close()

    played(story)


@contextmanager
def few_files(more: int) -> Iterator[None]:
    """At most so many more may be open meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + more, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
