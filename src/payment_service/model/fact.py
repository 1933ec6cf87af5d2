"""Facts about this database itself, such as which key file belongs to it."""

from sqlalchemy import Column, Text, select
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.schema import table
from payment_service.kit.statements import command, param, value

KEY_FINGERPRINT = "key_fingerprint"

facts = table(
    "facts",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

FACT = value(select(facts.c.value).where(facts.c.name == param("name")), str)
STATE_FACT = command(
    insert(facts)
    .values(name=param("name"), value=param("value"))
    .on_conflict_do_nothing(index_elements=["name"])
)
