"""Version 1 of the adapter: what it asks, what it reads, and that its key stays unseen."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from payment_service.outside.addresses import parse_targets
from payment_service.outside.gateway import CodeStatus, Gateway, GatewayError, OpenedCode
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.pakasir_v1 import PakasirV1Gateway
from payment_service.outside.session import GuardedSession
from tests.clocks import HandClock
from tests.outside.pakasir_says import QR, V1_CREATED, V1_TOLD, wrapped
from tests.outside.parties import RawServer, Receiver

KEY = "kunci/ rahasia+dan=tanda&lain"
QUOTED = "kunci%2F%20rahasia%2Bdan%3Dtanda%26lain"


@pytest.fixture
async def session(receiver: Receiver) -> AsyncIterator[GuardedSession]:
    one = GuardedSession(parse_targets(f"localhost:{receiver.port}"))
    yield one
    await one.close()


@pytest.fixture
def gateway(receiver: Receiver, session: GuardedSession, clock: HandClock) -> PakasirV1Gateway:
    return gateway_at(receiver.port, session, clock)


def gateway_at(port: int, session: GuardedSession, clock: HandClock) -> PakasirV1Gateway:
    return PakasirV1Gateway(
        session,
        clock,
        origin=f"http://127.0.0.1:{port}/",
        project="toko",
        api_key=KEY,
        total_seconds=2,
    )


def test_both_versions_are_gateways(session: GuardedSession, clock: HandClock) -> None:
    for version in (PakasirGateway, PakasirV1Gateway):
        one: Gateway = version(
            session, clock, origin="https://gateway.example", project="toko", api_key=KEY
        )
        assert (one.smallest, one.largest) == (500, 10_000_000)
        assert KEY not in repr(one)


@pytest.mark.parametrize(
    "answer",
    [
        wrapped("payment", V1_CREATED),
        wrapped("payment", V1_CREATED, "project", "payment_method", status=None),
        wrapped("payment", V1_CREATED, amount="99000", fee="1003", total_payment="100003"),
        wrapped("payment", V1_CREATED, "expired_at", expires_at="2026-09-19T08:18:49.678622+07:00"),
        wrapped("payment", V1_CREATED, "total_payment"),
    ],
    ids=str,
)
async def test_a_code_is_made_with_the_order_as_its_reference(
    gateway: PakasirV1Gateway, receiver: Receiver, answer: web.Response
) -> None:
    receiver.answers = [answer]

    assert await gateway.open("chg_1", 99_000) == OpenedCode(
        reference="chg_1",
        order_id="chg_1",
        amount=99_000,
        total_payment=100_003,
        fee=1_003,
        qr_string=QR,
        expires_at=datetime(2026, 9, 19, 1, 18, 49, 678622, tzinfo=UTC),
        is_sandbox=None,
    )
    (heard,) = receiver.heard
    assert heard.path == "/api/transactioncreate/qris"
    assert json.loads(heard.body) == {
        "project": "toko",
        "order_id": "chg_1",
        "amount": 99_000,
        "api_key": KEY,
    }


@pytest.mark.parametrize(
    "answer",
    [
        web.json_response(V1_CREATED),
        wrapped("payment", V1_CREATED, order_id="chg_2"),
        wrapped("payment", V1_CREATED, amount=98_000),
        wrapped("payment", V1_CREATED, project="warung"),
        wrapped("payment", V1_CREATED, payment_number=""),
        wrapped("payment", V1_CREATED, "expired_at"),
        wrapped("transaction", V1_CREATED),
        web.json_response({"payment": None}),
    ],
    ids=str,
)
async def test_a_code_that_does_not_fit_is_nonsense(
    gateway: PakasirV1Gateway, receiver: Receiver, answer: web.Response
) -> None:
    receiver.answers = [answer]

    with pytest.raises(GatewayError) as error:
        await gateway.open("chg_1", 99_000)
    assert error.value.fault == "nonsense"


async def test_a_create_without_an_answer_is_asked_once_more(clock: HandClock) -> None:
    body = json.dumps({"payment": V1_CREATED}).encode()

    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if server.connections == 2:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()

    async with RawServer(forgetful) as server:
        session = GuardedSession(parse_targets(f"localhost:{server.port}"))
        opened = await gateway_at(server.port, session, clock).open("chg_1", 99_000)
        await session.close()

    assert opened.reference == "chg_1"
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "status", "is_sandbox"),
    [
        (wrapped("transaction", V1_TOLD), "completed", None),
        (wrapped("transaction", V1_TOLD, "project", is_sandbox=True), "completed", True),
        (wrapped("transaction", V1_TOLD, status="pending", completed_at=""), "pending", None),
        (wrapped("transaction", V1_TOLD, "completed_at", status="canceled"), "canceled", None),
    ],
    ids=str,
)
async def test_every_known_status_is_read(
    gateway: PakasirV1Gateway,
    receiver: Receiver,
    answer: web.Response,
    status: Any,
    is_sandbox: bool | None,
) -> None:
    receiver.answers = [answer]
    paid_at = datetime(2026, 9, 19, 1, 10, 7, 819_000, tzinfo=UTC)

    assert await gateway.status("chg_1", "chg_1", 99_000) == CodeStatus(
        reference="chg_1",
        order_id="chg_1",
        amount=99_000,
        status=status,
        is_sandbox=is_sandbox,
        completed_at=paid_at if status == "completed" else None,
    )


async def test_the_status_of_an_order_is_asked_with_its_amount_and_the_key(
    gateway: PakasirV1Gateway, receiver: Receiver
) -> None:
    receiver.answers = [wrapped("transaction", V1_TOLD, amount=1)]

    assert (await gateway.status("chg_1", "chg_1", 99_000)).amount == 1
    (heard,) = receiver.heard
    assert heard.path == "/api/transactiondetail"
    assert heard.query == {
        "project": "toko",
        "order_id": "chg_1",
        "amount": "99000",
        "api_key": KEY,
    }


@pytest.mark.parametrize(
    ("status", "message", "fault"),
    [
        (404, "Transaksi tidak ditemukan", "unknown_order"),
        (400, "Transaction not found", "unknown_order"),
        (500, "Order tidak ditemukan", "unknown_order"),
        (404, "", "unknown_order"),
        (404, "Proyek tidak ditemukan", "refused"),
        (401, "Transaksi tidak ditemukan", "refused"),
        (400, "Jumlah salah", "refused"),
        (500, "Not found", "unreachable"),
    ],
)
async def test_an_order_that_it_does_not_know_is_unknown(
    gateway: PakasirV1Gateway, receiver: Receiver, status: int, message: str, fault: str
) -> None:
    receiver.answers = [web.json_response({"message": message}, status=status)]

    with pytest.raises(GatewayError) as error:
        await gateway.status("chg_1", "chg_1", 99_000)
    assert error.value.fault == fault


async def test_a_cancel_names_order_and_amount(
    gateway: PakasirV1Gateway, receiver: Receiver
) -> None:
    receiver.answers = [web.json_response({"success": True}), web.Response(status=204)]

    for _ in range(2):
        await gateway.cancel("chg_1", "chg_1", 99_000)

    heard = receiver.heard[0]
    assert heard.path == "/api/transactioncancel"
    assert json.loads(heard.body) == {
        "project": "toko",
        "order_id": "chg_1",
        "amount": 99_000,
        "api_key": KEY,
    }


async def test_a_cancel_that_says_it_failed_has_failed(
    gateway: PakasirV1Gateway, receiver: Receiver
) -> None:
    receiver.answers = [web.json_response({"success": False})]

    with pytest.raises(GatewayError) as error:
        await gateway.cancel("chg_1", "chg_1", 99_000)
    assert (error.value.fault, error.value.retry) == ("refused", False)


async def test_a_payment_link_is_made_without_a_call(
    gateway: PakasirV1Gateway, receiver: Receiver
) -> None:
    link = await gateway.payment_link("chg_1", 99_000)

    origin = f"http://127.0.0.1:{receiver.port}"
    assert link == f"{origin}/pay/toko/99000?order_id=chg_1&qris_only=1"
    assert receiver.heard == []
    with pytest.raises(GatewayError):
        await gateway.payment_link("chg_1", 50_000_001)


async def test_a_fee_is_asked_without_the_key(
    gateway: PakasirV1Gateway, receiver: Receiver
) -> None:
    receiver.answers = [web.json_response({"fee": 1_003})]

    assert await gateway.fee(99_000) == 1_003
    assert "api_key" not in receiver.heard[0].query


@pytest.mark.parametrize("form", [KEY, QUOTED, QUOTED.lower(), KEY.replace(" ", "%20")])
async def test_the_key_shows_in_no_refusal(
    gateway: PakasirV1Gateway, receiver: Receiver, form: str
) -> None:
    message = "x" * 190 + f" /api/transactiondetail?api_key={form}"
    receiver.answers = [web.json_response({"message": message}, status=400)]

    with pytest.raises(GatewayError) as error:
        await gateway.status("chg_1", "chg_1", 99_000)
    shown = "".join(traceback.format_exception(error.value)).lower()
    assert form.lower() not in shown
    assert "kunci" not in shown


@pytest.mark.parametrize(
    "sent", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9"]
)
async def test_the_key_shows_in_no_broken_connection(clock: HandClock, sent: bytes) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)

    async with RawServer(break_off) as server:
        session = GuardedSession(parse_targets(f"localhost:{server.port}"))
        with pytest.raises(GatewayError) as error:
            await gateway_at(server.port, session, clock).status("chg_1", "chg_1", 99_000)
        await session.close()

    assert (error.value.fault, error.value.retry) == ("unreachable", True)
    # aiohttp's own errors know the URL, and with it the key.
    assert (error.value.__cause__, error.value.__context__) == (None, None)
