"""`payment-service test-clock …`: time travel from a terminal."""

import json
import urllib.request
from typing import Any

from tests.cli.conftest import SetUp


def subscribed(set_up: SetUp) -> dict[str, Any]:
    operator, app = set_up.operator, set_up.app
    plan = ("--code", "bulanan", "--name", "Bulanan", "--price", "99000", "--months", "1")
    assert operator.runs("plan", "create", "--app", app["id"], *plan).code == 0
    with operator.serving() as serving:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{serving.origin}/v1/subscriptions",
            json.dumps({"customer": {"reference": "tenant-1"}, "plan": "bulanan"}).encode(),
            {"Authorization": f"Bearer {app['api_key']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            made: dict[str, Any] = json.load(answer)
    return made


def test_a_subscription_is_paid_moved_on_and_told_of(set_up: SetUp) -> None:
    operator, app = set_up.operator, ("--app", set_up.app["id"])
    subscription = subscribed(set_up)
    invoice = subscription["open_invoice"]["id"]
    assert operator.runs("test-clock", "pay", invoice, *app, "--json").json["status"] == "paid"
    assert operator.runs("test-clock", "pay", invoice, *app).refused("paid")
    habit = ("test-clock", "payer", subscription["id"], "pays_on_time", *app, "--json")
    assert operator.runs(*habit).json["habit"] == "pays_on_time"
    clock = operator.runs("test-clock", "show", *app, "--json").json
    assert clock["offset_seconds"] == 0
    to = f"{int(clock['today'][:4]) + 1}{clock['today'][4:8]}01"
    moved = operator.runs("test-clock", "advance", *app, "--to", to, "--json").json
    assert moved["clock"]["today"] == to
    assert moved["counts"]["subscription.renewed"] >= 10
    told = operator.runs("test-clock", "timeline", subscription["id"], *app).out
    assert "subscription.renewed" in told
    assert told.count("subscription.activated") == 1
    again = operator.runs("test-clock", "advance", *app, "--to", clock["today"])
    assert again.refused("only goes forward")


def test_what_is_not_there_is_refused(set_up: SetUp) -> None:
    operator, app = set_up.operator, ("--app", set_up.app["id"])
    assert operator.runs("test-clock", "show", "--app", "app_0").refused("no app")
    assert operator.runs("test-clock", "timeline", "sub_0", *app).refused("no subscription")
    assert operator.runs("test-clock", "pay", "inv_0", *app).refused("no invoice")
    assert "no habit" in operator.runs("test-clock", "payer", "sub_0", "pays", *app).err
