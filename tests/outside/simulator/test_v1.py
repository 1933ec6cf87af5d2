"""Version 1 of the simulated API: wrapped answers, its own credentials, the same codes as v2."""

from datetime import timedelta
from typing import Any

import pytest
import qriskit

from tests.clocks import HandClock
from tests.outside.parties import API_KEY, PROJECT
from tests.outside.simulator.asking import v1_fields
from tests.outside.simulator.conftest import Simulate

CREATE, CANCEL, SIMULATE = "transactioncreate/qris", "transactioncancel", "paymentsimulation"


async def test_create_wraps_every_field_of_the_documents(simulate: Simulate) -> None:
    at = await simulate()

    said = await at.v1(CREATE)
    payment = said.json["payment"]
    qr_string = payment.pop("payment_number")

    assert (await at.v1(CREATE)).body == said.body
    assert said.status == 200
    assert said.json.keys() == {"payment"}
    assert payment == {
        "project": PROJECT,
        "order_id": "chg_1",
        "amount": 99_000,
        "fee": 1_003,
        "total_payment": 100_003,
        "payment_method": "qris",
        "expired_at": "2026-01-31T03:15:00.000000000Z",
    }
    assert qriskit.validate(qr_string) == []


async def test_an_amount_may_be_a_number_or_its_text(simulate: Simulate) -> None:
    at = await simulate()

    assert (await at.v1(CREATE, amount="99000")).json["payment"]["amount"] == 99_000


async def test_credentials_may_stand_in_the_query_of_a_post(simulate: Simulate) -> None:
    at = await simulate()

    said = await at.ask("POST", f"/api/{CREATE}", params=v1_fields())

    assert said.json["payment"]["order_id"] == "chg_1"


async def test_detail_simulation_and_cancel_answer_as_they_do(simulate: Simulate) -> None:
    at = await simulate()
    detail = {
        "amount": 99_000,
        "order_id": "chg_1",
        "project": PROJECT,
        "status": "pending",
        "payment_method": "qris",
        "completed_at": None,
    }
    await at.v1(CREATE)
    await at.v1(CREATE, "chg_2")

    before = await at.v1_detail()
    simulated = await at.v1(SIMULATE)
    after = await at.v1_detail()
    canceled = await at.v1(CANCEL, "chg_2")
    forgotten = await at.v1_detail("chg_2")

    assert before.short == (200, {"transaction": detail})
    assert simulated.short == (200, {"success": True})
    paid = {"status": "completed", "completed_at": "2026-01-31T10:00:00.000+07:00"}
    assert after.short == (200, {"transaction": detail | paid})
    assert canceled.short == (200, {"success": True})
    assert forgotten.json["transaction"]["status"] == "canceled"
    assert (await at.v1(CANCEL)).short == (400, {"message": "Transaksi sudah dibayar"})
    assert (await at.v1(SIMULATE, "chg_2")).short == (
        400,
        {"message": "Transaksi sudah dibatalkan"},
    )


async def test_both_versions_know_the_same_codes(simulate: Simulate) -> None:
    at = await simulate()

    first = (await at.v1(CREATE)).json["payment"]
    found = (await at.create()).json
    second = (await at.create("chg_2")).json
    await at.pay(second["txn_id"])

    assert found["qr_string"] == first["payment_number"]
    assert (await at.v1_detail("chg_2")).json["transaction"]["status"] == "completed"
    await at.v1(CANCEL)
    assert (await at.status(found["txn_id"])).json["status"] == "canceled"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"api_key": "salah"}, 401),
        ({"api_key": ""}, 401),
        ({"project": "lain"}, 404),
        ({"order_id": "chg_x"}, 404),
        ({"order_id": "a\x00b"}, 404),
        ({"amount": 98_000}, 404),
        ({"amount": "banyak"}, 400),
        ({"amount": 10**40}, 404),
    ],
    ids=str,
)
async def test_strangers_and_unknown_orders_get_no_2xx_and_a_message(
    simulate: Simulate, changes: dict[str, Any], status: int
) -> None:
    at = await simulate()
    await at.v1(CREATE)

    for said in (
        await at.v1_detail(**changes),
        await at.v1(CANCEL, **changes),
        await at.v1(SIMULATE, **changes),
    ):
        assert said.status == status
        assert isinstance(said.json["message"], str)
        assert said.json.keys() == {"message"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"order_id": 5, "amount": 500}', 400),
        (b'{"order_id": "chg_1", "amount": 500.5}', 400),
    ],
    ids=str,
)
async def test_a_body_that_does_not_fit_makes_no_code(
    simulate: Simulate, body: bytes, status: int
) -> None:
    at = await simulate()

    assert (await at.ask("POST", f"/api/{CREATE}", data=body)).status == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"amount": 499}, 400), ({"amount": 10_000_001}, 400), ({"order_id": ""}, 400),
     ({"order_id": "x" * 101}, 400), ({"order_id": "a\x00b"}, 400)],
)  # fmt: skip
async def test_what_qris_cannot_take_is_refused(
    simulate: Simulate, changes: dict[str, Any], status: int
) -> None:
    assert (await (await simulate()).v1(CREATE, **changes)).status == status


