"""Whether the database itself is sound: its file, its indexes, its references."""

from sqlalchemy import Text, column, text

from payment_service.kit.statements import Record, Transaction, query, value

INTEGRITY = value(text("PRAGMA integrity_check(100)").columns(column("integrity_check", Text)), str)


class Dangling(Record, frozen=True):
    """A row whose reference leads nowhere."""

    table: str
    rowid: int | None
    parent: str
    fkid: int


DANGLING = query(
    text("PRAGMA foreign_key_check").columns(*map(column, Dangling.__struct_fields__)), Dangling
)


def flaws(tx: Transaction, dialect: str) -> list[str]:
    """What is wrong, a line each. PostgreSQL keeps its references true, and has its own tools for
    its files."""
    return damage(tx) + dangling(tx) if dialect == "sqlite" else []


def damage(tx: Transaction) -> list[str]:
    """Of the file and its indexes, on SQLite."""
    return [line for line in tx.all(INTEGRITY) if line != "ok"]


def dangling(tx: Transaction) -> list[str]:
    """References that lead nowhere, on SQLite; at most 100."""
    return [
        f"row {one.rowid} of {one.table} names a row of {one.parent} that is not there"
        for one in tx.all(DANGLING)[:100]
    ]
