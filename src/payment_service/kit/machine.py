"""The machine as this process sees it: room on the disk, the key file, steps of the clock."""

import os
import platform
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from payment_service.kit.clock import monotonic

Role = Literal["service", "worker"]
MEGABYTE = 2**20
FULL_SECONDS = 300.0


def free_bytes(path: Path) -> int:
    return shutil.disk_usage(path).free


class Look(NamedTuple):
    """What the clock showed, when that was on one that never jumps, and the step before it."""

    now: datetime
    elapsed: float
    step: timedelta


class Machine:
    """`folder` is where the database's file is, None where it is elsewhere; `made_at` tells the
    instant of a backup by its name. `process` is its number on the machine, else this one's. Tests
    give what is looked at."""

    def __init__(
        self,
        name: str,
        *,
        folder: Path | None,
        key_file: Path | None,
        reserve: int,
        has_server_clock: bool = False,
        backups: Path | None = None,
        made_at: Callable[[str], datetime | None] = lambda _: None,
        free: Callable[[Path], int] = free_bytes,
        elapsed: Callable[[], float] = monotonic,
        process: int | None = None,
    ) -> None:
        self.name = name
        """What alerts about it are about: several machines may share a database."""
        self.reserve = reserve
        """Bytes that should stay free."""
        self.failed_starts = 0
        """Of processes before this one, since the last that started."""
        self.had_stopped = False
        """Whether the one before ended itself, because the database had failed."""
        self.process = os.getpid() if process is None else process
        self.roles: set[Role] = set()
        """What this process does as long as it runs; commands that end by themselves have none."""
        self.has_server_clock = has_server_clock
        """Whether a database server has a clock to compare with."""
        self.elapsed = elapsed
        self.key_file = key_file
        self._folder = folder
        self.backups = backups
        """The folder of backups, where one is to be looked at."""
        self._made_at = made_at
        self._free = free
        self._seen: tuple[datetime, float] | None = None
        self._refusals: int | None = None
        self._full_until = float("-inf")
        self._began = self._uneven_at = elapsed()

    def free(self) -> int | None:
        """Bytes; None where the database is not on a disk of this machine, or it does not tell."""
        try:
            return None if self._folder is None else self._free(self._folder)
        except OSError:
            return None

    def was_full(self, refusals: int) -> bool:
        """Whether a write was refused for want of room, of late: smaller ones may still find some,
        and one that does says nothing. `refusals` counts them since the start."""
        if self._refusals is not None and refusals > self._refusals:
            self._full_until = self.elapsed() + FULL_SECONDS
        self._refusals = refusals
        return self.elapsed() < self._full_until

    def newest_backup(self) -> datetime | None:
        """When it was made; None where there is none, or its folder cannot be read. By the name
        that it was given: a file of another name is none, and a copy of an old one is old."""
        if self.backups is None:
            return None
        try:
            made = [self._made_at(one.stem) for one in self.backups.iterdir()]
        except OSError:
            return None
        return max(filter(None, made), default=None)

    def backup_age(self, now: datetime) -> float | None:
        """Seconds since the newest was made; None where none is known."""
        newest = self.newest_backup()
        return None if newest is None else (now - newest).total_seconds()

    def has_its_key_file(self) -> bool:
        return self.key_file is None or os.access(self.key_file, os.R_OK)

    def look(self, now: datetime) -> "Look":
        """What the clock shows, and by how much it has been set since it was last seen. Both clocks
        are read together: what is asked about it may wait for its turn."""
        elapsed = self.elapsed()
        if self._seen is None:
            return Look(now, elapsed, timedelta())
        seen_at, then = self._seen
        return Look(now, elapsed, now - seen_at - timedelta(seconds=elapsed - then))

    def saw(self, look: "Look") -> None:
        """It is written down: from here on steps are counted anew."""
        self._seen = look.now, look.elapsed

    @property
    def up_seconds(self) -> float:
        return self.elapsed() - self._began

    def is_uneven(self) -> None:
        self._uneven_at = self.elapsed()

    @property
    def even_seconds(self) -> float:
        """Since the clock was last found wanting, or since the start."""
        return self.elapsed() - self._uneven_at


def host_name() -> str:
    return platform.node() or "machine"
