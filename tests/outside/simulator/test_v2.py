"""The simulator's API over real HTTP: every call, its limits and its refusals."""

import json
from datetime import timedelta
from typing import Any

import pytest

from payment_service.kit.database import Database
from tests.clocks import HandClock
from tests.outside.parties import PROJECT, Receiver, RunningSimulator, running_simulator

QRIS = {"method": "qris", "amount": 99_000}
Said = tuple[int, Any]


async def call(
    at: RunningSimulator, method: str, path: str, body: object = None, **headers: str
) -> Said:
    async with at.http.request(
        method, f"{at.origin}/api{path}", json=body, headers=headers
    ) as answer:
        return answer.status, json.loads(await answer.text())


async def create(at: RunningSimulator, order_id: str = "chg_1", body: object = QRIS) -> Said:
    return await call(at, "POST", f"/v2/create-transaction/{PROJECT}/{order_id}", body)


async def test_create_answers_with_every_field_of_the_documents(
    simulator: RunningSimulator,
) -> None:
    status, answer = await create(simulator)
    again = await create(simulator)

    assert status == 200
    assert again == (200, answer)
    qr_string, txn_id = answer.pop("qr_string"), answer.pop("txn_id")
    assert qr_string.startswith("000201")
    assert txn_id
    assert answer == {
        "project": PROJECT,
        "order_id": "chg_1",
        "amount": 99_000,
        "fee": 1_003,
        "total_payment": 100_003,
        "payment_method": "qris",
        "va_number": "",
        "expired_at": "2026-01-31T03:15:00.000000000Z",
        "is_sandbox": True,
        "status": "pending",
        "completed_at": None,
    }


async def test_a_payment_link_leads_to_the_hosted_page(simulator: RunningSimulator) -> None:
    _, answer = await create(simulator, body={"method": "payment_link", "amount": 50_000_000})

    assert answer.keys() == {"txn_id", "payment_link"}
    assert answer["payment_link"] == f"{simulator.origin}/pay-v2/{answer['txn_id']}"


async def test_status_cancel_and_fee_answer_flat(simulator: RunningSimulator) -> None:
    _, made = await create(simulator)
    path = f"{PROJECT}/{made['txn_id']}"

    assert await call(simulator, "GET", f"/v2/transaction-status/{path}") == (
        200,
        {
            "txn_id": made["txn_id"],
            "order_id": "chg_1",
            "amount": 99_000,
            "is_sandbox": True,
            "status": "pending",
            "completed_at": None,
        },
    )
    status, answer = await call(simulator, "POST", f"/v2/cancel-transaction/{path}")
    assert (status, answer.keys()) == (200, {"message"})
    _, told = await call(simulator, "GET", f"/v2/transaction-status/{path}")
    assert told["status"] == "canceled"
    assert await call(simulator, "GET", "/v2/payment-fee/12000") == (200, {"qris": 394})


async def test_a_simulated_payment_completes_and_is_told(
    simulator: RunningSimulator, receiver: Receiver
) -> None:
    _, made = await create(simulator)

    paid = await call(simulator, "POST", f"/transactions/{made['txn_id']}/simulate", {})
    (notice,) = await receiver.hears(1)
    _, told = await call(simulator, "GET", f"/v2/transaction-status/{PROJECT}/{made['txn_id']}")

    assert paid == (200, {"success": True})
    assert json.loads(notice.body) == told
    assert told["status"] == "completed"
    assert told["completed_at"] == "2026-01-31T03:00:00.000000000Z"
    canceled = await call(simulator, "POST", f"/v2/cancel-transaction/{PROJECT}/{made['txn_id']}")
    assert canceled == (400, {"message": "Transaksi sudah dibayar"})


@pytest.mark.parametrize(
    ("method", "path", "key", "status", "message"),
    [
        ("POST", f"/v2/create-transaction/{PROJECT}/chg_1", "x", 401, "Api key tidak valid"),
        ("GET", f"/v2/transaction-status/{PROJECT}/t", "", 401, "Api key tidak valid"),
        ("POST", f"/v2/cancel-transaction/{PROJECT}/t", "x", 401, "Api key tidak valid"),
        ("POST", "/v2/create-transaction/other/chg_1", None, 404, "Proyek tidak ditemukan"),
        ("GET", f"/v2/transaction-status/{PROJECT}/t", None, 404, "Transaksi tidak ditemukan"),
        ("POST", f"/v2/cancel-transaction/{PROJECT}/t", None, 404, "Transaksi tidak ditemukan"),
        ("POST", "/transactions/t/simulate", None, 404, "Transaksi tidak ditemukan"),
    ],
)
async def test_strangers_and_unknown_things_are_turned_away(
    simulator: RunningSimulator,
    method: str,
    path: str,
    key: str | None,
    status: int,
    message: str,
) -> None:
    headers = {} if key is None else {"X-Api-Key": key}

    assert await call(simulator, method, path, QRIS, **headers) == (status, {"message": message})


@pytest.mark.parametrize(
    "body",
    [
        {"method": "qris", "amount": 499},
        {"method": "qris", "amount": 10_000_001},
        {"method": "payment_link", "amount": 50_000_001},
        {"method": "bni_va", "amount": 99_000},
        {"method": "qris", "amount": 99_000.5},
        {"method": "qris"},
        [],
        None,
    ],
    ids=str,
)
async def test_a_body_that_does_not_fit_makes_no_code(
    simulator: RunningSimulator, body: object
) -> None:
    status, answer = await create(simulator, body=body)

    assert status == 400
    assert isinstance(answer["message"], str)
    assert (await create(simulator))[0] == 200


async def test_another_amount_for_the_order_is_a_conflict(simulator: RunningSimulator) -> None:
    await create(simulator)

    assert (await create(simulator, body=QRIS | {"amount": 98_000}))[0] == 409


async def test_a_project_that_is_live_cannot_be_paid_by_a_call(
    file_of_codes: Database, clock: HandClock, receiver: Receiver
) -> None:
    async with running_simulator(file_of_codes, clock, receiver, sandbox=False) as live:
        _, made = await create(live)

        assert made["is_sandbox"] is False
        assert (await call(live, "POST", f"/transactions/{made['txn_id']}/simulate", {}))[0] == 403


async def test_a_third_create_in_a_second_waits_its_turn(
    file_of_codes: Database, clock: HandClock, receiver: Receiver
) -> None:
    async with running_simulator(file_of_codes, clock, receiver, limits=True) as strict:
        answers = [(await create(strict, f"chg_{number}"))[0] for number in range(3)]
        path = f"{strict.origin}/api/v2/create-transaction/{PROJECT}/chg_2"
        async with strict.http.post(path, json=QRIS) as refused:
            wait = refused.headers["Retry-After"]
        clock.advance(timedelta(seconds=1))
        later = (await create(strict, "chg_2"))[0]

    assert answers == [200, 200, 429]
    assert wait == "1"
    assert later == 200


async def test_status_is_told_once_in_four_seconds_for_each_transaction(
    file_of_codes: Database, clock: HandClock, receiver: Receiver
) -> None:
    async with running_simulator(file_of_codes, clock, receiver, limits=True) as strict:
        paths = []
        for order in ("chg_1", "chg_2"):
            _, made = await create(strict, order)
            paths.append(f"/v2/transaction-status/{PROJECT}/{made['txn_id']}")

        first = [(await call(strict, "GET", path))[0] for path in (*paths, paths[0])]
        clock.advance(timedelta(seconds=4))
        second = (await call(strict, "GET", paths[0]))[0]

    assert (first, second) == ([200, 200, 429], 200)