async def test_another_amount_for_the_order_is_a_conflict(simulate: Simulate) -> None:
    at = await simulate()
    await at.v1(CREATE)

    assert (await at.v1(CREATE, amount=98_000)).status == 409


async def test_an_unpaid_code_is_canceled_after_a_day_on_its_clock(
    simulate: Simulate, clock: HandClock
) -> None:
    at = await simulate()
    reference = await at.made()

    clock.advance(timedelta(hours=24))

    assert (await at.v1_detail()).json["transaction"]["status"] == "canceled"
    assert (await at.status(reference)).json["status"] == "canceled"
    assert (await at.v1(SIMULATE)).status == 400


async def test_only_a_sandbox_is_paid_by_a_call_but_the_button_pays_in_both(
    simulate: Simulate,
) -> None:
    live = await simulate(sandbox=False)
    made = (await live.create()).json

    by_call = await live.v1(SIMULATE)
    by_page = await live.ask("POST", f"/api/transactions/{made['txn_id']}/simulate", json={})
    await live.pay(made["txn_id"])
    told = (await live.status(made["txn_id"])).json

    assert (by_call.status, by_page.status) == (403, 403)
    assert (told["status"], told["is_sandbox"]) == ("completed", False)
    assert made["qr_string"].startswith("000201")
    assert qriskit.validate(made["qr_string"]) == []


async def test_who_pays_the_fee_decides_what_the_code_asks_for(simulate: Simulate) -> None:
    seller = (await (await simulate(fees="seller")).create("chg_s")).json
    buyer = (await (await simulate(fees="buyer")).create("chg_b")).json

    assert (seller["amount"], seller["fee"], seller["total_payment"]) == (99_000, 1_003, 99_000)
    assert str(qriskit.parse(seller["qr_string"]).amount) == "99000.00"
    assert (buyer["amount"], buyer["fee"], buyer["total_payment"]) == (99_000, 1_003, 100_003)
    assert str(qriskit.parse(buyer["qr_string"]).amount) == "100003.00"


@pytest.mark.parametrize(("rounding", "fee"), [("up", 381), ("down", 380), ("nearest", 380)])
async def test_how_a_broken_rupiah_is_rounded_is_a_setting(
    simulate: Simulate, rounding: str, fee: int
) -> None:
    at = await simulate(fee_rounding=rounding)

    assert (await at.create(amount=10_050)).json["fee"] == fee
    assert (await at.ask("GET", "/api/v2/payment-fee/10050")).json == {"qris": fee}


async def test_its_notice_is_flat_and_names_the_project(simulate: Simulate) -> None:
    sandbox, live = await simulate(api="v1"), await simulate(api="v1", sandbox=False)

    await sandbox.paid("chg_1")
    await live.paid("chg_2")

    notice = {
        "amount": 99_000,
        "order_id": "chg_1",
        "project": PROJECT,
        "status": "completed",
        "payment_method": "qris",
        "completed_at": "2026-01-31T10:00:00.000+07:00",
    }
    assert sandbox.heard == [notice | {"is_sandbox": True}]
    assert live.heard == [notice | {"order_id": "chg_2"}]


async def test_a_key_in_the_header_is_none_in_version_1(simulate: Simulate) -> None:
    at = await simulate()
    fields = {name: value for name, value in v1_fields().items() if name != "api_key"}

    assert (await at.ask("POST", f"/api/{CREATE}", json=fields)).status == 401
    assert (
        await at.ask("POST", f"/api/{CREATE}", json=fields | {"api_key": API_KEY})
    ).status == 200
