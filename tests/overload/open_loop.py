"""Load that does not wait for answers: so many requests a second, whatever becomes of them."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from bench.collector import without_pauses

from payment_service.kit.clock import monotonic

TICK = 0.002
RESTS = 4.0
"""Seconds; the server closes what has said nothing for 5."""
SILENT = 0.5
"""The same of a connection on which nothing was ever said: in a crowd it is closed after 1."""
UNANSWERED = 0
"""The status of a request whose connection broke, or that nobody had answered at the end."""


class Sample(NamedTuple):
    """One request: when it was sent, counted from the beginning, and in how long answered."""

    kind: str
    place: int
    sent: float
    took: float
    status: int


class Offered(NamedTuple):
    """What was offered, and what came of it. `held_back` are those for which every client was
    still waiting for an earlier answer, as clients do that there are only so many of. `lag` is for
    how many seconds at most the asking process was busy with something else: for as long answers
    lay there unread."""

    samples: list[Sample]
    held_back: int
    seconds: float
    lag: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.samples) / self.seconds

    def of(self, *kinds: str) -> list[Sample]:
        return [one for one in self.samples if one.kind in kinds]

    def statuses(self, *kinds: str) -> Counter[int]:
        chosen = self.of(*kinds) if kinds else self.samples
        return Counter(one.status for one in chosen)


class Client(asyncio.Protocol):
    """A connection that is kept, with one request at a time."""

    def __init__(self, told: Callable[["Client", int], None]) -> None:
        self._told = told
        self._received = b""
        self._is_asking = False
        self._unsent = b""
        self._transport: asyncio.WriteTransport | None = None
        self.asked: tuple[str, int, float] = ("", 0, 0.0)
        self.rests_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        if self._unsent:
            self._transport.write(self._unsent)

    def ask(self, kind: str, place: int, request: bytes) -> None:
        self.asked = (kind, place, monotonic())
        self._is_asking = True
        if self._transport is not None:
            self._transport.write(request)
        else:
            self._unsent = request

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head, found, body = received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            self._received = received
            return
        self._received = b""
        self._is_asking = False
        self._told(self, int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._is_asking:
            self._is_asking = False
            self._told(self, UNANSWERED)

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


Make = Callable[[int], bytes]
"""The request at that place of the load."""


class Crowd:
    """Clients of one server: those that come before the load, with connections that stand, and
    others up to `most`, who come when all who are there wait for an answer."""

    def __init__(self, origin: str, most: int = 0) -> None:
        address = urlsplit(origin)
        self._host, self._port = address.hostname or "", address.port or 0
        self._most = most
        self._all: list[Client] = []
        self._idle: deque[Client] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._count = 0
        self._asking = 0
        self._answered = asyncio.Event()
        self._samples: list[Sample] = []
        self._begun = 0.0

    async def come(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, client = await loop.create_connection(
                lambda: Client(self._told), self._host, self._port
            )
            client.rests_since = monotonic()
            self._all.append(client)
            self._count += 1
            self._idle.append(client)

    async def offer(self, kinds: Mapping[str, Make], rate: float, seconds: float) -> Offered:
        """Each kind in turn, at so many a second; then wait for the answers."""
        makes = list(kinds.items())
        total, place, held_back, lag = int(rate * seconds), 0, 0, 0.0
        with without_pauses():
            self._samples, self._begun = [], monotonic()
            while place < total:
                due = min(total, int((monotonic() - self._begun) * rate) + 1)
                while place < due:
                    client = self._free()
                    if client is None:
                        held_back += due - place
                        place = due
                        break
                    kind, make = makes[place % len(makes)]
                    self._asking += 1
                    client.ask(kind, place, make(place))
                    place += 1
                rests = monotonic()
                await asyncio.sleep(TICK)
                lag = max(lag, monotonic() - rests - TICK)
            await self._rest()
        return Offered(self._samples, held_back, monotonic() - self._begun, lag)

    async def play(self, kinds: Mapping[str, Make], at_once: int, seconds: float) -> Offered:
        """As fast as answers come, so many at once: what the server can do."""
        makes = list(kinds.items())
        place = 0
        with without_pauses():
            self._samples, self._begun = [], monotonic()
            while monotonic() - self._begun < seconds:
                while self._asking < at_once and (client := self._free()) is not None:
                    kind, make = makes[place % len(makes)]
                    self._asking += 1
                    client.ask(kind, place, make(place))
                    place += 1
                self._answered.clear()
                await self._answered.wait()
            await self._rest()
        return Offered(self._samples, 0, monotonic() - self._begun)

    async def _rest(self) -> None:
        until = monotonic() + 30
        while self._asking and monotonic() < until:  # noqa: ASYNC110 - protocols count them
            await asyncio.sleep(TICK)

    def _free(self) -> Client | None:
        """The one that rested last. Who has rested for long may be hung up on in the moment in
        which it asks, as HTTP has it, and comes with a new connection."""
        if self._idle:
            client = self._idle.pop()
            longest = RESTS if client.asked[0] else SILENT
            if client.is_open and monotonic() - client.rests_since < longest:
                return client
            client.close()
            self._count -= 1
        elif self._count >= self._most:
            return None
        another = Client(self._told)
        self._count += 1
        self._all.append(another)
        connecting = asyncio.get_running_loop().create_task(self._connect(another))
        self._connecting.add(connecting)
        connecting.add_done_callback(self._connecting.discard)
        return another

    async def _connect(self, client: Client) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: client, self._host, self._port)
        except OSError as error:
            client.connection_lost(error)

    def _told(self, client: Client, status: int) -> None:
        kind, place, sent = client.asked
        now = monotonic()
        self._samples.append(Sample(kind, place, sent - self._begun, now - sent, status))
        self._asking -= 1
        client.rests_since = now
        self._idle.append(client)
        self._answered.set()

    def go(self) -> None:
        for client in self._all:
            client.close()
        self._count = 0
        self._all.clear()
        self._idle.clear()


def share(samples: Iterable[Sample], part: float) -> float:
    """Seconds in which this part of them was answered."""
    took = sorted(one.took for one in samples)
    return took[min(len(took) - 1, int(len(took) * part))]
