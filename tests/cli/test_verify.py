"""`payment-service verify`: all is well, or which row is not and why; it only reads."""

import sqlite3

from payment_service.actions.check_invariants import NAMES
from payment_service.kit.database import sqlite_path
from tests.cli.conftest import SetUp
from tests.invariants import row_counts


def spoil(set_up: SetUp, change: str, *values: object) -> None:
    connection = sqlite3.connect(sqlite_path(set_up.url), isolation_level=None)
    connection.execute(change, values)
    connection.close()


def test_a_good_database_is_well(set_up: SetUp) -> None:
    before = row_counts(set_up.url)
    done = set_up.operator.runs("verify")
    assert (done.code, done.out) == (0, "All is well.\n")
    assert done.err == f"payment-service: {len(NAMES)} invariants checked, 0 broken\n"
    assert row_counts(set_up.url) == before


def test_what_is_broken_is_named_with_its_row(set_up: SetUp) -> None:
    app = set_up.app["id"]
    spoil(set_up, "INSERT INTO event_counters VALUES (?, 3)", app)
    done = set_up.operator.runs("verify")
    assert done.code == 1
    assert "positions_have_no_gap" in done.out
    assert app in done.out
    told = set_up.operator.runs("verify", "--json")
    assert told.code == 1
    assert told.json["checked"] == list(NAMES)
    assert [(one["invariant"], one["subject_id"]) for one in told.json["breaches"]] == [
        ("positions_have_no_gap", app)
    ]


def test_a_reference_that_leads_nowhere_is_told(set_up: SetUp) -> None:
    spoil(set_up, "INSERT INTO event_counters VALUES ('app_gone', 0)")
    done = set_up.operator.runs("verify", "--json")
    assert done.code == 1
    assert [one["invariant"] for one in done.json["breaches"]] == ["the_database_is_sound"]


def test_a_damaged_file_is_told_in_a_line(set_up: SetUp) -> None:
    path = sqlite_path(set_up.url)
    spoil(set_up, "PRAGMA wal_checkpoint(TRUNCATE)")
    with open(path, "r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\x5a" * 20 * 4096)
    done = set_up.operator.runs("verify")
    assert done.code == 1
    assert "Traceback" not in done.err
