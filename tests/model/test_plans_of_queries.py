"""Every statement of the nouns finds its rows by an index, on tables of any size."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from payment_service import model
from payment_service.kit.sqlite import DIALECT, connect
from payment_service.kit.statements import Statement
from payment_service.migrations import migrate
from payment_service.migrations.tables import metadata
from payment_service.outside.simulator import codes

TABLES = frozenset(metadata.tables)
READ_WHOLE = {
    "APPS", "APPS_WITH_DUE_CHARGES", "APPS_WITH_A_CLOCK", "OPEN_ALERTS", "ONE", "SIGNING_KEYS",
    "READY_ENDPOINTS", "LEASED_VERSIONS", "OFF_WITH_SOMETHING",
}  # fmt: skip
"""A handful of rows, and all of them wanted: apps, keys, endpoints. How each app's charges are
found: `test_backlog`."""

WAITING = {"payments_in_doubt", "alerts_to_send", "one_resend_of_an_endpoint"}
"""Partial indexes of what waits for a person: few rows, however large their tables."""


def statements() -> list[tuple[str, Statement[Any]]]:
    modules = [
        import_module(f"{model.__name__}.{found.name}") for found in iter_modules(model.__path__)
    ]
    return [
        (name, statement)
        for module in (*modules, codes)
        for name, statement in vars(module).items()
        if isinstance(statement, Statement) and name not in READ_WHOLE
    ]


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
