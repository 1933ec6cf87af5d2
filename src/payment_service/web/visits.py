"""What is under way: so many requests at once, each for so long, and the rest wait in line."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import count

from starlette.types import Scope

from payment_service.kit.clock import monotonic
from payment_service.kit.errors import Unavailable
from payment_service.kit.ids import new_token
from payment_service.kit.sparing_log import SparingLog

log = SparingLog()

AT_ONCE = 64
RESERVED = 13
"""Of these, for what must get through: notices of gateways, health, and revoking a key."""
IN_LINE = 1000
PATIENCE = 1.0
"""Seconds that a request waits for its turn."""
SHORT_LINE = 128
SHORT_PATIENCE = 0.4
"""The same once somebody has been waiting all through the last second. A crowd that comes at once
is served within that; in what lasts longer, waiting makes every answer late, and the work that is
done is the same. Not shorter: who is refused asks again. Who would stand so far behind that the
turn does not come in time is refused at once, which costs a third of waiting for it in vain."""
BODIES = 16 * 2**20
"""Bytes, of all requests that are read, wait or are under way: 256 bodies of the largest size."""
URGENT_BODIES = 4 * 2**20
"""Besides, of notices."""
SECONDS = 15.0
"""For one request, from its turn to the end of its answer."""
LOOK_EVERY = 0.5


class Visit:
    """One request: its name in the log, its places, and until when it may take."""

    task: asyncio.Task[object] | None = None
    ends_at = 0.0
    is_overdue = False
    held = 0
    """Bytes of its body."""
    is_long = False
    """Whether its answer stays open."""
    status: int | None = None
    """Of its answer, once that has begun."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """What its answer carries besides its own."""
    leaves: tuple[Callable[[], None], ...] = ()
    """What gives back the places that it has taken."""

    def __init__(self, name: str) -> None:
        self.id = name

    def free(self) -> None:
        """Give back every place: it is over, or stays open outside the limits."""
        leaves, self.leaves = self.leaves, ()
        for leave in leaves:
            leave()

    def stays(self, seconds: float) -> None:
        """It may take so long, and takes no place while it does."""
        self.free()
        self.is_long = True
        self.ends_at = monotonic() + seconds

    def takes_its_time(self) -> None:
        """It ends by itself."""
        self.ends_at = float("inf")


def visit_of(scope: Scope) -> Visit:
    visit: Visit = scope["visit"]
    return visit


class Visits:
    """Those of this process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """`clock` gives the seconds by which a line lasts."""
        self._clock = clock
        self._names = f"req_{new_token()[:10]}"
        self._numbers = count(1)
        self._placed = 0
        self._held = 0
        self._timed: set[Visit] = set()
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._line: deque[asyncio.Future[None]] = deque()
        self._line_since = 0.0
        self._leaves = (self._leave,)

    def open(self) -> Visit:
        return Visit(f"{self._names}{next(self._numbers):06x}")

    def hold(self, visit: Visit, size: int, *, is_urgent: bool) -> None:
        """So many more bytes of its body, until its end. Raises Unavailable: with thousands of
        bodies that are all but whole the process would run out of memory."""
        if self._held + size > BODIES + (URGENT_BODIES if is_urgent else 0):
            raise overloaded()
        self._held += size
        visit.held += size

    async def begin(self, visit: Visit, *, is_urgent: bool) -> None:
        """Wait for a place, and take it. Raises Unavailable when none gets free in time."""
        if not self.began(visit, is_urgent=is_urgent):
            if is_urgent:
                await self._wait(self._urgent, PATIENCE, IN_LINE)
            else:
                await self._wait(self._line, *self._patience())
            self._begin(visit)

    def began(self, visit: Visit, *, is_urgent: bool) -> bool:
        """Whether there was a place to take without waiting."""
        if self._placed >= (AT_ONCE if is_urgent else AT_ONCE - RESERVED):
            return False
        self._placed += 1
        self._begin(visit)
        return True

    def _begin(self, visit: Visit) -> None:
        visit.leaves = self._leaves
        visit.task = asyncio.current_task()
        visit.ends_at = monotonic() + SECONDS
        self._timed.add(visit)

    def end(self, visit: Visit) -> None:
        self._timed.discard(visit)
        self._held -= visit.held
        visit.held = 0
        visit.free()

    async def watch(self) -> None:
        """Break off what takes too long, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = monotonic()
            for visit in [visit for visit in self._timed if visit.ends_at < now]:
                self._timed.discard(visit)
                visit.is_overdue = True
                if visit.task is not None:
                    visit.task.cancel()

    def _patience(self) -> tuple[float, int]:
        """Of the next in the line, and how many may stand before it."""
        now = self._clock()
        if not self._line:
            self._line_since = now
        if now - self._line_since < PATIENCE:
            return PATIENCE, IN_LINE
        return SHORT_PATIENCE, SHORT_LINE

    async def _wait(self, line: deque[asyncio.Future[None]], patience: float, longest: int) -> None:
        """For a place that is handed over, so that nobody who comes later takes it."""
        if len(line) >= longest:
            raise overloaded()
        mine = asyncio.get_running_loop().create_future()
        line.append(mine)
        try:
            async with asyncio.timeout(patience):
                await mine
        except BaseException as error:
            if mine.done() and not mine.cancelled():  # it was handed over in this moment
                self._leave()
            elif mine in line:
                line.remove(mine)
            if isinstance(error, TimeoutError):
                raise overloaded() from None
            raise

    def _leave(self) -> None:
        """Hand the place to whoever is next, else give it back."""
        if self._urgent or self._line:
            for line, most in ((self._urgent, AT_ONCE), (self._line, AT_ONCE - RESERVED)):
                while line and self._placed <= most:
                    following = line.popleft()
                    if not following.done():
                        following.set_result(None)
                        return
        self._placed -= 1


def overloaded() -> Unavailable:
    log.tell("overloaded", "all")
    return Unavailable("overloaded", "Too much is asked at once; ask again.", retry_after=1)
