"""A start that fails is told to the owner, once; and the service is back once the cause is gone."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from payment_service.kit import last_words
from payment_service.kit.crypto import new_key
from tests.cli.commands import Operator
from tests.cli.conftest import SetUp
from tests.outside.parties import Receiver

Spoiling = Callable[[Path], Callable[[], object]]
"""Spoils what is in the folder; gives what mends it."""


def a_newer_schema(data: Path) -> Callable[[], object]:
    known = set_schema(data, "9999")
    return lambda: set_schema(data, known)


def a_missing_key(data: Path) -> Callable[[], object]:
    away = (data / "secret.key").rename(data / "elsewhere")
    return lambda: away.rename(data / "secret.key")


def another_key(data: Path) -> Callable[[], object]:
    kept = (data / "secret.key").read_text()
    (data / "secret.key").write_text(new_key() + "\n")
    return lambda: (data / "secret.key").write_text(kept)


def set_schema(data: Path, revision: str) -> str:
    """Gives the one before."""
    beside = sqlite3.connect(data / "payment-service.sqlite3", isolation_level=None)
    (known,) = beside.execute("SELECT version_num FROM alembic_version").fetchone()
    beside.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    beside.close()
    return str(known)


CAUSES: tuple[tuple[Spoiling, str], ...] = (
    (a_newer_schema, "9999 of a newer version; install that version"),
    (a_missing_key, "secret.key is missing; restore the one with the fingerprint"),
    (another_key, "not the key of this database"),
)


async def test_each_is_said_and_told_and_the_service_comes_back_without_help(
    set_up: SetUp,
) -> None:
    data = set_up.operator.folder / "data"
    async with Receiver() as owner:
        operator = Operator(
            set_up.operator.folder,
            alert_webhook_url=owner.url,
            private_targets=f"127.0.0.1:{owner.port}",
        )
        for number, (spoil, words) in enumerate(CAUSES):
            mend = spoil(data)
            done = await asyncio.to_thread(operator.runs, "serve", "--port", "0")
            assert done.code == 1
            assert words in done.err.splitlines()[-1]
            assert len(owner.heard) == number + 1
            (alert,) = json.loads(owner.heard[-1].body)["data"]["alerts"]
            assert alert["kind"] == "cannot_start"
            assert words in alert["message"]
            mend()
    with operator.serving():
        pass
    log = (operator.folder / "serve.log").read_text().splitlines()
    lines = [json.loads(line) for line in log if line.startswith("{")]
    (again,) = [line for line in lines if line["event"] == "started_again"]
    assert (again["failed_starts"], again["stopped"]) == (3, None)
    assert CAUSES[-1][1] in again["reason"]
    assert last_words.read(data) == last_words.LastWords()


def test_a_run_by_hand_waits_for_the_clock_too(set_up: SetUp) -> None:
    """The service has seen a later time than the clock shows; a person may say that it is right."""
    beside = sqlite3.connect(
        set_up.operator.folder / "data" / "payment-service.sqlite3", isolation_level=None
    )
    seen = "INSERT INTO facts VALUES ('clock_seen machine', '2099-01-01T00:00:00+00:00')"
    beside.execute(seen)
    beside.close()
    done = set_up.operator.runs("run-billing")
    assert done.code == 1
    assert "before what it showed" in done.err.splitlines()[-1]
    (alert,) = set_up.operator.runs("alert", "list", "--json").json
    assert alert["kind"] == "clock_jumped"
    assert set_up.operator.runs("alert", "clear", alert["id"], "--note", "it is right").code == 0
    assert set_up.operator.runs("run-billing").code == 0
