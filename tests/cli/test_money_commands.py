"""The commands that touch money: what they print, and that it is done once."""

import json
import urllib.request
from typing import Any

import pytest

from tests.cli.commands import Operator
from tests.cli.conftest import SetUp


def subscribed(set_up: SetUp) -> dict[str, Any]:
    """A pending subscription on a plan of Rp99.000."""
    operator, app = set_up.operator, set_up.app
    plan = ("--code", "bulanan", "--name", "Bulanan", "--price", "99000", "--months", "1")
    assert operator.runs("plan", "create", "--app", app["id"], *plan).code == 0
    body = {"customer": {"reference": "tenant-1"}, "plan": "bulanan"}
    with operator.serving() as serving:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{serving.origin}/v1/subscriptions",
            json.dumps(body).encode(),
            {
                "Authorization": f"Bearer {app['api_key']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            made: dict[str, Any] = json.load(answer)
    return made


PAID = ("--reference", "BCA 1", "--note", "tunai", "--json")


def test_an_invoice_is_marked_as_paid_by_its_number(set_up: SetUp) -> None:
    invoice = subscribed(set_up)["open_invoice"]
    operator = set_up.operator
    done = operator.runs("invoice", "mark-paid", invoice["number"], *PAID)
    assert (done.code, done.json["invoice_id"], done.json["amount"]) == (0, invoice["id"], 99_000)
    assert operator.runs("invoice", "mark-paid", invoice["id"], *PAID).refused("reference")
    again = ("--reference", "BCA 2", "--note", "tunai")
    assert operator.runs("invoice", "mark-paid", invoice["id"], *again).refused("paid already")
    assert "there is no invoice BB-1" in operator.runs("invoice", "mark-paid", "BB-1", *PAID).err


def test_credit_of_nothing_is_shown_and_cannot_be_refunded(set_up: SetUp) -> None:
    customer = subscribed(set_up)["customer"]["id"]
    operator = set_up.operator
    shown = operator.runs("credit", "show", customer, "--json")
    told = shown.json
    assert (told["customer_id"], told["balance"], told["entries"]) == (customer, 0, [])
    by_reference = ("credit", "show", "tenant-1", "--app", set_up.app["id"])
    assert "No entry yet." in operator.runs(*by_reference).out
    refund = ("--amount", "1", "--reference", "BCA 3", "--note", "kembali")
    assert operator.runs("credit", "refund", customer, *refund).refused("Rp0")
    assert operator.runs("credit", "show", "cus_0").refused("no such customer")


def test_nothing_needs_a_person_in_a_database_that_is_new(set_up: SetUp) -> None:
    assert set_up.operator.runs("review", "list").out == "Nothing needs you.\n"
    assert set_up.operator.runs("review", "list", "--json").json == []


@pytest.mark.parametrize(
    "deed",
    [
        ("credit",),
        ("settle",),
        ("refunded", "--reference", "BCA 1", "--note", "n"),
        ("dismiss", "--note", "n"),
    ],
)
def test_a_payment_that_is_not_there_is_not_decided(set_up: SetUp, deed: tuple[str, ...]) -> None:
    name, *options = deed
    assert set_up.operator.runs("review", name, "pay_0", *options).refused("no payment")


def test_the_gateway_is_set_and_checked(set_up: SetUp) -> None:
    operator, app_id = set_up.operator, set_up.app["id"]
    checked = operator.runs("gateway", "check", "--app", app_id, "--json")
    assert (checked.code, checked.json["reached"], checked.json["fee_of_99000"]) == (0, True, 1_003)
    project = ("--project", "bukubengkel", "--api-key", "-", "--json")
    made = operator.runs(
        "gateway", "set", "--app", app_id, *project, stdin="kunci\n", pakasir_webhook_secret="s"
    )
    assert made.json == {
        "app_id": app_id,
        "gateway": "pakasir",
        "version": "v2",
        "origin": "https://app.pakasir.com",
        "project": "bukubengkel",
    }
    elsewhere = ("--base-url", "https://bayar.example.com")
    assert operator.runs("gateway", "set", "--app", app_id, *elsewhere).refused("API key again")


def test_a_gateway_that_is_away_is_told_with_an_exit_code(operator: Operator) -> None:
    created = operator.runs(
        "app", "create", "--name", "Kasir", "--mode", "test", "--gateway", "pakasir",
        "--pakasir-project", "kasir", "--pakasir-base-url", "http://127.0.0.1:9", "--json",
        pakasir_api_key="kunci", pakasir_webhook_secret="s", private_targets="127.0.0.1:9",
    )  # fmt: skip
    done = operator.runs(
        "gateway", "check", "--app", created.json["id"], private_targets="127.0.0.1:9"
    )
    assert done.code == 1
    assert "no connection" in done.out
