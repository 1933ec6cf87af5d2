"""What queries gave, for as long as nobody commits anything."""

from collections.abc import Hashable
from typing import Any

MOST = 1_000
"""Answers that are kept, of whatever size."""


class Recalled:
    """Of a connection to SQLite that only reads.

    SQLite tells without looking at any page whether another connection has committed, of whatever
    process: 9 µs of the core, where reading a key and its app anew takes 32.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._version: tuple[int] | None = None
        self._kept: dict[Hashable, Any] = {}

    def kept(self) -> dict[Hashable, Any]:
        """What is still true. Whoever adds to it must not have waited for anything in between."""
        if self._connection.in_transaction:  # one that did not end: it would see no commit
            return {}
        version = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or len(self._kept) >= MOST:
            self._kept = {}
            self._version = version
        return self._kept
