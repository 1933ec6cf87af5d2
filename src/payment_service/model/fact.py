"""Facts about this database itself, such as which key file belongs to it."""

from sqlalchemy import Column, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.schema import table
from payment_service.kit.statements import Record, command, param, query, value

KEY_FINGERPRINT = "key_fingerprint"

facts = table(
    "facts",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


class Fact(Record, frozen=True):
    """`name` is the kind, and of several the one that it is about."""

    name: str
    value: str


FACT = value(select(facts.c.value).where(facts.c.name == param("name")), str)
FACTS_OF = query(
    select(facts)
    .where(func.substr(facts.c.name, 1, func.length(param("kind", Text))) == param("kind", Text))
    .order_by(facts.c.name),
    Fact,
)
STATE_FACT = command(
    insert(facts)
    .values(name=param("name"), value=param("value"))
    .on_conflict_do_nothing(index_elements=["name"])
)
_renewed = insert(facts).values(name=param("name"), value=param("value"))
RENEW_FACT = command(
    _renewed.on_conflict_do_update(index_elements=["name"], set_={"value": _renewed.excluded.value})
)
FORGET_FACT = command(delete(facts).where(facts.c.name == param("name")))
CLOCK_SEEN = "clock_seen "
"""And a machine's name: the last instant at which its clock was believed."""
WORKER_SEEN = "worker_seen"
"""The last instant at which a worker said that it runs, whichever it was."""
HEARTBEAT = "heartbeat "
"""And a machine's name and a process's number: what that process said of itself last."""
BACKUPS_AWAITED = "backups_awaited "
"""And a machine's name: since when backups are looked for there."""
PROBED_AT = "probed_at"
"""Written to see whether anything can be written."""
