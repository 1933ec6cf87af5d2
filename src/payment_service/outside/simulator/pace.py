"""How often the simulator lets itself be called, as Pakasir does."""

from datetime import datetime

CALLS_A_SECOND = 2
SECONDS_BETWEEN_STATUS_CALLS = 4.0
REMEMBERED = 10_000


class Pace:
    """When each call came last, by what is limited: "create", "cancel", or one transaction."""

    def __init__(self, *, on: bool = True) -> None:
        self._on = on
        self._calls: dict[str, list[float]] = {}

    def wait_for_call(self, name: str, now: datetime) -> float:
        """Seconds until this call would be taken; 0 takes it now."""
        return self._wait(name, now, CALLS_A_SECOND, 1.0)

    def wait_for_status(self, reference: str, now: datetime) -> float:
        """The same for the status of one transaction."""
        return self._wait("status " + reference, now, 1, SECONDS_BETWEEN_STATUS_CALLS)

    def _wait(self, name: str, now: datetime, most: int, span: float) -> float:
        if not self._on:
            return 0.0
        at = now.timestamp()
        recent = [call for call in self._calls.get(name, ()) if call > at - span]
        if len(recent) >= most:
            return recent[-most] + span - at
        if len(self._calls) > REMEMBERED:
            self._calls.clear()
        self._calls[name] = [*recent, at]
        return 0.0
