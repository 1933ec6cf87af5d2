"""An allowance: so much may be taken at once, and it grows back at a steady rate.

Counted in one number for each owner, the instant at which its allowance is whole again.
"""

from typing import NamedTuple

OWNERS = 10_000


class Standing(NamedTuple):
    """What became of taking one. `seconds` pass until the allowance is whole again; where none was
    left, until there is one."""

    is_taken: bool
    left: int
    seconds: float


class Allowance:
    """Of many owners. Whoever takes nothing for a while is forgotten, which changes nothing."""

    def __init__(self, owners: int = OWNERS) -> None:
        self._whole_at: dict[str, float] = {}
        self._owners = owners

    def take(self, owner: str, now: float, *, rate: float, most: int) -> Standing:
        """One of `most`, which grow back at `rate` a second; `now` never goes back."""
        whole_at = max(self._whole_at.get(owner, now), now) + 1 / rate
        room = most / rate
        missing = whole_at - now
        if missing > room * (1 + 1e-9):
            return Standing(False, 0, missing - room)
        if owner not in self._whole_at and len(self._whole_at) >= self._owners:
            self._forget(now)
        self._whole_at[owner] = whole_at
        return Standing(True, int((room - missing) * rate + 1e-6), missing)

    def is_used_up(self, owner: str, now: float, *, rate: float, most: int) -> bool:
        whole_at = self._whole_at.get(owner)
        return whole_at is not None and whole_at - now > (most - 1) / rate

    def _forget(self, now: float) -> None:
        """Those who have all of theirs; where all have taken some, everybody starts afresh."""
        self._whole_at = {who: at for who, at in self._whole_at.items() if at > now}
        if len(self._whole_at) >= self._owners:
            self._whole_at.clear()
