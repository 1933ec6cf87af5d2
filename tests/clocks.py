"""A clock that stands still until a test moves it, and its face in other processes."""

import mmap
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
INSTANT = struct.Struct("=q")


class HandClock:
    """Tells the UTC instant it was set to."""

    def __init__(self, now: datetime = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)) -> None:
        self._now = now.astimezone(UTC)
        self._show: Callable[[datetime], None] | None = None

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on by that much, and tell the instant it has become."""
        self.set(self._now + by)
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to an instant of any zone, backwards too."""
        self._now = instant.astimezone(UTC)
        if self._show is not None:
            self._show(self._now)

    def is_shown_on(self, face: "Face") -> None:
        """From here on."""
        self._show = face.show
        face.show(self._now)


class Face:
    """An instant in a file of eight bytes, which whoever has it open sees change at once."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(INSTANT.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), INSTANT.size)

    def show(self, instant: datetime) -> None:
        INSTANT.pack_into(self._memory, 0, (instant - EPOCH) // MICROSECOND)

    def now(self) -> datetime:
        microseconds: int = INSTANT.unpack_from(self._memory)[0]
        return EPOCH + microseconds * MICROSECOND
