"""What two admins do at once: who comes second is told, and sees what there is now."""

from typing import Protocol

from payment_service.kit.errors import Conflict


class Counted(Protocol):
    @property
    def version(self) -> int: ...


def unchanged(record: Counted, seen: str) -> None:
    """`seen` is the version that the page was drawn with. Raises Conflict."""
    if str(record.version) != seen:
        raise Conflict(
            "changed_meanwhile",
            "Somebody changed this after the page was drawn; it now shows how it stands.",
        )
