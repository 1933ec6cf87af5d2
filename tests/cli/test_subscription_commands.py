"""The commands for one subscription: named by id or by the app's reference, done with a reason."""

from typing import Any

import pytest

from tests.cli.conftest import SetUp
from tests.cli.test_money_commands import PAID, subscribed

WHY = ("--reason", "Tiket 118", "--json")


@pytest.fixture
def active(set_up: SetUp) -> dict[str, Any]:
    """Paid for a month."""
    made = subscribed(set_up)
    done = set_up.operator.runs("invoice", "mark-paid", made["open_invoice"]["id"], *PAID)
    assert done.code == 0, done.err
    return made


def test_a_subscription_is_shown_by_its_tenants_reference(
    set_up: SetUp, active: dict[str, Any]
) -> None:
    operator, app = set_up.operator, ("--app", set_up.app["id"])
    shown = operator.runs("subscription", "show", "tenant-1", *app, "--json").json
    assert (shown["id"], shown["status"], shown["access"]) == (active["id"], "active", True)
    assert "paid_through" in operator.runs("subscription", "show", active["id"]).out
    assert operator.runs("subscription", "show", "tenant-2", *app).refused("no customer tenant-2")
    assert operator.runs("subscription", "show", "sub_0").refused("no subscription")


def test_a_subscription_is_suspended_resumed_extended_and_moved(
    set_up: SetUp, active: dict[str, Any]
) -> None:
    runs, one = set_up.operator.runs, active["id"]
    assert runs("subscription", "suspend", one, *WHY).json["reason"] == "manual"
    assert runs("subscription", "suspend", one, *WHY).refused("already")
    assert runs("subscription", "resume", one, *WHY).json["status"] == "active"
    before = runs("subscription", "show", one, "--json").json["paid_through"]
    longer = runs("subscription", "extend", one, "--days", "7", *WHY).json["paid_through"]
    assert longer > before
    assert runs("subscription", "extend", one, "--days", "0", *WHY).refused("1 to 366")
    moved = runs("subscription", "move", one, "--paid-through", before, *WHY)
    assert moved.json["paid_through"] == before
    past = ("--paid-through", "2020-01-01")
    assert runs("subscription", "move", one, *past, *WHY).refused("today")
    assert "Missing option '--reason'" in runs("subscription", "suspend", one).err


def test_a_subscription_is_canceled_and_kept(set_up: SetUp, active: dict[str, Any]) -> None:
    runs, one = set_up.operator.runs, active["id"]
    assert runs("subscription", "cancel", one, "--json").json["cancel_at_period_end"] is True
    assert runs("subscription", "undo-cancel", one, "--json").json["cancel_at_period_end"] is False
    assert runs("subscription", "cancel", one, "--now", "--json").json["status"] == "canceled"


def test_an_invoice_is_voided_by_its_number(set_up: SetUp) -> None:
    made = subscribed(set_up)
    number = made["open_invoice"]["number"]
    runs = set_up.operator.runs
    assert runs("invoice", "void", number, *WHY).json["void_reason"] == "admin"
    assert runs("invoice", "void", number, *WHY).refused("void already")
    assert runs("subscription", "show", made["id"], "--json").json["status"] == "expired"
