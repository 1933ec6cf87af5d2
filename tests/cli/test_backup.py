"""`payment-service backup` and `restore`, as an operator types them."""

import asyncio
import os
import sqlite3
import time
from datetime import date
from pathlib import Path

import pytest

from payment_service.kit.clock import monotonic
from payment_service.kit.crypto import new_key
from payment_service.model.backup import FLAWED, made_at
from tests.cli.commands import Operator
from tests.cli.conftest import SetUp
from tests.databases import PROGRAMS
from tests.invariants import row_counts


def test_a_backup_made_beside_the_service_is_put_back_on_a_new_machine(
    set_up: SetUp, tmp_path: Path
) -> None:
    operator, file = set_up.operator, tmp_path / "data" / "b.sqlite3"
    with operator.serving():
        set_up.is_heard_of()
        done = operator.runs("backup", "--to", str(file), "--json")
        assert done.code == 0, done.err
        assert (done.json["file"], done.json["bytes"]) == (str(file), file.stat().st_size)
        assert done.json["key_fingerprint"] in done.err
        for told in (done.err, done.json["note"]):
            assert "secret.key is not in the backup; keep a copy of it elsewhere" in told
            assert "this backup lies beside it" in told
        refused = operator.runs("restore", "--from", str(file), "--replace")
        assert refused.refused("is in use: stop the service")

    url = f"sqlite:///{tmp_path}/new/payment-service.sqlite3"
    key_file = tmp_path / "new" / "secret.key"
    key_file.parent.mkdir()
    key_file.write_text(new_key())
    refused = operator.runs("restore", "--from", str(file), database_url=url)
    assert refused.refused("does not belong to this backup", done.json["key_fingerprint"])
    assert [path.name for path in key_file.parent.iterdir()] == ["secret.key"]
    key_file.write_text((tmp_path / "data" / "secret.key").read_text())
    restored = operator.runs("restore", "--from", str(file), "--json", database_url=url)
    assert restored.code == 0, restored.err
    assert (restored.json["kept"], restored.json["breaches"]) == (None, [])
    counts = row_counts(f"sqlite:///{file}")  # the service went on
    # What the process that was running had said of itself is forgotten: two facts.
    assert row_counts(url) == {**counts, "facts": counts["facts"] - 2}


