"""Faults in the answers of the API, each over real HTTP in both versions."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from payment_service.kit.clock import monotonic
from payment_service.outside.simulator.faults import KINDS
from tests.outside.simulator.asking import Asker, Said
from tests.outside.simulator.conftest import Simulate

ANSWERS = ("create", "status", "cancel")


async def asked(at: Asker, version: str, call: str, order_id: str = "chg_1") -> Said:
    """One of the three calls; the order exists for the two that need it."""
    if version == "v1":
        if call == "status":
            return await at.v1_detail(order_id)
        return await at.v1(
            {"create": "transactioncreate/qris"}.get(call, "transactioncancel"), order_id
        )
    if call == "create":
        return await at.create(order_id)
    reference = await at.made(order_id)
    return await (at.status(reference) if call == "status" else at.cancel(reference))


def inner(said: Said) -> dict[str, Any]:
    content: dict[str, Any] = said.json
    found: dict[str, Any] = content.get("payment") or content.get("transaction") or content
    return found


both = pytest.mark.parametrize("version", ["v1", "v2"])
each_call = pytest.mark.parametrize("call", ANSWERS)


@both
@each_call
async def test_slow_answers_after_so_many_seconds(
    simulate: Simulate, version: str, call: str
) -> None:
    at = await simulate()
    await at.made()
    at.will(kind="slow", calls=(call,), seconds=0.1, times=1)

    start = monotonic()
    said = await asked(at, version, call)

    assert said.status == 200
    assert monotonic() - start >= 0.1
    assert at.faults.fired == {"slow": 1}


@both
@each_call
async def test_drip_sends_the_whole_answer_byte_by_byte(
    simulate: Simulate, version: str, call: str
) -> None:
    at = await simulate()
    await at.made()
    at.will(kind="drip", calls=(call,), seconds=0.1)

    start = monotonic()
    said = await asked(at, version, call)

    assert said.json
    assert said.headers["Content-Length"] == str(len(said.body))
    assert monotonic() - start >= 0.1
    assert at.faults.fired == {"drip": 1}


@both
@each_call
@pytest.mark.parametrize(
    ("variant", "after"), [("with_retry_after", "3"), ("without_retry_after", None)]
)
async def test_too_many_does_nothing_but_refuse(
    simulate: Simulate, version: str, call: str, variant: str, after: str | None
) -> None:
    at = await simulate()
    reference = await at.made()
    at.will(kind="too_many", calls=(call,), variant=variant, seconds=3, times=1)

    said = await asked(at, version, call)

    assert (said.status, said.headers.get("Retry-After")) == (429, after)
    assert (await at.status(reference)).json["status"] == "pending"


@both
@each_call
@pytest.mark.parametrize(
    ("variant", "done"), [("500", True), ("502", False), ("503", False), ("504", True)]
)
async def test_an_error_before_the_gateway_has_done_nothing_and_behind_it_all(
    simulate: Simulate, version: str, call: str, variant: str, done: bool
) -> None:
    at = await simulate()
    if call != "create":
        await at.made()
    at.will(kind="error", calls=(call,), variant=variant, times=1)

    said = await asked(at, version, call)
    found = await at.v1_detail()

    assert said.status == int(variant)
    if call == "create":
        assert found.status == (200 if done else 404)
    if call == "cancel":
        assert found.json["transaction"]["status"] == ("canceled" if done else "pending")


@both
@each_call
@pytest.mark.parametrize("variant", KINDS["wrong_body"].variants)
async def test_a_wrong_body_is_no_answer_to_what_was_asked(
    simulate: Simulate, version: str, call: str, variant: str
) -> None:
    at = await simulate()
    await at.made()
    true = await asked(at, version, call)
    at.will(kind="wrong_body", calls=(call,), variant=variant)

    said = await asked(at, version, call)

    if (call, variant) in {
        ("status", "other_amount"),
        ("cancel", "other_amount"),
        ("cancel", "other_order"),
    }:
        assert said.body == true.body
        assert not at.faults.fired
        return
    assert said.status == 200
    assert at.faults.fired == {"wrong_body": 1}
    if variant == "empty":
        assert said.body == b""
    elif variant == "array":
        assert said.json == [true.json]
    elif variant == "other_order":
        assert inner(said)["order_id"] != "chg_1"
    elif variant == "other_amount":
        assert inner(said)["amount"] == 100_000
        assert "5406101003.00" not in true.body.decode()
        assert "101003.00" in said.body.decode()
    else:
        with pytest.raises(json.JSONDecodeError):
            json.loads(said.body)


@both
async def test_expires_at_is_the_other_name(simulate: Simulate, version: str) -> None:
    at = await simulate()
    true = inner(await asked(at, version, "create"))
    at.will(kind="expires_at")

    said = inner(await asked(at, version, "create"))

    assert said.pop("expires_at") == true.pop("expired_at")
    assert said == true


@pytest.mark.parametrize("variant", ["missing", "null", "empty"])
async def test_fields_that_may_be_missing_are(simulate: Simulate, variant: str) -> None:
    at = await simulate()
    reference = await at.made()
    at.will(kind="no_flag", variant=variant)

    made, told = (await at.create()).json, (await at.status(reference)).json
    detail = (await at.v1_detail()).json["transaction"]

    for content, names in (
        (made, ["status", "completed_at", "va_number"]),
        (told, ["completed_at"]),
        (detail, ["completed_at"]),
    ):
        found = {name: content[name] for name in names if name in content}
        blank = None if variant == "null" else ""
        assert found == ({} if variant == "missing" else dict.fromkeys(names, blank))
    assert at.faults.fired == {"no_flag": 3}


async def test_a_payment_never_lacks_its_instant(simulate: Simulate) -> None:
    at = await simulate()
    reference = await at.paid()
    at.will(kind="no_flag", calls=("status",))

    assert (await at.status(reference)).json["completed_at"]
    assert not at.faults.fired


async def test_the_sandbox_flag_can_be_the_other(simulate: Simulate) -> None:
    at = await simulate()
    reference = await at.made()
    at.will(kind="sandbox_flag")

    assert (await at.status(reference)).json["is_sandbox"] is False
    assert (await at.create()).json["is_sandbox"] is True
    assert "is_sandbox" not in (await at.v1_detail()).json["transaction"]
    assert at.faults.fired == {"sandbox_flag": 1}


@both
@pytest.mark.parametrize(
    ("variant", "amount"), [("less", 98_999), ("more", 100_000), ("with_fee", 100_003)]
)
async def test_status_can_tell_another_amount(
    simulate: Simulate, version: str, variant: str, amount: int
) -> None:
    at = await simulate()
    await at.made()
    at.will(kind="other_amount", variant=variant)

    assert inner(await asked(at, version, "status"))["amount"] == amount


@both
async def test_what_was_told_completed_is_later_told_canceled(
    simulate: Simulate, version: str
) -> None:
    at = await simulate()
    at.will(kind="canceled_after")
    await at.made()

    before = inner(await asked(at, version, "status"))
    await at.paid()
    told = [inner(await asked(at, version, "status")) for _ in range(3)]

    assert before["status"] == "pending"
    assert [one["status"] for one in told] == ["completed", "canceled", "canceled"]
    assert told[1]["completed_at"] is None
    assert at.faults.fired == {"canceled_after": 2}


async def test_numbers_may_come_as_text(simulate: Simulate) -> None:
    at = await simulate()
    at.will(kind="numbers_as_text")

    said = (await at.create()).json

    assert (said["amount"], said["fee"], said["total_payment"]) == ("99000", "1003", "100003")
    assert (await at.v1_detail()).json["transaction"]["amount"] == "99000"


@pytest.mark.parametrize(
    ("variant", "text"),
    [
        ("no_digits", "2026-01-31T03:15:00Z"),
        ("three_digits", "2026-01-31T03:15:00.000Z"),
        ("jakarta", "2026-01-31T10:15:00.000+07:00"),
    ],
)
async def test_instants_may_be_written_otherwise(
    simulate: Simulate, variant: str, text: str
) -> None:
    at = await simulate()
    at.will(kind="other_time", variant=variant)

    said = (await at.create()).json["expired_at"]

    assert said == text
    assert datetime.fromisoformat(said).astimezone(UTC) == datetime(2026, 1, 31, 3, 15, tzinfo=UTC)


async def test_a_fault_for_one_order_leaves_the_others_alone(simulate: Simulate) -> None:
    at = await simulate()
    one, other = await at.made("chg_1"), await at.made("chg_2")
    at.will(kind="error", order_id="chg_1", variant="503")

    assert (await at.status(other)).status == (await at.v1_detail("chg_2")).status == 200
    assert (await at.status(one)).status == (await at.v1_detail("chg_1")).status == 503
    assert (await at.cancel(one)).status == 503
    assert at.faults.fired_by_order == {("error", "chg_1"): 3}


async def test_faults_open_no_door_to_strangers(simulate: Simulate) -> None:
    at = await simulate()
    at.will(kind="slow")

    said = await at.ask(
        "GET", "/api/v2/transaction-status/bukubengkel/sim_x", headers={"X-Api-Key": "salah"}
    )

    assert said.status == 401
    assert not at.faults.fired
