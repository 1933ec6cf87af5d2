"""A hundred thousand charges are due at once, and taking the next few stays a look at an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from payment_service.kit import postgres, sqlite_connection, sqlite_transaction
from payment_service.kit.clock import monotonic
from payment_service.kit.database import open_database, sqlite_path
from payment_service.kit.statements import Statement, Transaction, add_all
from payment_service.model.app import App, Seller
from payment_service.model.cancellation import A_CODE_TO_CANCEL, CODES_TO_CANCEL, lease_codes
from payment_service.model.charge import Charge
from payment_service.model.verification import (
    APPS_WITH_DUE_CHARGES,
    DUE_CHARGES_OF_APP,
    claim_due,
)
from tests.model.records import NOW, charge

BACKLOG = 100_000
TURNS = 20
SECONDS = 2.0
"""For all turns. They take a tenth of it; ranking the whole backlog in each takes many times it."""
PARAMS = {
    "now": NOW,
    "most": 16,
    "app_id": "app_0",
}


def app(number: int) -> App:
    return App(
        id=f"app_{number}",
        name=f"App {number}",
        mode="test",
        zone="Asia/Jakarta",
        invoice_prefix="INV",
        gateway="simulator",
        gateway_version="v2",
        gateway_origin=None,
        gateway_project=None,
        gateway_api_key=None,
        gateway_webhook_secret=None,
        grace_days=7,
        renewal_lead_days=7,
        pending_timeout_hours=24,
        cancel_after_days=None,
        reminder_days=(),
        reminder_time="09:00",
        many_subscriptions=False,
        return_origins=(),
        seller=Seller(name="Penjual"),
        color="#000000",
        logo=None,
        metadata={},
        clock_offset=0,
        requests_per_second=50,
        created_at=NOW,
        version=1,
    )


def due_charge(number: int, apps: int) -> Charge:
    """Overdue, the one with the highest number longest; of an invoice that is not there."""
    since = NOW - timedelta(milliseconds=number)
    return charge(
        id=f"chg_{number}",
        app_id=f"app_{number % apps}",
        status="replaced",
        check_at=since,
        cancel_at=since,
    )


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """The driver's own connection, on which foreign keys are not looked at."""
    if url.startswith("sqlite:"):
        connection = sqlite_connection.connect(sqlite_path(url))
        connection.execute("PRAGMA foreign_keys=OFF")
        yield connection
        connection.close()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def fill(url: str, apps: int) -> None:
    backlog = [due_charge(number, apps) for number in range(BACKLOG)]
    with connected(url) as connection:
        connection.execute("BEGIN")
        if url.startswith("sqlite:"):
            tx: Transaction = sqlite_transaction.SQLiteTransaction(connection)
            add_all(tx, backlog)
        else:
            tx = postgres.PostgresTransaction(connection)
            columns = ", ".join(Charge.__struct_fields__)  # a migration has added some at the end
            with connection.cursor().copy(f"COPY charges ({columns}) FROM STDIN") as copy:
                for one in backlog:
                    copy.write_row(msgspec.structs.astuple(one))
        add_all(tx, [app(number) for number in range(apps)])
        connection.execute("COMMIT")


def plan(connection: Any, url: str, statement: Statement[Any]) -> str:
    """How the database goes about it, step by step."""
    sqlites = url.startswith("sqlite:")
    compiled = statement.compiled(sqlite_transaction.DIALECT if sqlites else postgres.DIALECT)
    params = compiled.bind({name: PARAMS[name] for name in compiled.given})
    explain = "EXPLAIN QUERY PLAN " if sqlites else "EXPLAIN "
    rows = connection.execute(explain + compiled.sql, params).fetchall()
    return "\n".join(str(row[-1]) for row in rows)


def check_plans(connection: Any, url: str) -> None:
    for statement, index in (
        (APPS_WITH_DUE_CHARGES, "charges_of_app_to_check"),
        (DUE_CHARGES_OF_APP, "charges_of_app_to_check"),
        (A_CODE_TO_CANCEL, "charges_to_cancel"),
        (CODES_TO_CANCEL, "charges_to_cancel"),
    ):
        steps = plan(connection, url, statement)
        assert index in steps, steps
        found = [bad for bad in ("Seq Scan on charges", "Bitmap", "TEMP B-TREE") if bad in steps]
        found += [line for line in steps.splitlines() if line == "SCAN charges"]
        assert not found, steps


@pytest.mark.parametrize("apps", [1, 50], ids=["one app", "fifty apps"])
async def test_the_next_are_taken_by_an_index_from_a_backlog_of_any_size(
    database_url: str, apps: int
) -> None:
    fill(database_url, apps)
    with connected(database_url) as connection:
        check_plans(connection, database_url)  # statistics are always late
        connection.execute("ANALYZE")
        check_plans(connection, database_url)
    database = open_database(database_url)
    room = dict.fromkeys((f"app_{number}" for number in range(apps)), 16 if apps == 1 else 2)
    taken: list[str] = []
    turns: list[float] = []
    for _ in range(TURNS):
        began = monotonic()
        due = await database.read(lambda tx: tx.all(APPS_WITH_DUE_CHARGES, now=NOW))
        assert len(due) == apps
        taken += [one.id for one in await database.write(claim_due, room, NOW)]
        assert len(await database.write(lease_codes, 8, NOW)) == 8
        turns.append(monotonic() - began)
    seconds = TURNS * min(turns)
    await database.close()
    longest_overdue = [f"chg_{BACKLOG - 1 - place}" for place in range(len(taken))]
    assert sorted(taken) == sorted(longest_overdue)
    assert len(taken) == TURNS * sum(room.values())
    assert seconds < SECONDS, f"{seconds:.3f} s"
    print(f"{TURNS} turns at a backlog of {BACKLOG}: {seconds:.3f} s")  # noqa: T201 - a figure
