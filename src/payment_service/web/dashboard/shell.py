"""What stands around every page: who is signed in, where they may go, what needs them."""

from datetime import datetime

import msgspec

from payment_service.kit.statements import Transaction
from payment_service.model.admin import Admin
from payment_service.model.app import initials
from payment_service.model.attention import attention


class Shell(msgspec.Struct, frozen=True):
    """`places` are the pages that this admin may open."""

    name: str
    role: str
    places: frozenset[str]
    attention: int
    host: str

    def has(self, path: str) -> bool:
        return path in self.places

    @property
    def monogram(self) -> str:
        return initials(self.name)[:2]


def waiting(tx: Transaction, now: datetime) -> int:
    """How much needs a person."""
    return attention(tx, now).total


def shell_of(admin: Admin, places: frozenset[str], attention: int, host: str) -> Shell:
    return Shell(admin.name, admin.role, places, attention, host)
