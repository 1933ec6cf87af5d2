"""Checkpoints beside the writer: what is in SQLite's log goes into the file while others commit.

Left to SQLite a checkpoint is part of somebody's commit, who then waits up to 100 ms until a file
is written and synced on which nothing in the commit depends: the log is durable by itself.
"""

import threading
from collections.abc import Callable
from typing import Any

AT_PAGES = 1000
"""So many in the log, and not in the file, are worth a checkpoint."""
LONG_PAGES = 4000
"""A log of so many is to be begun anew, which SQLite does once all of it is in the file."""
LOOK_SECONDS = 0.05
"""The least from one look at the log to the next."""


class Checkpointer:
    """A thread that looks at the log after commits, on a connection of its own.

    While others write it can never reach the log's end, so the last few pages are the writer's.
    """

    def __init__(self, connection: Any, on_error: Callable[[Exception], None]) -> None:
        """`on_error` hears, in either thread, what SQLite hides when a commit checkpoints."""
        self._connection = connection
        self._on_error = on_error
        self._written = threading.Event()
        self._stopping = threading.Event()
        self._is_nearly_done = False
        self._thread = threading.Thread(target=self._work, name="sqlite-checkpoint", daemon=True)
        self._thread.start()

    def committed(self, writer: Any) -> None:
        """The log has grown: the writer says so between its transactions."""
        self._written.set()
        if self._is_nearly_done:
            self._is_nearly_done = False
            self._checkpoint(writer, "PASSIVE")

    def close(self) -> None:
        self._stopping.set()
        self._written.set()
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        self._written.wait()
        while not self._stopping.is_set():
            self._written.clear()
            self._look()
            self._stopping.wait(LOOK_SECONDS)
            self._written.wait()

    def _look(self) -> None:
        pages, done = self._checkpoint(self._connection, "NOOP")
        if pages - done >= AT_PAGES:
            pages, done = self._checkpoint(self._connection, "PASSIVE")
        self._is_nearly_done = pages >= LONG_PAGES and 0 < pages - done < AT_PAGES

    def _checkpoint(self, connection: Any, mode: str) -> tuple[int, int]:
        """Pages in the log, and how many of them are in the file."""
        try:
            _, pages, done = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        except Exception as error:  # noqa: BLE001 - it goes to whoever decides
            self._on_error(error)
            return 0, 0
        return pages, done
