"""What the adapter makes of each shape of an answer: read it, or believe nothing of it."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from payment_service.outside.gateway import GatewayError
from payment_service.outside.pakasir_answers import instant
from tests.outside.conftest import Make
from tests.outside.pakasir_says import CREATED, KEY, TOLD, without
from tests.outside.parties import Receiver

EXPIRES = datetime(2026, 9, 19, 1, 18, 49, 678622, tzinfo=UTC)


@pytest.mark.parametrize(
    "answer",
    [
        without(CREATED),
        without(CREATED, "expired_at", expires_at="2026-09-19T08:18:49.678622+07:00"),
        without(CREATED, "status", "completed_at", "va_number", "payment_method", "project"),
        without(CREATED, status="", completed_at="", va_number=None, project=None),
        without(CREATED, amount="99000", fee="1003", total_payment="100003.00"),
        without(CREATED, amount=99000.0, fee=None),
        without(CREATED, "total_payment", something_else={"deep": [1]}),
        without(CREATED, "fee", is_sandbox=None),
        without(CREATED, expires_at="", is_sandbox="false"),
        without(CREATED, expires_at=None, is_sandbox=0),
        without(CREATED, expires_at="0001-01-01T00:00:00Z", is_sandbox=""),
        web.Response(text=json.dumps(CREATED), status=201, content_type="text/plain"),
    ],
    ids=str,
)
async def test_every_known_shape_of_the_answer_is_read(
    make: Make, receiver: Receiver, answer: web.Response
) -> None:
    receiver.answers = [answer]

    opened = await make(receiver.port).open("chg_1", 99_000)

    assert (opened.reference, opened.order_id, opened.amount) == ("vwiqpcriq", "chg_1", 99_000)
    assert (opened.fee, opened.total_payment) == (1_003, 100_003)
    assert opened.expires_at == EXPIRES
    (heard,) = receiver.heard
    assert heard.path == "/api/v2/create-transaction/toko/chg_1"
    assert heard.headers["X-Api-Key"] == KEY
    assert json.loads(heard.body) == {"method": "qris", "amount": 99_000}


@pytest.mark.parametrize(
    "answer",
    [
        without(CREATED, order_id="chg_2"),
        without(CREATED, amount=98_000),
        without(CREATED, amount=None),
        without(CREATED, amount="99000.5"),
        without(CREATED, amount="banyak"),
        without(CREATED, amount=True),
        without(CREATED, project="warung"),
        without(CREATED, txn_id=""),
        without(CREATED, "txn_id"),
        without(CREATED, "expired_at"),
        without(CREATED, expired_at="besok"),
        without(CREATED, total_payment=98_999),
        without(CREATED, qr_string=""),
        without(CREATED, qr_string=None),
        without(CREATED, is_sandbox="entah"),
        web.Response(status=204),
        web.Response(),
        web.Response(
            body=gzip.compress(json.dumps(CREATED).encode()), headers={"Content-Encoding": "gzip"}
        ),
        web.Response(text="[" * 30_000),
        web.Response(text='{"more":' * 9_000),
        web.Response(text=json.dumps(CREATED | {"more": "x" * 200_000})),
        web.Response(text=json.dumps(CREATED)[:-1] + ',"fee":' + "9" * 6_000 + "}"),
        web.json_response([]),
        web.json_response({"message": "ok"}),
        web.Response(text="<html>Sedang dirawat</html>"),
        web.Response(body=b"\xff\xfe"),
        web.Response(status=302, headers={"Location": "/login"}),
    ],
    ids=str,
)
async def test_an_answer_that_does_not_fit_is_nonsense(
    make: Make, receiver: Receiver, answer: web.Response
) -> None:
    receiver.answers = [answer]

    with pytest.raises(GatewayError) as error:
        await make(receiver.port).open("chg_1", 99_000)
    assert error.value.fault == "nonsense"
    assert len(receiver.heard) == 1


async def test_a_sandbox_may_show_a_sample_that_is_no_qris(make: Make, receiver: Receiver) -> None:
    receiver.answers = [without(CREATED, is_sandbox=True, qr_string="CONTOH")]

    assert (await make(receiver.port).open("chg_1", 99_000)).qr_string == "CONTOH"


@pytest.mark.parametrize(
    ("answer", "status", "completed_at"),
    [
        (without(TOLD), "completed", datetime(2026, 9, 19, 1, 10, 7, 819_000, tzinfo=UTC)),
        (without(TOLD, "completed_at"), "completed", None),
        (without(TOLD, completed_at=1_789_780_207), "completed", None),
        (without(TOLD, completed_at=""), "completed", None),
        (without(TOLD, completed_at="kemarin"), "completed", None),
        (without(TOLD, "txn_id", amount="99000"), "completed", TOLD),
        (without(TOLD, status="pending", completed_at="0001-01-01T00:00:00Z"), "pending", None),
        (without(TOLD, status="canceled"), "canceled", None),
        (without(TOLD, status="Cancelled"), "canceled", None),
    ],
    ids=str,
)
async def test_every_known_status_is_read(
    make: Make, receiver: Receiver, answer: web.Response, status: str, completed_at: Any
) -> None:
    receiver.answers = [answer]

    told = await make(receiver.port).status("chg_1", "vwiqpcriq", 99_000)

    assert told.status == status
    assert completed_at is TOLD or told.completed_at == completed_at


@pytest.mark.parametrize(
    "answer",
    [
        without(TOLD, status="paid"),
        without(TOLD, status=""),
        without(TOLD, "status"),
        without(TOLD, txn_id="other"),
        without(TOLD, order_id="other"),
        without(TOLD, amount=None),
    ],
    ids=str,
)
async def test_a_status_that_does_not_fit_settles_nothing(
    make: Make, receiver: Receiver, answer: web.Response
) -> None:
    receiver.answers = [answer]

    with pytest.raises(GatewayError) as error:
        await make(receiver.port).status("chg_1", "vwiqpcriq", 99_000)
    assert error.value.fault == "nonsense"


@pytest.mark.parametrize("digits", range(10))
def test_a_time_may_have_any_number_of_digits(digits: int) -> None:
    fraction = "." + "678622564"[:digits] if digits else ""
    micro = int("678622564"[:digits][:6].ljust(6, "0")) if digits else 0

    moment = datetime(2026, 9, 19, 1, 18, 49, micro, tzinfo=UTC)
    assert instant(f"2026-09-19T01:18:49{fraction}Z") == moment
    assert instant(f"2026-09-19T08:18:49{fraction}+07:00") == moment


async def test_another_amount_is_reported_as_it_was_told(make: Make, receiver: Receiver) -> None:
    receiver.answers = [without(TOLD, amount=1)]

    assert (await make(receiver.port).status("chg_1", "vwiqpcriq", 99_000)).amount == 1


@pytest.mark.parametrize(
    "text", ["2026-09-19t01:18:49z", "2026-09-19 01:18:49+00:00", "2026-09-18T15:18:49-10:00"]
)
def test_a_time_may_be_spelled_in_any_way_of_the_rfc(text: str) -> None:
    assert instant(text) == datetime(2026, 9, 19, 1, 18, 49, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "0001-01-01T00:00:00Z", "0001-01-01T07:00:00+07:00", "2026-09-19T01:18:49", None]
)
def test_a_time_that_is_none_is_none(text: str | None) -> None:
    assert instant(text) is None


@pytest.mark.parametrize(
    "answer",
    [
        1003,
        "1003",
        {"qris": 1003},
        {"fee": "1003"},
        {"qris": {"fee": 1003.0}},
        {"fee": {"qris": 1003}},
    ],
    ids=str,
)
async def test_a_fee_is_read_in_every_shape_and_asked_without_the_key(
    make: Make, receiver: Receiver, answer: Any
) -> None:
    receiver.answers = [web.json_response(answer)]

    assert await make(receiver.port).fee(99_000) == 1_003
    (heard,) = receiver.heard
    assert heard.path == "/api/v2/payment-fee/99000"
    assert KEY not in str(heard)


@pytest.mark.parametrize(
    "answer", [None, {}, [], True, -1, 99_001, "gratis", {"qris": {"qris": {"fee": 1}}}], ids=str
)
async def test_a_fee_that_is_none_is_nonsense(make: Make, receiver: Receiver, answer: Any) -> None:
    receiver.answers = [web.json_response(answer)]

    with pytest.raises(GatewayError) as error:
        await make(receiver.port).fee(99_000)
    assert error.value.fault == "nonsense"


async def test_a_payment_link_leads_to_the_gateway(make: Make, receiver: Receiver) -> None:
    link = f"http://127.0.0.1:{receiver.port}/pay-v2/vwiqpcriq"
    receiver.answers = [web.json_response({"txn_id": "vwiqpcriq", "payment_link": link})]

    assert await make(receiver.port).payment_link("chg_1", 50_000_000) == link
    (heard,) = receiver.heard
    assert heard.path == "/api/v2/create-transaction/toko/chg_1"
    assert json.loads(heard.body) == {"method": "payment_link", "amount": 50_000_000}


@pytest.mark.parametrize(
    "link",
    [
        "https://lain.example/pay-v2/x",
        "http://127.0.0.1/pay-v2/x",
        "https://127.0.0.1:1/pay-v2/x",
        "https://127.0.0.1@lain.example/x",
        "https://orang@127.0.0.1/x",
        "javascript:alert(1)",
        "/pay-v2/x",
        "",
        "http://[",
    ],
)
async def test_a_payment_link_that_leads_elsewhere_is_nonsense(
    make: Make, receiver: Receiver, link: str
) -> None:
    receiver.answers = [web.json_response({"payment_link": link})]

    with pytest.raises(GatewayError) as error:
        await make(receiver.port).payment_link("chg_1", 99_000)
    assert error.value.fault == "nonsense"


@pytest.mark.parametrize("amount", [499, 50_000_001])
async def test_a_payment_link_beyond_the_limits_is_not_asked_for(
    make: Make, receiver: Receiver, amount: int
) -> None:
    with pytest.raises(GatewayError) as error:
        await make(receiver.port).payment_link("chg_1", amount)
    assert (error.value.fault, receiver.heard) == ("refused", [])


@pytest.mark.parametrize(
    "answer",
    [web.json_response({"message": "ok"}), web.Response(status=204), web.Response(text="<p>ya")],
    ids=str,
)
async def test_a_cancel_is_done_when_it_was_taken(
    make: Make, receiver: Receiver, answer: web.Response
) -> None:
    receiver.answers = [answer]

    await make(receiver.port).cancel("chg_1", "vwiqpcriq", 99_000)
    assert receiver.heard[0].path == "/api/v2/cancel-transaction/toko/vwiqpcriq"
