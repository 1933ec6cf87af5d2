"""Every statement of the nouns finds its rows by an index, on tables of any size."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import psycopg
import pytest

from payment_service import model
from payment_service.kit.postgres import DIALECT as POSTGRES_DIALECT
from payment_service.kit.sqlite_connection import connect
from payment_service.kit.sqlite_transaction import DIALECT
from payment_service.kit.statements import Statement
from payment_service.migrations import migrate
from payment_service.migrations.tables import metadata
from payment_service.model.page import BothWays
from payment_service.outside.simulator import codes

TABLES = frozenset(metadata.tables)
READ_WHOLE = {
    "ADMINS", "APPS", "APPS_WITH_DUE_CHARGES", "APPS_WITH_A_CLOCK", "FAILING_ENDPOINTS",
    "OPEN_ALERTS", "ONE", "SIGNING_KEYS", "READY_ENDPOINTS", "LEASED_VERSIONS",
    "OFF_WITH_SOMETHING", "ENDPOINTS", "CHANNELS", "COUNT_CHANNELS", "EVERY_ENDPOINT",
    "FIRST_DUE", "COUNT_DUE", "ENDPOINTS_LONG_OVER", "FIRST_CHECK", "OPEN_BY_KIND",
    "RUNS_LONG_OVER", "COUNT_CHECKS", "SQLITE_BYTES", "POSTGRES_BYTES",
    "FACTS_OF", "SERVER_NOW",
}  # fmt: skip
"""A handful of rows, and all of them wanted: apps, keys, endpoints, open alerts, facts. How each
app's charges are found: `test_backlog`. How large the database is, each kind says in its own words,
as PostgreSQL says what its clock shows: no table is read for it. Of billing runs there is one for
each app and day, and of charges to be asked about the metrics count up to a bound, in an index of
those alone."""

WAITING = {"payments_in_doubt", "alerts_to_send", "one_resend_of_an_endpoint"}
"""Partial indexes of what waits for a person: few rows, however large their tables."""


def statements() -> list[tuple[str, Statement[Any]]]:
    modules = [
        import_module(f"{model.__name__}.{found.name}") for found in iter_modules(model.__path__)
    ]
    all_named = [item for module in (*modules, codes) for item in vars(module).items()]
    all_named += [
        (f"{name} {sorted(key)}", statement)
        for name, statements in all_named
        if isinstance(statements, dict)
        for key, statement in statements.items()
        if isinstance(statement, Statement)
    ]
    named = [
        (name, statement)
        for name, statement in all_named
        if isinstance(statement, Statement) and name not in READ_WHOLE
    ]
    turned = [
        (f"{name}.newer", statement.newer)
        for name, statement in named
        if isinstance(statement, BothWays)
    ]
    return named + turned


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("plans") / "empty.sqlite3"
    migrate(f"sqlite:///{path}")
    connection = connect(str(path))
    yield connection
    connection.close()


@pytest.mark.parametrize(("name", "statement"), statements(), ids=lambda value: str(value)[:40])
def test_no_statement_scans_a_table(
    empty_database: Any, name: str, statement: Statement[Any]
) -> None:
    sql = statement.compiled(DIALECT).sql
    plan = empty_database.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?")).fetchall()
    steps = [row[3] for row in plan]
    scans = [
        step
        for step in steps
        if step.partition("SCAN ")[2].partition(" ")[0] in TABLES
        and step.rpartition("INDEX ")[2] not in WAITING
    ]
    assert scans == [], f"{name}: {steps}"


@pytest.fixture(scope="module")
def empty_postgres(request: pytest.FixtureRequest) -> Any:
    with (
        request.getfixturevalue("postgres").fresh_database() as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        # A table without rows is read whole, whatever its indexes are.
        connection.execute("SET enable_seqscan = off")
        yield connection


PARTIAL = {
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["postgresql"]["where"] is not None
}
"""Of what is open, mostly. On empty tables nothing tells the planner that asking it is cheaper."""


JOINED_WHOLE = {"BEATS", "CUSTOMERS_SHOWN", "DUE_DELIVERIES"}
"""Joins that PostgreSQL makes by hand where there are few rows, and by an index where many."""


def steps_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from steps_of(below)


def reads_whole(step: dict[str, Any]) -> bool:
    """A table from one end to the other, itself or by an index of which nothing is asked."""
    if step["Node Type"] == "Seq Scan":
        return step["Relation Name"] in TABLES
    by_index = step["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
    return by_index and "Index Cond" not in step and step["Index Name"] not in PARTIAL


@pytest.mark.parametrize(("name", "statement"), statements(), ids=lambda value: str(value)[:40])
def test_no_statement_scans_a_table_on_postgresql(
    empty_postgres: Any, name: str, statement: Statement[Any]
) -> None:
    """As it is planned once for whatever it is given: an index that holds a part of a table must
    serve then too."""
    places: dict[str, str] = {}
    sql = re.sub(
        r"%\((\w+)\)s",
        lambda found: places.setdefault(found[1], f"${len(places) + 1}"),
        statement.compiled(POSTGRES_DIALECT).sql,
    ).replace("%%", "%")
    ((explained,),) = empty_postgres.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {sql}")
    steps = list(steps_of(explained[0]["Plan"]))
    assert name in JOINED_WHOLE or [step for step in steps if reads_whole(step)] == []
