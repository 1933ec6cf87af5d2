"""`payment-service import` and `customer …`: what they print, how they end, how long they take."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from payment_service.kit.calendar import local_date
from payment_service.kit.clock import SystemClock, monotonic
from tests.cli.conftest import SetUp
from tests.counts import times
from tests.invariants import check_invariants, row_counts

AHEAD = str(local_date(SystemClock().now(), "Asia/Jakarta") + timedelta(days=1))
"""Paid through a day that is not over if this one ends while the tests run."""
HEADER = "reference,name,plan,paid_through\n"


@pytest.fixture
def shop(set_up: SetUp) -> SetUp:
    plan = ("--code", "bulanan", "--name", "Bulanan", "--price", "99000", "--months", "1")
    assert set_up.operator.runs("plan", "create", "--app", set_up.app["id"], *plan).code == 0
    return set_up


def imports(shop: SetUp, name: str, content: str, *more: str) -> Any:
    path: Path = shop.operator.folder / name
    path.write_text(content)
    return shop.operator.runs("import", "--app", shop.app["id"], "--file", name, *more)


def test_a_table_is_brought_in(shop: SetUp) -> None:
    content = HEADER + f"t-1,Bengkel Jaya,bulanan,{AHEAD}\nt-2,,bulanan,{AHEAD}\n"
    dry = imports(shop, "tenants.csv", content, "--dry-run")
    assert (dry.code, dry.err) == (
        0, "payment-service: nothing is wrong; nothing was written\n",
    )  # fmt: skip
    assert "subscriptions  2" in dry.out
    done = imports(shop, "tenants.csv", content, "--json")
    assert done.code == 0, done.err
    assert done.json == {
        "app": shop.app["id"],
        "dry_run": False,
        "subscriptions": 2,
        "new_customers": 2,
        "open_invoices": 0,
        "codes": 0,
        "paid_invoices": 0,
        "errors": [],
    }
    shown = shop.operator.runs("customer", "show", "t-1", "--app", shop.app["id"], "--json").json
    assert (shown["name"], shown["subscription"]) == ("Bengkel Jaya", "active")
    check_invariants(shop.url)


def test_with_one_bad_line_nothing_is_brought_in(shop: SetUp) -> None:
    before = row_counts(shop.url)
    content = HEADER + f"t-1,,bulanan,{AHEAD}\nt-2,,mingguan,{AHEAD}\nt-3,,bulanan,2026-02-30\n"
    done = imports(shop, "tenants.csv", content)
    assert done.code == 1
    _, unknown, impossible = done.out.splitlines()
    assert unknown.split()[:2] == ["3", "plan"]
    assert impossible.split()[:2] == ["4", "paid_through"]
    assert "2 lines are wrong in tenants.csv; nothing was brought in" in done.err
    one = imports(shop, "one.csv", HEADER + f"t-2,,mingguan,{AHEAD}\n")
    assert "1 line is wrong in one.csv" in one.err
    told = imports(shop, "tenants.csv", content, "--json").json
    assert [(error["line"], error["field"]) for error in told["errors"]] == [
        (3, "plan"), (4, "paid_through"),
    ]  # fmt: skip
    assert told["subscriptions"] == 0
    assert row_counts(shop.url) == before


def test_what_cannot_be_read_is_refused(shop: SetUp) -> None:
    assert imports(shop, "tenants.txt", HEADER).refused("--format csv")
    missing = shop.operator.runs("import", "--app", shop.app["id"], "--file", "no.csv")
    assert missing.refused("no.csv", "cannot be read")
    assert missing.code == 2
    (shop.operator.folder / "t.csv").write_text(HEADER + f"t-1,,bulanan,{AHEAD}\n")
    assert shop.operator.runs("import", "--app", "app_0", "--file", "t.csv").refused("no app")
    assert imports(shop, "t.csv", HEADER + "t-1,,bulanan,\n", "--reason", " ").refused("Say why")


def test_an_invoice_of_its_own_is_created(shop: SetUp) -> None:
    lines = ("--line", "Pemasangan alat=250000", "--line", "Potongan=-50000")
    made = shop.operator.runs(
        "invoice", "create", "--app", shop.app["id"], "--customer", "t-1", *lines, "--json"
    )
    assert (made.code, made.json["total"]) == (0, 200_000)
    bad = ("invoice", "create", "--app", shop.app["id"], "--customer", "t-1", "--line", "Alat")
    assert "what it is for=rupiah" in shop.operator.runs(*bad).err


def test_a_customer_is_forgotten(shop: SetUp) -> None:
    content = HEADER + f"t-1,Siti,bulanan,{AHEAD}\n"
    assert imports(shop, "t.csv", content).code == 0
    operator, of = shop.operator, ("--app", shop.app["id"])
    why = ("--reason", "Asked by mail")
    assert operator.runs("customer", "forget", "t-1", *of, *why).refused("cancel it first")
    shown = operator.runs("customer", "show", "t-1", *of, "--json").json
    ended = operator.runs("subscription", "cancel", shown["subscription_id"], "--now")
    assert ended.code == 0, ended.err
    forgotten = operator.runs("customer", "forget", "t-1", *of, *why, "--json")
    assert (forgotten.code, forgotten.json["name"]) == (0, None)
    assert operator.runs("customer", "show", "nobody", *of).refused("no such customer")


@pytest.mark.timeout(300)
def test_a_large_file_takes_less_than_a_minute(shop: SetUp) -> None:
    count = times(2_000, 100_000)
    rows = [
        {
            "reference": f"t-{number}",
            "name": f"Bengkel {number}",
            "plan": "bulanan",
            "paid_through": AHEAD,
            "open_invoice": {"amount": 99_000, "codes": [{"order_id": f"OLD-{number}"}]},
        }
        for number in range(count)
    ]
    began = monotonic()
    done = imports(shop, "tenants.json", json.dumps(rows), "--json")
    assert done.code == 0, done.err
    assert monotonic() - began < 60
    assert (done.json["subscriptions"], done.json["codes"]) == (count, count)