async def test_the_processes_of_the_old_machine_are_not_taken_to_run_after_a_restore(
    database_url: str, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    operator.settings.update(database_url=database_url, secret_key=new_key())
    (operator.folder / "backups").mkdir()

    def rows() -> dict[str, str]:
        found = operator.runs("doctor", "--json").json["findings"]
        return {one["what"]: f"{one['state']} {one['says']}" for one in found}

    def until(beginning: str) -> None:
        ends = monotonic() + 60
        while not (said := rows())["worker"].startswith(beginning):
            assert monotonic() < ends, said

    with operator.serving():
        await asyncio.to_thread(until, "ok last seen")
        made = operator.runs("backup", "--to", "backups", "--json")
        assert made.code == 0, made.err
    done = operator.runs("restore", "--from", made.json["file"], "--replace")
    assert (done.code, operator.runs("verify").code) == (0, 0), done.err
    found = rows()
    assert found["service"] == "attention none has been seen"
    assert found["worker"] == "attention none has been seen"


def changes(set_up: SetUp, statement: str) -> None:
    """A row of the app, past the service."""
    connection = sqlite3.connect(set_up.operator.folder / "data" / "payment-service.sqlite3")
    with connection:
        connection.execute(statement, [set_up.app["id"]])
    connection.close()


def test_what_is_not_as_it_must_be_is_told_of_a_backup_and_after_putting_it_back(
    set_up: SetUp, tmp_path: Path
) -> None:
    """And then no older backup goes."""
    operator, folder = set_up.operator, tmp_path / "backups"
    folder.mkdir()
    for hour in ("00", "01"):
        (folder / f"payment-service-2026-01-31T{hour}0000Z.sqlite3").touch()
    changes(set_up, "INSERT INTO event_counters VALUES (?, 3)")
    done = operator.runs("backup", "--to", f"{folder}/", "--verify", "--json")
    assert done.code == 3
    assert "positions_have_no_gap" in done.json["flaws"][0]
    assert "beside it" not in done.err
    assert done.json["flaws"][0] in done.err
    assert done.json["removed"] == []
    done = operator.runs("restore", "--from", done.json["file"], "--replace", "--json")
    assert done.code == 3
    assert [one["invariant"] for one in done.json["breaches"]] == ["positions_have_no_gap"]
    assert "is kept as data/payment-service.sqlite3.before_" in done.err


def made_on(backup: Path) -> date:
    made = made_at(backup.stem.removesuffix(FLAWED))
    assert made is not None
    return made.date()


def test_a_flaw_that_a_night_finds_is_told_until_a_night_finds_none(
    set_up: SetUp, tmp_path: Path
) -> None:
    """And a flawed backup is not the newest one, nor does it take a sound one's place."""
    operator, folder = set_up.operator, tmp_path / "backups"
    folder.mkdir()

    def backs_up() -> Path:
        command = ("backup", "--to", f"{folder}/", "--verify", "--json")
        while "is there already" in (done := operator.runs(*command)).err:
            time.sleep(0.2)  # a name tells the second, and this was the same one
        assert (done.code == 3) is bool(done.json["flaws"]), done.err
        return Path(done.json["file"])

    def told() -> list[tuple[str, bool]]:
        listed = operator.runs("alert", "list", "--json").json
        return [(one["kind"], "positions_have_no_gap" in one["message"]) for one in listed]

    changes(set_up, "INSERT INTO event_counters VALUES (?, 3)")
    flawed = backs_up()
    assert flawed.stem.endswith("Z-flawed")
    assert told() == [("books_broken", True)]
    waits = operator.runs("run-billing")
    assert (waits.code, "clear the alert" in waits.err) == (1, True)
    seen = operator.runs("doctor", "--json", backup_folder=str(folder)).json["findings"]
    (row,) = [one for one in seen if one["what"] == "backups"]
    assert (row["state"], "there is none" in row["says"]) == ("attention", True)
    changes(set_up, "DELETE FROM event_counters WHERE app_id = ? AND last = 3")
    sound = backs_up()
    assert told() == []
    changes(set_up, "INSERT INTO event_counters VALUES (?, 3)")
    again = backs_up()
    there = {sound.name, again.name}
    if made_on(flawed) != made_on(again):  # midnight came, and each day keeps its newest
        there.add(flawed.name)
    assert {path.name for path in folder.iterdir()} == there
    assert told() == [("books_broken", True)]


def test_a_file_that_root_has_put_there_is_named_with_the_remedy_and_nothing_is_made(
    set_up: SetUp, tmp_path: Path
) -> None:
    """Of a machine on which somebody begins anew: the backup, then the key."""
    operator, file = set_up.operator, tmp_path / "b.sqlite3"
    assert operator.runs("backup", "--to", str(file)).code == 0
    (tmp_path / "new").mkdir()
    key_file = tmp_path / "new" / "secret.key"
    key_file.write_text((tmp_path / "data" / "secret.key").read_text())
    there = Operator(tmp_path, database_url=f"sqlite:///{tmp_path}/new/payment-service.sqlite3")
    if os.geteuid() == 0:  # who may read everything
        there.within = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    file.chmod(0)
    done = there.runs("restore", "--from", file.name)
    assert (done.code, done.refused("sudo chown ", f" {file}")) == (1, True)
    file.chmod(0o600)
    key_file.chmod(0)
    for command in (("restore", "--from", file.name), ("migrate",), ("serve", "--port", "0")):
        done = there.runs(*command)
        assert (done.code, done.refused("sudo chown ", f" {key_file}")) == (1, True)
        assert list(key_file.parent.glob("*.sqlite3*")) == []
    key_file.parent.chmod(0)
    for command in (("restore", "--from", file.name), ("migrate",)):
        assert there.runs(*command).refused(f"may not look into {key_file.parent}: let it")
    key_file.parent.chmod(0o700)


def test_a_missing_program_of_postgresql_is_named(
    postgres_url: str, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(operator.folder))
    done = operator.runs("backup", "--to", "b.dump", database_url=postgres_url)
    assert done.refused("pg_dump is not installed", "postgresql-client")
    assert list(operator.folder.iterdir()) == []


def test_a_folder_that_is_not_there_is_named_and_not_made(operator: Operator) -> None:
    assert operator.runs("backup", "--to", "nowhere/").refused("there is no folder nowhere")
    assert list(operator.folder.iterdir()) == []
