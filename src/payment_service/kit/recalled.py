"""What queries gave, for as long as nobody commits anything."""

from collections.abc import Hashable
from typing import Any

MOST = 1_000


class Recalled:
    """Of one connection to SQLite, which itself writes nothing.

    SQLite tells without looking at any page whether another connection has committed, of whatever
    process: 9 µs where reading a key and its app anew takes 30.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._seen: object = None
        self._kept: dict[Hashable, Any] = {}

    def kept(self) -> dict[Hashable, Any]:
        """What is still true, to be added to at once."""
        seen = self._connection.execute("PRAGMA data_version").fetchone()
        if seen != self._seen or len(self._kept) >= MOST:
            self._kept = {}
            self._seen = seen
        return self._kept
