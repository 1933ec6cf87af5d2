"""`payment-service reconcile`: what it prints, and how it ends."""

import asyncio
import json
import urllib.request
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import update

from payment_service.kit.calendar import local_date
from payment_service.kit.clock import SystemClock
from payment_service.kit.database import open_database
from payment_service.kit.statements import command, param
from payment_service.model.charge import charges
from payment_service.outside.simulator.codes import complete, get
from tests.cli.commands import Done, Operator
from tests.cli.conftest import SetUp

TODAY = local_date(SystemClock().now(), "Asia/Jakarta")
OF_PAKASIR = command(update(charges).where(charges.c.id == param("key")).values(gateway="pakasir"))


class Shop(NamedTuple):
    """An operator with one open code in the books."""

    operator: Operator
    url: str
    app_id: str
    charge_id: str

    def reconciles(self, *more: str) -> Done:
        # Both, so that midnight in the middle of a test changes nothing.
        days = ("--from", str(TODAY), "--to", str(local_date(SystemClock().now(), "Asia/Jakarta")))
        return self.operator.runs("reconcile", *days, *more)

    def receives_money(self) -> None:
        async def pay() -> None:
            now = SystemClock().now()
            db = open_database(self.url)
            code = await db.read(get, self.app_id, self.charge_id, now)
            assert code is not None
            await db.write(complete, code.reference, now)
            await db.close()

        asyncio.run(pay())

    def was_opened_at_pakasir(self) -> None:
        async def plant() -> None:
            db = open_database(self.url)
            await db.write(lambda tx: tx.run(OF_PAKASIR, key=self.charge_id))
            await db.close()

        asyncio.run(plant())


def asked(url: str, key: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = json.dumps(body or {}).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
        return json.loads(answer.read())


@pytest.fixture
def shop(set_up: SetUp) -> Shop:
    operator, app = set_up.operator, set_up.app
    with operator.serving() as serving:
        operator.runs(
            "plan", "create", "--app", app["id"], "--code", "bulanan", "--name", "Bulanan",
            "--price", "99000", "--months", "1",
        )  # fmt: skip
        body = {"customer": {"reference": "t-1"}, "plan": "bulanan"}
        made = asked(f"{serving.origin}/v1/subscriptions", app["api_key"], body)
        invoice = made["open_invoice"]["id"]
        code = asked(f"{serving.origin}/v1/invoices/{invoice}/qris", app["api_key"])
    return Shop(operator, set_up.url, app["id"], code["charge_id"])


def test_without_exceptions_it_ends_with_0(shop: Shop) -> None:
    done = shop.reconciles()
    assert (done.code, done.out) == (0, "No exceptions.\n")
    (summary,) = done.err.splitlines()
    assert "1 charges asked, 0 unanswered, 0 exceptions" in summary


def test_an_exception_is_a_line_and_ends_with_1(shop: Shop) -> None:
    shop.receives_money()
    done = shop.reconciles("--app", shop.app_id)
    assert done.code == 1
    _, line = done.out.splitlines()
    assert "not_booked" in line
    assert shop.charge_id in line
    assert "Rp99.000" in line
    assert "1 exceptions" in done.err


def test_with_json_it_is_one_document(shop: Shop) -> None:
    shop.receives_money()
    done = shop.reconciles("--json")
    assert done.code == 1
    (app,) = done.json["apps"]
    assert (app["app"], app["asked"], app["unanswered"]) == (shop.app_id, 1, [])
    (found,) = app["exceptions"]
    assert (found["difference"], found["charge_id"]) == ("not_booked", shop.charge_id)
    assert (found["ours"], found["theirs"]) == (None, 99_000)


def test_a_charge_of_a_gateway_that_is_gone_is_named(shop: Shop) -> None:
    shop.was_opened_at_pakasir()
    done = shop.reconciles()
    assert done.code == 0
    named, summary = done.err.splitlines()
    assert shop.charge_id in named
    assert "no gateway pakasir" in named
    assert "1 of a gateway the app no longer has" in summary


def test_a_settlement_file_is_the_third_side(shop: Shop) -> None:
    path = shop.operator.folder / "settled.csv"
    path.write_text("order_id;amount\nINV-1;Rp50.000\n")
    done = shop.reconciles("--settlement", "settled.csv")
    assert done.code == 1
    assert "unknown_settlement" in done.out
    assert "Line 2 is no payment of ours." in done.out


def test_a_broken_settlement_file_is_refused_by_its_line(set_up: SetUp) -> None:
    path = set_up.operator.folder / "settled.csv"
    path.write_text("order_id;amount\nINV-1;Rp50.000\nINV-2;fifty\n")
    done = set_up.operator.runs("reconcile", "--settlement", "settled.csv")
    assert done.code == 2
    assert done.refused("settled.csv", "line 3", "fifty", "nothing was compared")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--from", "1 November"), ("--from", "2026-11-21")),
        (("--to", str(TODAY + timedelta(days=2))), ("--to", "future")),
        (("--from", "2026-01-02", "--to", "2026-01-01"), ("after",)),
        (("--from", "2025-01-01", "--to", "2026-01-02"), ("367 days", "366")),
        (("--app", "app_nobody"), ("app_nobody", "app list")),
        (("--settlement", "nowhere.csv"), ("nowhere.csv", "cannot be read")),
    ],
)
def test_bad_options_end_with_2_and_one_line(
    set_up: SetUp, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = set_up.operator.runs("reconcile", *options)
    assert done.code == 2
    assert done.refused(*words)


def test_a_settlement_file_belongs_to_one_app(set_up: SetUp) -> None:
    operator = set_up.operator
    operator.runs("app", "create", "--name", "Toko", "--mode", "test")
    (operator.folder / "settled.csv").write_text("order_id,amount\n")
    done = operator.runs("reconcile", "--settlement", "settled.csv")
    assert done.code == 2
    assert done.refused("--app")


def test_yesterday_is_what_is_compared_unless_told(set_up: SetUp) -> None:
    before = yesterday()
    (app,) = set_up.operator.runs("reconcile", "--json").json["apps"]
    assert app["first_day"] == app["last_day"]
    assert app["first_day"] in (before, yesterday())


def yesterday() -> str:
    return str(local_date(SystemClock().now(), "Asia/Jakarta") - timedelta(days=1))
