"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class HandClock:
    """Tells the UTC instant it was set to."""

    def __init__(self, now: datetime = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on by that much, and tell the instant it has become."""
        self._now += by
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to an instant of any zone, backwards too."""
        self._now = instant.astimezone(UTC)
