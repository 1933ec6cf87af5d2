"""Databases of every earlier schema, with rows in every table that it had; and upgrades that are
killed on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, column, event, insert, inspect, select, table, text

from payment_service import migrations
from payment_service.kit.schema import Flag
from payment_service.migrations import NEWEST, migrate
from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from tests.dying import Boundaries

EARLIER = [f"{number:04}" for number in range(1, int(NEWEST))]
SINCE_DROPPED: dict[str, dict[str, object]] = {"deliveries": {"lease_no": 0}}
"""Columns that the newest tables lack, and what stands in them."""
Rows = dict[str, list[tuple[Any, ...]]]


def upgraded(url: str, revision: str) -> None:
    """Bring the schema to an earlier revision than `migrate` does."""
    with connected(url) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def fill(source: str, target: str) -> None:
    """Copy the rows of a SQLite file of the newest schema into a database that knows fewer."""
    with connected(source) as filled, connected(target) as earlier:
        found = inspect(earlier)
        for whole in metadata.sorted_tables:
            if not found.has_table(whole.name):
                continue
            known = {one["name"] for one in found.get_columns(whole.name)}
            gone = {n: v for n, v in SINCE_DROPPED.get(whole.name, {}).items() if n in known}
            kinds = {one.name: one.type for one in whole.columns if one.name in known}
            every: Any = select(*map(column, kinds)).select_from(table(whole.name))
            rows = [
                {name: as_is(raw, kinds[name]) for name, raw in row._mapping.items()} | gone
                for row in filled.execute(every)
            ]
            assert rows, f"no rows for {whole.name}"
            earlier.execute(insert(table(whole.name, *map(column, rows[0]))), rows)


def as_is(raw: Any, kind: object) -> Any:
    """PostgreSQL reads the texts of SQLite, but not its 0 and 1."""
    return bool(raw) if isinstance(kind, Flag) and raw is not None else raw


def contents(url: str) -> Rows:
    """Every row of every table, with the names of its columns first."""
    with connected(url) as connection:
        rows: Rows = {}
        for name in inspect(connection).get_table_names():
            every = connection.execute(select(text("*")).select_from(table(name)))
            rows[name] = [tuple(every.keys()), *sorted(map(tuple, every), key=str)]
        return rows


def lost(before: Rows, after: Rows) -> Iterator[str]:
    """What stood in a table before and does not now, in the columns that both have."""
    for name, (columns, *rows) in before.items():
        if name == "alembic_version":
            continue
        now, *there = after.get(name, [()])
        both = [one for one in columns if one in now]
        places, seen = [columns.index(one) for one in both], [now.index(one) for one in both]
        kept = {tuple(map(str, (row[place] for place in seen))) for row in there}
        for row in rows:
            if tuple(map(str, (row[place] for place in places))) not in kept:
                yield f"{name}: {row}"


def upgrade_and_die(boundaries: Boundaries, url: str) -> None:
    """Before and after each statement, before the commit and after it."""
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, boundaries.passes)
    migrate(url)
    boundaries.passes()


Clone = Callable[[str, str], str]
"""A copy of the database of that URL, under that name; its URL."""
