"""`payment-service doctor`: a row for each thing, its remedy, and a code that a script can use."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from payment_service.cli.doctor.place import look_at_place
from payment_service.config import Settings
from payment_service.kit.clock import SystemClock, monotonic
from payment_service.kit.crypto import new_key
from payment_service.model.backup import name_of
from tests.cli.commands import Done, Operator
from tests.cli.conftest import SetUp
from tests.databases import PROGRAMS, PostgresServer
from tests.hearing import refusing
from tests.outside.parties import Receiver

AN_ALERT = """INSERT INTO alerts (id, kind, subject_id, message, raised_at, version)
    VALUES ('alr_1', 'wrong_secret', 'x', 'm', '2026-01-01T00:00:00.000000+00:00', 1)"""


def rows(done: Done) -> dict[str, dict[str, Any]]:
    return {one["what"]: one for one in done.json["findings"]}


def states(done: Done) -> dict[str, str]:
    return {what: one["state"] for what, one in rows(done).items()}


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


async def test_a_service_that_runs_well_is_well(set_up: SetUp) -> None:
    folder = set_up.operator.folder
    (folder / "backups").mkdir()
    (folder / "backups" / f"{name_of(SystemClock().now())}.sqlite3").write_text("")
    async with Receiver() as receiver:
        operator = Operator(
            folder,
            base_url="https://bayar.example.com",
            alert_webhook_url=receiver.url,
            private_targets=f"127.0.0.1:{receiver.port}",
            backup_folder="backups",
            least_free_mb="1",
        )
        with operator.serving():
            await asyncio.to_thread(set_up.is_heard_of)
            await asyncio.to_thread(operator.runs, "app", "create", "--name", "Toko", "--mode",
                                    "test", "--webhook-url", receiver.url)  # fmt: skip
            done = await asyncio.to_thread(operator.runs, "doctor", "--json")
    assert (done.code, done.json["well"]) == (0, True), done.out
    assert set(states(done).values()) == {"ok"}
    assert {
        "settings", "sqlite", "database file", "disk", "key file", "database", "clock", "service",
        "worker", "backups", "room for backups", "telling", "alerts", "webhooks", "verifications",
        "billing", "leases", "gateway of Toko", "webhook of Toko",
    } <= set(states(done))  # fmt: skip
    assert [heard.path for heard in receiver.heard] == ["/hook"]


@pytest.fixture
def nowhere() -> Iterator[str]:
    """Where nobody listens."""
    with refusing() as port:
        yield f"http://127.0.0.1:{port}"


async def test_what_is_not_well_is_named_with_its_remedy_and_nothing_takes_long(
    set_up: SetUp, nowhere: str
) -> None:
    target = nowhere.removeprefix("http://")
    operator = Operator(set_up.operator.folder, private_targets=target, least_free_mb=str(10**9))
    made = await asyncio.to_thread(
        operator.runs, "app", "create", "--name", "Toko", "--mode", "test", "--gateway", "pakasir",
        "--pakasir-project", "toko", "--pakasir-api-key", "kunci", "--pakasir-webhook-secret",
        "rahasia", "--pakasir-base-url", nowhere, "--webhook-url", f"{nowhere}/hook", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    data = set_up.operator.folder / "data"
    (data / "secret.key").chmod(0o644)
    spoil(data, "INSERT INTO facts VALUES ('clock_seen machine', '2099-01-01T00:00:00+00:00')")
    spoil(data, AN_ALERT)
    began = monotonic()
    done = await asyncio.to_thread(operator.runs, "doctor", "--json")
    assert monotonic() - began < 40
    assert (done.code, done.json["well"]) == (1, False)
    found = states(done)
    assert {what for what, state in found.items() if state == "broken"} == {
        "disk", "clock", "gateway of Toko",
    }  # fmt: skip
    assert {"key file", "alerts", "telling", "webhook of Toko"} <= {
        what for what, state in found.items() if state == "attention"
    }
    assert all(one["remedy"] for one in rows(done).values() if one["state"] != "ok")
    assert "docs/" not in done.out  # an installed server has them in its checkout only
    assert rows(done)["key file"]["remedy"] == "chmod 600 data/secret.key"
    assert "wrong_secret 1" in rows(done)["alerts"]["says"]
    people = await asyncio.to_thread(operator.runs, "doctor")
    assert people.code == 1
    assert "✗  disk" in people.out
    assert "!  alerts" in people.out


def test_it_makes_nothing_where_nothing_is(operator: Operator) -> None:
    done = operator.runs("doctor", "--json")
    assert done.code == 1
    assert states(done)["database"] == "broken"
    assert files(operator.folder) == set()
    key = rows(done)["key file"]
    assert (key["state"], key["says"]) == ("attention", "there is none yet")
    assert "`payment-service serve` makes data/secret.key" in key["remedy"]


def test_an_empty_postgresql_lacks_its_schema_and_no_key_has_been_lost(
    operator: Operator, postgres: PostgresServer
) -> None:
    with postgres.copies() as copy:
        operator.settings.update(database_url=copy("", ""))
        told = operator.runs("serve")
        done = operator.runs("doctor", "--json")
    assert told.refused("the database is empty", "run `payment-service migrate`")
    found = rows(done)
    assert (found["database"]["state"], found["database"]["says"]) == ("attention", "it is empty")
    assert found["database"]["remedy"] == "`payment-service migrate` makes it"
    assert (found["key file"]["state"], found["key file"]["says"]) == (
        "attention", "there is none yet",
    )  # fmt: skip
    assert "`payment-service migrate` makes" in found["key file"]["remedy"]


def test_a_key_that_was_lost_is_to_be_put_back(set_up: SetUp) -> None:
    (set_up.operator.folder / "data" / "secret.key").unlink()
    key = rows(set_up.operator.runs("doctor", "--json"))["key file"]
    assert key["state"] == "broken"
    assert "put it back from its copy" in key["remedy"]


@pytest.mark.parametrize(
    ("spoil_it", "what", "state", "says", "remedy"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "database", "broken", "newer version",
         "install"),
        ("UPDATE alembic_version SET version_num = '0012'", "database", "attention", "needs",
         "migrate"),
        ("UPDATE facts SET value = 'another' WHERE name = 'key_fingerprint'", "start", "broken",
         "not the key of this database", "back at data/secret.key"),
    ],
)  # fmt: skip
def test_what_prevents_the_start_is_told_and_left_as_it_is(
    set_up: SetUp, spoil_it: str, what: str, state: str, says: str, remedy: str
) -> None:
    data = set_up.operator.folder / "data"
    spoil(data, spoil_it)
    before = files(data)
    done = set_up.operator.runs("doctor", "--json")
    assert done.code == 1
    assert rows(done)[what]["state"] == state
    assert says in rows(done)[what]["says"]
    assert remedy in rows(done)[what]["remedy"]
    assert files(data) == before


def test_a_setting_that_prevents_the_start_is_no_key_that_is_missing(set_up: SetUp) -> None:
    found = rows(set_up.operator.runs("doctor", "--json", alert_mail_to="sari@example.com"))
    assert "PAYMENT_SERVICE_ALERT_MAIL_TO" in found["start"]["says"]
    assert "environment" in found["start"]["remedy"]


def test_a_server_that_does_not_answer_is_to_be_looked_at(operator: Operator) -> None:
    with refusing() as port:
        url = f"postgresql://nobody@127.0.0.1:{port}/nothing"
        found = rows(operator.runs("doctor", "--json", database_url=url))["database"]
    assert found["state"] == "broken"
    assert "see that PostgreSQL runs" in found["remedy"]


def test_programs_that_are_older_than_the_server_are_told_before_a_night_is_lost(
    operator: Operator, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.settings.update(database_url=postgres_url, secret_key=new_key(), least_free_mb="1")
    (operator.folder / "backups").mkdir()

    def told(**changes: str) -> dict[str, dict[str, Any]]:
        return rows(operator.runs("doctor", "--json", **changes))

    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    assert told()["backup programs"]["state"] == "ok"
    found = told(backup_folder="backups")
    assert (found["room for backups"]["state"], found["backup programs"]["state"]) == ("ok", "ok")
    assert told(backup_folder="backups", least_free_mb=str(10**9))["room for backups"]["remedy"]
    monkeypatch.setenv("PATH", str(operator.folder))
    found = told(backup_folder="backups")
    assert "pg_dump, pg_restore, psql: not installed" in found["backup programs"]["says"]
    for name in ("pg_dump", "pg_restore", "psql"):
        (operator.folder / name).write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) 9.6.24"\n')
        (operator.folder / name).chmod(0o755)
    found = told(backup_folder="backups")
    assert found["backup programs"]["state"] == "attention"
    assert found["backup programs"]["says"].startswith("PostgreSQL 9's, for a server of version 1")
    assert "postgresql-client-1" in found["backup programs"]["remedy"]
    assert told()["backup programs"] == found["backup programs"]  # by hand they fail as well


def test_a_bad_setting_is_a_row_too(operator: Operator) -> None:
    done = operator.runs("doctor", "--json", port="70000")
    assert done.code == 1
    assert "PAYMENT_SERVICE_PORT" in rows(done)["settings"]["says"]


@pytest.mark.parametrize(
    ("base_url", "state", "says"),
    [
        ("https://bayar.example.com", "ok", "bayar"),
        ("http://localhost:5005", "ok", "localhost"),
        ("https://bayar.example.com/x", "attention", "below /x"),
        ("http://bayar.example.com", "broken", "plain http"),
    ],
)
def test_an_address_under_which_nobody_is_answered_is_told(
    base_url: str, state: str, says: str
) -> None:
    found = next(iter(look_at_place(Settings(base_url=base_url), {})))
    assert found.state == state
    assert says in found.says


def test_a_misspelt_name_of_a_setting_is_told() -> None:
    set_ = {"PAYMENT_SERVICE_BAKUP_FOLDER": "x", "PAYMENT_SERVICE_URL": "x", "PATH": "x"}
    found = list(look_at_place(Settings(), set_))[1]
    assert found.state == "attention"
    assert "PAYMENT_SERVICE_BAKUP_FOLDER" in found.says
    assert "PAYMENT_SERVICE_URL" not in found.says
    assert "PAYMENT_SERVICE_BACKUP_FOLDER" in (found.remedy or "")


async def test_a_web_alone_is_no_worker(set_up: SetUp) -> None:
    with set_up.operator.serving(with_worker=False):
        await asyncio.to_thread(set_up.is_heard_of)
        done = await asyncio.to_thread(set_up.operator.runs, "doctor", "--json")
    assert states(done)["service"] == "ok"
    assert states(done)["worker"] == "attention"
    assert states(done)["backups"] == "attention"


async def test_each_process_of_several_is_missed_and_none_that_was_stopped(
    tmp_path: Path, postgres_url: str
) -> None:
    operator = Operator(tmp_path, database_url=postgres_url, secret_key=new_key())

    async def told() -> dict[str, dict[str, Any]]:
        return rows(await asyncio.to_thread(operator.runs, "doctor", "--json"))

    with operator.serving(with_worker=False):
        workers = [operator.starts("worker") for _ in range(2)]
        try:
            await beating(postgres_url, 3)
            found = await told()
            assert found["service"]["says"].startswith("last seen 0:00:")
            assert found["worker"]["says"].startswith("2 run, last seen 0:00:")
            assert {found["service"]["state"], found["worker"]["state"]} == {"ok"}
            workers[0].kill()
            workers[0].wait()
            has_been_silent_elsewhere(postgres_url, workers[0].pid)
            found = await told()
            assert found["worker"]["state"] == "attention"
            silent = f"; silent: process {workers[0].pid} on web-2 for 0:02:"
            assert silent in found["worker"]["says"]
            assert found["service"]["state"] == "ok"
            workers[1].terminate()
            workers[1].communicate()
            found = await told()
            assert found["worker"]["says"].startswith("none runs, last seen 0:00:")
        finally:
            for worker in workers:
                worker.kill()
                worker.communicate()


BEATS = "SELECT value FROM facts WHERE name LIKE 'heartbeat %'"


async def beating(url: str, processes: int) -> None:
    """Until so many say that they run."""
    async with asyncio.timeout(60):
        while True:
            with psycopg.connect(url) as connection:
                beats = [json.loads(one) for (one,) in connection.execute(BEATS)]
            ago = (SystemClock().now() - datetime.fromisoformat(one["seen"]) for one in beats)
            running = [not one["has_stopped"] and span < timedelta(minutes=1)
                       for one, span in zip(beats, ago, strict=True)]  # fmt: skip
            if sum(running) == processes:
                return
            await asyncio.sleep(0.1)


def has_been_silent_elsewhere(url: str, process: int) -> None:
    """For two minutes, and on another machine: here one that has just begun took its place."""
    with psycopg.connect(url) as connection:
        for (said,) in connection.execute(BEATS).fetchall():
            beat = json.loads(said)
            if beat["process"] == process:
                beat["machine"] = "web-2"
                for name in ("began", "seen"):
                    earlier = datetime.fromisoformat(beat[name]) - timedelta(minutes=2)
                    beat[name] = earlier.isoformat()
                connection.execute(
                    "UPDATE facts SET value = %s WHERE value = %s", (json.dumps(beat), said)
                )


def spoil(data: Path, change: str) -> None:
    connection = sqlite3.connect(data / "payment-service.sqlite3", isolation_level=None)
    connection.execute(change)
    connection.close()
