"""Waiting for one's turn at a gateway project, in step with every other process."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from payment_service.kit.clock import Clock, monotonic
from payment_service.kit.database import Database
from payment_service.kit.errors import Refusal, Unavailable
from payment_service.outside.call_pace import Kind, Said, Turn, free_slot, take_turn
from payment_service.outside.gateway import GatewayError

MOST = 16
POLL_SECONDS = 0.1
"""How often the first in line looks for a slot that another process has freed."""


class NoTurn(GatewayError):
    """The call was not made: its turn would come later than the caller can wait."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(
            "busy",
            "too many calls to the gateway are waiting",
            retry=True,
            retry_after=retry_after,
        )


class CallLimit:
    """One project at a gateway; all instances of one `name` on one database count as one.

    Two creates and two cancels start within `window`; None: as many as one likes.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        name: str,
        *,
        most: int = MOST,
        window: timedelta | None = timedelta(seconds=1),
    ) -> None:
        self._db = db
        self._clock = clock
        self._name = name
        self._most = most
        self._window = window
        self._line = asyncio.Lock()
        self._freed = asyncio.Event()
        self._leaving: set[asyncio.Task[None]] = set()

    async def enter(self, kind: Kind, seconds: float) -> Turn:
        """A slot, to be given back with `leave`; its turn comes within so many seconds.

        Raises NoTurn, at once where it is known that the turn would come later.
        """
        ends = monotonic() + seconds
        reserved: Turn | None = None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    turn = await self._in_line(kind, reserved, ends)
                    if turn.slot is not None:
                        return turn
                    reserved = turn
                    await asyncio.sleep((turn.at - self._clock.now()).total_seconds())
        except TimeoutError:
            raise NoTurn(1) from None
        except Unavailable as error:  # without the database nobody knows what others are asking
            raise NoTurn(error.retry_after or 1) from error

    def leave(self, turn: Turn, said: Said) -> None:
        """Give the slot back; nobody has to wait for it to be written down."""
        self._afterwards(self._free(turn, said))

    async def all_left(self) -> None:
        """Wait until every slot that was given back is written down."""
        while self._leaving:
            await asyncio.wait(self._leaving)

    async def _in_line(self, kind: Kind, reserved: Turn | None, ends: float) -> Turn:
        """A turn with a slot, or with an instant to wait for. Slots go first come, first served."""
        if not self._line.locked():
            turn, waits = await self._try(kind, reserved, ends)
            if turn.slot is not None or waits:
                return turn
        async with self._line:
            while True:
                self._freed.clear()
                turn, waits = await self._try(kind, reserved, ends)
                if turn.slot is not None or waits:
                    return turn
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._freed.wait(), POLL_SECONDS)

    async def _try(self, kind: Kind, reserved: Turn | None, ends: float) -> tuple[Turn, bool]:
        """The turn, and whether its instant is still to come."""
        now = self._clock.now()
        if reserved is not None:
            now = max(now, reserved.at)  # the wait is over, also by a clock that stands still
        latest = now + timedelta(seconds=ends - monotonic())
        at = reserved.at if reserved is not None else None
        taking = asyncio.ensure_future(
            self._db.write(take_turn, self._name, kind, self._most, self._window, at, latest, now)
        )
        try:
            turn = await asyncio.shield(taking)
        except asyncio.CancelledError:
            self._afterwards(self._give_up(taking))  # the slot may be taken all the same
            raise
        if turn.at > latest:
            raise NoTurn((turn.at - now).total_seconds())
        return turn, turn.at > now

    def _afterwards(self, deed: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(deed)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _give_up(self, taking: "asyncio.Future[Turn]") -> None:
        with suppress(Refusal):
            turn = await taking
            if turn.slot is not None:
                await self._free(turn, "nothing")

    async def _free(self, turn: Turn, said: Said) -> None:
        with suppress(Refusal):  # where it cannot be written, the lease frees the slot
            await self._db.write(free_slot, self._name, turn, said, self._most)
        self._freed.set()
