"""What an operator does wrong is told in one line, and nothing is made or changed by it."""

import socket
from pathlib import Path

import pytest

from payment_service.kit.crypto import new_key
from tests.cli.commands import Operator
from tests.cli.conftest import SetUp
from tests.invariants import row_counts


def files(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, with what is in it; SQLite's own shared memory is its own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("base_url", "example.com"),
        ("private_targets", "127.0.0.1:99999"),
    ],
)
def test_a_bad_setting_is_named(operator: Operator, name: str, value: str) -> None:
    done = operator.runs("app", "list", **{name: value})
    assert done.refused(f"PAYMENT_SERVICE_{name.upper()}")
    assert files(operator.folder) == {}


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///:memory:"])
def test_a_database_that_is_none_is_refused(operator: Operator, url: str) -> None:
    assert operator.runs("app", "list", database_url=url).refused("sqlite:///")
    assert files(operator.folder) == {}


@pytest.mark.parametrize(
    "command", [("verify",), ("alert", "list"), ("alert", "test"), ("reconcile",), ("app", "list")]
)
def test_who_only_looks_makes_no_database(operator: Operator, command: tuple[str, ...]) -> None:
    assert operator.runs(*command).refused("no database", "PAYMENT_SERVICE_DATABASE_URL")
    assert files(operator.folder) == {}
    empty = operator.folder / "payment-service.sqlite3"
    empty.touch()
    url = f"sqlite:///{empty}"
    assert operator.runs(*command, database_url=url).refused("no database", str(empty))
    assert set(files(operator.folder)) == {empty.name}


def test_a_second_one_on_a_sqlite_file_is_told(set_up: SetUp) -> None:
    def warned(log: str) -> bool:
        return "runs on this SQLite file already" in log

    log = set_up.operator.folder / "serve.log"
    with set_up.operator.serving():
        assert not warned(log.read_text())
        with set_up.operator.serving(with_worker=False):
            assert warned(log.read_text())
    log.unlink()
    with set_up.operator.serving():
        assert not warned(log.read_text())


def test_the_first_migration_says_where_it_made_the_key(operator: Operator) -> None:
    key = str(operator.folder / "data" / "secret.key")
    done = operator.runs("migrate")
    assert (done.code, key in done.err) == (0, True)
    assert key not in operator.runs("migrate").err


def test_a_used_port_is_named(operator: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert operator.runs("serve", "--port", port).refused(port, "another port")
    assert files(operator.folder) == {}


def test_a_missing_key_file_is_named_with_its_fingerprint(set_up: SetUp) -> None:
    operator = set_up.operator
    key_file = operator.folder / "data" / "secret.key"
    kept = key_file.read_text()
    key_file.unlink()
    before = row_counts(set_up.url)
    for command in (("serve", "--port", "0"), ("app", "list"), ("migrate",)):
        done = operator.runs(*command)
        assert done.refused("secret.key", "is missing", "fingerprint")
        assert not key_file.exists()
    assert row_counts(set_up.url) == before

    expected = done.err.partition("fingerprint ")[2].split(",")[0].strip()
    key_file.write_text(new_key() + "\n")
    assert operator.runs("serve", "--port", "0").refused("not the key", expected)
    key_file.write_text(kept)
    assert operator.runs("app", "list").code == 0


@pytest.mark.parametrize("content", ["", "not a key\n", "\xff\xfe"])
def test_a_key_file_that_holds_no_key_is_refused(set_up: SetUp, content: str) -> None:
    key_file = set_up.operator.folder / "data" / "secret.key"
    key_file.write_bytes(content.encode("latin-1"))
    assert set_up.operator.runs("app", "list").refused("key")


@pytest.mark.parametrize("damage", ["no database", "a page"])
def test_a_damaged_database_file_is_named(set_up: SetUp, damage: str) -> None:
    operator = set_up.operator
    database = operator.folder / "data" / "payment-service.sqlite3"
    for beside in database.parent.glob("*.sqlite3-*"):
        beside.unlink()
    content = bytearray(database.read_bytes())
    content[: 512 if damage == "no database" else 0] = b""
    if damage == "no database":
        content[:0] = b"this is a letter to my landlord " * 16
    else:
        content[4096:] = b"\xa5" * (len(content) - 4096)
    database.write_bytes(content)
    assert operator.runs("serve", "--port", "0").refused("database")
    assert database.read_bytes() == bytes(content)


def test_a_folder_in_which_nothing_can_be_made_is_named(operator: Operator) -> None:
    (operator.folder / "data").write_text("a file, where a folder should be")
    before = files(operator.folder)
    for command in (("serve", "--port", "0"), ("app", "list")):
        assert operator.runs(*command).refused("data")
    assert files(operator.folder) == before


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "create", "--app", "app_x", "--code", "a", "--name", "A", "--price", "0",
         "--months", "1"),
        ("key", "create", "--app", "app_x"),
    ],
)  # fmt: skip
def test_an_unknown_app_is_refused(set_up: SetUp, command: tuple[str, ...]) -> None:
    before = row_counts(set_up.url)
    assert set_up.operator.runs(*command).refused("no app with this id")
    assert row_counts(set_up.url) == before


def test_an_unknown_key_is_refused(set_up: SetUp) -> None:
    assert set_up.operator.runs("key", "revoke", "key_x").refused("no key with this id")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mode", "sandbox"), "test or live"),
        (("--mode", "test", "--webhook-url", "http://127.0.0.1:9/"), "PRIVATE_TARGETS"),
    ],
)
def test_an_app_outside_the_rules_is_refused(
    set_up: SetUp, options: tuple[str, ...], words: str
) -> None:
    before = row_counts(set_up.url)
    done = set_up.operator.runs("app", "create", "--name", "Toko", *options)
    assert done.refused(words)
    assert row_counts(set_up.url) == before


def test_a_plan_outside_the_rules_is_refused(set_up: SetUp) -> None:
    before = row_counts(set_up.url)
    for price, words in (("499", "Rp500"), ("10000001", "Rp10.000.000")):
        done = set_up.operator.runs(
            "plan", "create", "--app", set_up.app["id"], "--code", "a", "--name", "A",
            "--price", price, "--months", "1",
        )  # fmt: skip
        assert done.refused(words)
    assert row_counts(set_up.url) == before


@pytest.mark.parametrize("proxies", ["foo", "127.0.0.1,10.0.0.0/99"])
def test_a_proxy_that_is_no_address_is_named(set_up: SetUp, proxies: str) -> None:
    operator = Operator(set_up.operator.folder, trusted_proxies=proxies)
    assert operator.runs("serve", "--port", "0").refused("PAYMENT_SERVICE_TRUSTED_PROXIES")


def test_a_port_that_no_machine_has_is_refused(set_up: SetUp) -> None:
    done = set_up.operator.runs("serve", "--port", "99999")
    assert done.code == 2
    assert "Traceback" not in done.err


def test_nobody_else_may_read_the_database(set_up: SetUp) -> None:
    database = set_up.operator.folder / "data" / "payment-service.sqlite3"
    assert database.stat().st_mode & 0o077 == 0
