"""Dates, days, zones and plans that cannot be, at a terminal: one sentence, and nothing changed."""

from typing import Any

import pytest

from tests.cli.conftest import SetUp
from tests.cli.test_money_commands import PAID, subscribed
from tests.invariants import row_counts

WHY = ("--reason", "Tiket 118")
PLAN = ("--code", "baru", "--name", "Baru", "--price", "99000")


@pytest.fixture
def active(set_up: SetUp) -> dict[str, Any]:
    """Paid for a month."""
    made = subscribed(set_up)
    done = set_up.operator.runs("invoice", "mark-paid", made["open_invoice"]["id"], *PAID)
    assert done.code == 0, done.err
    return made


def test_what_cannot_be_is_refused_and_nothing_changes(
    set_up: SetUp, active: dict[str, Any]
) -> None:
    runs, one, app = set_up.operator.runs, active["id"], set_up.app["id"]
    of_app = ("--app", app)
    shown = runs("subscription", "show", one, "--json").json
    before = row_counts(set_up.url)
    for command, word in (
        (("subscription", "extend", one, "--days=-1", *WHY), "1 to 366"),
        (("subscription", "move", one, "--paid-through=2020-01-31", *WHY), "today"),
        (("subscription", "change-plan", one, "--plan", "bulanan"), "plan"),
        (("plan", "create", *of_app, *PLAN, "--months=0"), "1 to 36 months"),
        (("plan", "create", *of_app, *PLAN, "--months=1", "--trial-days=-1"), "0 to 365"),
        (("plan", "create", *of_app, *PLAN, "--months=1", "--grace-days=-1"), "0 to 90"),
        (("app", "set", app, "--zone", "Asia/Jayapura"), "its zone stays"),
        (("app", "create", "--name", "Kasir", "--mode", "test", "--zone", "UTC"), "Asia/Makassar"),
        (("test-clock", "advance", *of_app, "--to", "2020-01-31"), "only goes forward"),
    ):
        assert runs(*command).refused(word), command
    for impossible in (
        ("subscription", "move", one, "--paid-through=2027-02-30", *WHY),
        ("test-clock", "advance", *of_app, "--to", "2027-02-30"),
        ("run-billing", "--dry-run", "--today", "2027-02-30"),
    ):
        done = runs(*impossible)
        assert (done.code, done.out) == (2, ""), impossible
        assert "2027-02-30" in done.err
    assert row_counts(set_up.url) == before
    assert runs("subscription", "show", one, "--json").json == shown


def test_a_live_app_has_no_test_clock(set_up: SetUp) -> None:
    runs = set_up.operator.runs
    project = ("--gateway", "pakasir", "--pakasir-project", "bukubengkel")
    secrets = {"pakasir_api_key": "kunci", "pakasir_webhook_secret": "rahasia-kabar"}
    made = runs("app", "create", "--name", "Kasir", "--mode", "live", *project, "--json", **secrets)
    assert made.code == 0, made.err
    before = row_counts(set_up.url)
    for command in (("advance", "--to", "2030-01-31"), ("show",)):
        assert runs("test-clock", *command, "--app", made.json["id"]).refused("Only test apps")
    assert row_counts(set_up.url) == before
