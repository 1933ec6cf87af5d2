"""Where the demo's parties listen: the three ports that people know, or three kept free for one."""

import contextlib
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from payment_service.kit.door import listening
from payment_service.kit.errors import CannotStart


class Ports(msgspec.Struct, frozen=True):
    service: int
    simulator: int
    bukubengkel: int


KNOWN = Ports(service=5005, simulator=5006, bukubengkel=3000)


@contextmanager
def own_ports() -> Iterator[Ports]:
    """Three free ports that no copy of the demo beside this one is given too."""
    with contextlib.ExitStack() as doors:
        held = [doors.enter_context(socket.socket()) for _ in range(3)]
        for door in held:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", 0))
        ports = Ports(*(door.getsockname()[1] for door in held))
        if sys.platform != "linux":
            # Only Linux lets a party listen where a socket that does not listen is bound.
            doors.close()
        yield ports


@contextmanager
def known_ports() -> Iterator[Ports]:
    """The ports of the links that people open. Raises CannotStart when one is taken."""
    for port in (KNOWN.service, KNOWN.simulator, KNOWN.bukubengkel):
        try:
            with listening("127.0.0.1", port):
                pass
        except CannotStart as taken:
            raise CannotStart(
                f"port {port} is in use; the demo needs {KNOWN.service}, {KNOWN.simulator} and "
                f"{KNOWN.bukubengkel}. Stop what listens there, or play without: "
                "payment-service demo --once"
            ) from taken
    yield KNOWN
