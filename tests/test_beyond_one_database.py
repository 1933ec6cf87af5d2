"""The plan past one database is one for the schema that there is."""

import re

from sqlalchemy import UniqueConstraint

from payment_service.migrations.tables import metadata
from tests.test_docs import quoted, rows, section, text_of

PLAN = section(text_of("docs/beyond-one-database.md"), "## Partitioned by app, on Citus")
OF_AN_APP = [
    table for table in metadata.sorted_tables if "app_id" in table.c and not table.c.app_id.nullable
]


def test_every_table_has_a_place() -> None:
    placed = {name: row[1] for row in rows(PLAN) for name in quoted(row[0])}
    tables = set(metadata.tables) - {"alembic_version"}
    assert {name for name in placed if name in tables} == tables
    distributed = {name for name, place in placed.items() if place.startswith("distributed")}
    assert distributed == {table.name for table in OF_AN_APP}


def test_the_figures_of_the_schema_are_as_told() -> None:
    told = re.search(r"(\d+) of (\d+) tables have `app_id`", PLAN)
    assert told is not None
    assert [int(one) for one in told.groups()] == [len(OF_AN_APP), len(metadata.tables)]
    keys = [table for table in OF_AN_APP if "app_id" not in table.primary_key.columns]
    unique = [
        columns
        for table in OF_AN_APP
        for columns in (
            *(one.columns for one in table.indexes if one.unique),
            *(one.columns for one in table.constraints if isinstance(one, UniqueConstraint)),
        )
        if "app_id" not in {column.name for column in columns}
    ]
    references = [
        key
        for table in OF_AN_APP
        for key in table.foreign_key_constraints
        if key.referred_table.name != "apps"
    ]
    assert f"{len(keys)} of those {len(OF_AN_APP)} have a primary key without it" in PLAN
    assert f"{len(unique)} unique indexes are without it" in PLAN
    assert f"{len(references)} do not; those to `apps` may stay" in PLAN
