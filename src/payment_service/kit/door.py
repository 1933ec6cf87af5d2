"""A socket that listens, and letting in who comes."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from payment_service.kit.errors import CannotStart
from payment_service.kit.sparing_log import SparingLog

log = SparingLog()

WAITING = 2048
"""At most, outside the door; the kernel drops who comes then, and their system tries again."""
PASSED = 3
"""The first file descriptor after those for input, output and errors."""
CROWDED_SECONDS = 1.0
FULL_SECONDS = 0.1


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens, closed at the end; port 0 takes a free one.

    Where systemd holds one for this process, that one. Raises CannotStart when the port is taken.
    """
    passed = _passed_socket()
    if passed is not None:
        with passed:
            yield passed
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=WAITING)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host} port {port} ({error.strerror}); choose another port"
        ) from error
    with listener:
        yield listener


def _passed_socket() -> socket.socket | None:
    """By the protocol of sd_listen_fds(3). The socket outlives this process: who connects while
    the service restarts waits for the next one, and is not refused."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    if os.environ.get("LISTEN_FDS") != "1":
        raise CannotStart("systemd passes several sockets; keep one ListenStream= in the unit")
    os.set_inheritable(PASSED, False)
    return socket.socket(fileno=PASSED)


def address_of(listener: socket.socket) -> str:
    """The origin at which this socket is reached from the same machine."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Door:
    """Lets in all who wait, whenever the event loop turns.

    uvloop lets in one a turn (libuv since 1.45). In a flood a turn takes milliseconds, so that a
    notice on a new connection waited behind hundreds of others until the flood was over.
    """

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        room: Callable[[], int],
    ) -> None:
        """`room` tells how many more may be inside; the others wait at the door."""
        self._listener = listener
        self._protocol = protocol
        self._room = room
        self._loop = asyncio.get_running_loop()
        self._entering: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        self._listener.setblocking(False)
        self._listener.listen(WAITING)
        self._answer()

    async def close(self) -> None:
        """Whom the kernel has let in comes in too: to them the connection stands, and closing the
        door would reset it, with what they have asked."""
        self._loop.remove_reader(self._listener)
        self._let_in()
        self._listener.close()
        await asyncio.gather(*self._entering)

    def _answer(self) -> None:
        if self._listener.fileno() >= 0:  # not closed by now
            self._loop.add_reader(self._listener, self._let_in)

    def _let_in(self) -> None:
        room = self._room() - len(self._entering)
        try:
            for _ in range(min(WAITING, room)):
                with contextlib.suppress(ConnectionAbortedError):  # gone while waiting
                    self._enter(self._listener.accept()[0])
        except BlockingIOError:  # nobody waits
            return
        except OSError as error:
            # As many files are open as this process may have. Those outside wait until some have
            # gone, and the loop is not woken for them all the time.
            self._close_for(CROWDED_SECONDS, error.strerror)
        else:
            if room <= WAITING:
                self._close_for(FULL_SECONDS, "as many connections as there may be")

    def _close_for(self, seconds: float, why: str | None) -> None:
        log.tell("door_closed", str(why), why=why)
        self._loop.remove_reader(self._listener)
        self._loop.call_later(seconds, self._answer)

    def _enter(self, connection: socket.socket) -> None:
        task = self._loop.create_task(self._connect(connection))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _connect(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # gone by now
            await self._loop.connect_accepted_socket(self._protocol, connection)
