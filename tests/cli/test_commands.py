"""What the commands do, what they print, and that it holds in a running service at once."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
import typer

from payment_service import cli
from tests.cli.commands import Operator
from tests.cli.conftest import SetUp


def every_command(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each command that does something, with its whole name."""
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    context = typer.Context(command)
    for part in command.list_commands(context):
        yield from every_command(command.get_command(context, part), f"{name} {part}")


def asked(origin: str, path: str, key: str, body: Any = None) -> int:
    """The status of a request with that key."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(  # noqa: S310 - our own address
            urllib.request.Request(origin + path, data, headers),  # noqa: S310 - the same
            timeout=10,
        ) as answer:
            return int(answer.status)
    except HTTPError as refused:
        refused.close()
        return refused.code


def told(origin: str, app_id: str, secret: str) -> int:
    """The status of a notice with that secret."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{origin}/gateway/pakasir/{app_id}", b'{"order_id": "chg_1"}', {"X-Secret": secret}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            return int(answer.status)
    except HTTPError as refused:
        refused.close()
        return refused.code


def test_the_help_of_every_command_shows_an_example() -> None:
    commands = dict(every_command(typer.main.get_command(cli.app), "payment-service"))
    assert len(commands) >= 11
    for name, command in commands.items():
        example = " ".join(command.help.partition("Example: ")[2].split())
        assert name in example, name


def test_the_help_of_a_command_comes_without_a_database(operator: Operator) -> None:
    done = operator.runs("key", "create", "--help")
    assert (done.code, done.err) == (0, "")
    assert "Example" in done.out
    assert list(operator.folder.iterdir()) == []


def test_with_json_every_command_prints_one_document(set_up: SetUp) -> None:
    operator, app = set_up.operator, set_up.app
    assert set(app) >= {"id", "api_key", "webhook_secret", "invoice_prefix", "mode"}
    plan = operator.runs(
        "plan", "create", "--app", app["id"], "--code", "bulanan", "--name", "Bulanan",
        "--price", "99000", "--months", "1", "--json",
    )  # fmt: skip
    assert (plan.json["code"], plan.json["price"], plan.err) == ("bulanan", 99_000, "")
    key = operator.runs("key", "create", "--app", app["id"], "--name", "staging", "--json")
    assert key.json["secret"].startswith("psk_test_")
    listed = operator.runs("key", "list", "--app", app["id"], "--json")
    assert {one["name"] for one in listed.json} == {"first key", "staging"}
    assert key.json["secret"] not in listed.out
    revoked = operator.runs("key", "revoke", key.json["id"], "--json")
    assert revoked.json["revoked_at"] is not None
    assert [one["id"] for one in operator.runs("app", "list", "--json").json] == [app["id"]]
    assert len(operator.runs("plan", "list", "--app", app["id"], "--json").json) == 1


def test_without_json_people_can_read_it(set_up: SetUp) -> None:
    shown = set_up.operator.runs("app", "list")
    assert set_up.app["id"] in shown.out
    assert "BukuBengkel" in shown.out


def test_the_key_file_is_the_owners_alone(set_up: SetUp) -> None:
    path = set_up.operator.folder / "data" / "secret.key"
    assert path.stat().st_mode & 0o777 == 0o600


def test_secrets_come_from_a_file_or_from_standard_input(set_up: SetUp) -> None:
    operator = set_up.operator
    (operator.folder / "key").write_text("kunci-proyek\n")
    (operator.folder / "secret").write_text("dari-berkas\n")
    common = (
        "app", "create", "--name", "Toko", "--mode", "live", "--gateway", "pakasir",
        "--pakasir-project", "toko", "--json",
    )  # fmt: skip
    by_file = operator.runs(
        *common, "--pakasir-api-key", "@key", "--pakasir-webhook-secret", "@secret"
    ).json
    by_input = operator.runs(
        *common, "--pakasir-api-key", "@key", "--pakasir-webhook-secret", "-", stdin="dari-pipa\n"
    ).json
    by_setting = operator.runs(
        *common, pakasir_api_key="@key", pakasir_webhook_secret="dari-setelan"
    ).json
    with operator.serving() as serving:
        for app, secret in (
            (by_file, "dari-berkas"),
            (by_input, "dari-pipa"),
            (by_setting, "dari-setelan"),
        ):
            assert told(serving.origin, app["id"], secret) == 200
            assert told(serving.origin, app["id"], "@secret") == 401
    log = (operator.folder / "serve.log").read_text()
    database = b"".join(path.read_bytes() for path in (operator.folder / "data").glob("*.sqlite3*"))
    for secret in ("dari-berkas", "dari-pipa", "kunci-proyek", by_file["api_key"]):
        assert secret not in log
        assert secret.encode() not in database


def test_a_secret_file_that_is_not_there_is_named(set_up: SetUp) -> None:
    done = set_up.operator.runs(
        "app", "create", "--name", "Toko", "--mode", "live", "--gateway", "pakasir",
        "--pakasir-project", "toko", "--pakasir-api-key", "@nowhere",
        "--pakasir-webhook-secret", "x",
    )  # fmt: skip
    assert done.code != 0
    assert done.out == ""
    assert "nowhere" in done.err
    assert "Traceback" not in done.err
    assert len(set_up.operator.runs("app", "list", "--json").json) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_a_command_changes_holds_in_a_running_service_at_once(
    operator: Operator, kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "postgresql":
        operator.settings["database_url"] = request.getfixturevalue("postgres_url")
    with operator.serving() as serving:
        app = operator.runs("app", "create", "--name", "Toko", "--mode", "test", "--json").json
        key = operator.runs("key", "create", "--app", app["id"], "--json").json
        body = {"customer": {"reference": "t-1"}, "plan": "bulanan"}
        assert asked(serving.origin, "/v1/subscriptions", key["secret"], body) == 422
        plan = operator.runs(
            "plan", "create", "--app", app["id"], "--code", "bulanan", "--name", "Bulanan",
            "--price", "99000", "--months", "1",
        )  # fmt: skip
        assert plan.code == 0
        assert asked(serving.origin, "/v1/subscriptions", key["secret"], body) == 201
        for _ in range(2):  # that it was used is written down once, and then it is remembered
            assert asked(serving.origin, "/v1/plans", key["secret"]) == 200
        assert operator.runs("key", "revoke", key["id"]).code == 0
        assert asked(serving.origin, "/v1/plans", key["secret"]) == 401
        assert asked(serving.origin, "/v1/plans", app["api_key"]) == 200
