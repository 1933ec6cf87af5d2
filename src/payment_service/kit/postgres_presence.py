"""Whether PostgreSQL is there: found out once for all, not by each who asks."""

from collections.abc import Callable
from threading import Condition, Thread

import structlog

from payment_service.kit.clock import monotonic
from payment_service.kit.sparing_log import SparingLog

PATIENCE = 3.0
"""Seconds after it went for which it is waited for: a restart takes less, and then costs nobody an
error. Later whoever asks is refused at once."""

log = structlog.get_logger()


class Presence:
    """While it is away one thread asks `refusal`, which gives None where it answers, else why not
    after some half a second."""

    def __init__(self, refusal: Callable[[], str | None]) -> None:
        self._refusal = refusal
        self._changed = Condition()
        self._lost_at: float | None = None
        self._back_at = 0.0
        self._closed = False
        self._log = SparingLog()

    @property
    def is_away(self) -> bool:
        """For so long that nobody waits for it any more."""
        lost_at = self._lost_at
        return lost_at is not None and monotonic() - lost_at >= PATIENCE

    def lose(self, reason: str, since: float) -> None:
        """A connection that was well at `since` broke."""
        with self._changed:
            # One from before the last return is no news: its unit looked at it late.
            if self._closed or self._lost_at is not None or since < self._back_at:
                return
            now = monotonic()
            Thread(target=self._look, args=(reason, now), daemon=True).start()
            self._lost_at = now  # last: without a thread nobody would see it come back

    def comes(self) -> bool:
        """Whether it is there, or comes in time."""
        lost_at = self._lost_at
        if lost_at is None:
            return True
        with self._changed:
            self._changed.wait_for(
                lambda: self._lost_at is None or self._closed, lost_at + PATIENCE - monotonic()
            )
            return self._lost_at is None

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _look(self, reason: str | None, lost_at: float) -> None:
        is_told = False
        while reason is not None:
            if self._closed:
                return
            seconds = round(monotonic() - lost_at, 1)
            is_told |= self._log.tell("database_lost", "", reason=reason, seconds=seconds)
            reason = self._refusal()
        back_at = monotonic()
        if is_told:  # first of all: whoever waited may end the process
            log.warning("database_back", seconds=round(back_at - lost_at, 1))
        with self._changed:
            self._lost_at, self._back_at = None, back_at
            self._changed.notify_all()
