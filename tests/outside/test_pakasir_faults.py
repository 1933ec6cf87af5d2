"""The adapter against a gateway that refuses, is slow, breaks off, or is not there."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.database import Database
from payment_service.outside.addresses import parse_targets
from payment_service.outside.call_limit import CallLimit
from payment_service.outside.gateway import GatewayError
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.session import GuardedSession, retry_after
from tests.clocks import HandClock
from tests.hearing import refusing
from tests.outside.conftest import Make
from tests.outside.pakasir_says import CREATED, KEY
from tests.outside.parties import FixedResolver, RawServer, Receiver
from tests.outside.test_webhook_client import self_signed


@pytest.mark.parametrize(
    ("status", "fault", "retry"),
    [
        (400, "refused", False),
        (401, "refused", False),
        (403, "refused", False),
        (404, "unknown_order", False),
        (408, "unreachable", True),
        (409, "refused", False),
        (425, "busy", True),
        (429, "busy", True),
        (500, "unreachable", True),
        (503, "unreachable", True),
    ],
)
async def test_every_refusal_has_its_kind_and_never_tells_the_key(
    make: Make, receiver: Receiver, status: int, fault: str, retry: bool
) -> None:
    message = {"message": f"tidak bisa dengan {KEY} " + "x" * 5000}
    receiver.answers = [web.json_response(message, status=status, headers={"Retry-After": "7"})]

    with pytest.raises(GatewayError) as error:
        await make(receiver.port).status("chg_1", "vwiqpcriq", 99_000)
    assert (error.value.fault, error.value.retry) == (fault, retry)
    assert error.value.retry_after == (7 if retry else None)
    assert KEY not in repr(error.getrepr(style="long"))
    assert len(str(error.value)) < 300


async def test_too_many_calls_let_half_as_many_in(
    database: Database, clock: HandClock, receiver: Receiver
) -> None:
    limit = CallLimit(database, clock, "toko", most=2)
    session = GuardedSession(parse_targets(f"localhost:{receiver.port}"))
    gateway = PakasirGateway(
        session,
        clock,
        origin=f"http://127.0.0.1:{receiver.port}",
        project="toko",
        api_key=KEY,
        limit=limit,
        total_seconds=2,
    )
    receiver.answers = [web.Response(status=429)]

    with pytest.raises(GatewayError):
        await gateway.status("chg_1", "vwiqpcriq", 99_000)
    await limit.all_left()
    turn = await limit.enter("other", 1)
    with pytest.raises(GatewayError, match="waiting") as error:
        await gateway.status("chg_1", "vwiqpcriq", 99_000)
    limit.leave(turn, "nothing")
    await limit.all_left()

    assert (error.value.fault, error.value.retry, error.value.retry_after) == ("busy", True, 1)
    assert len(receiver.heard) == 1
    await session.close()


async def test_a_create_without_an_answer_is_asked_once_more(make: Make) -> None:
    asked = 0

    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        if asked == 1:
            await asyncio.sleep(20)
            return
        body = json.dumps(CREATED).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    async with RawServer(forgetful) as server:
        opened = await make(server.port, 3).open("chg_1", 99_000)

    assert opened.reference == "vwiqpcriq"
    assert asked == 2


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"])
async def test_silence_and_drips_end_at_the_deadline(make: Make, sent: bytes) -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        for _ in range(1_000):
            await asyncio.sleep(0.02)
            writer.write(b" " if sent else b"")
            await writer.drain()

    async with RawServer(dribble) as server:
        gateway = make(server.port, 1)
        for call in (gateway.open("chg_1", 99_000), gateway.status("chg_1", "vwiqpcriq", 99_000)):
            started = asyncio.get_running_loop().time()
            with pytest.raises(GatewayError) as error:
                await call
            assert (error.value.fault, error.value.retry) == ("unreachable", True)
            assert asyncio.get_running_loop().time() - started < 10
        assert server.connections == 3  # create twice, status once


async def test_a_broken_connection_and_nobody_there_may_be_tried_again(make: Make) -> None:
    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with RawServer(hang_up) as server:
        gateway = make(server.port)
        with pytest.raises(GatewayError) as broken:
            await gateway.status("chg_1", "vwiqpcriq", 99_000)
    with refusing() as port, pytest.raises(GatewayError) as gone:
        await make(port).status("chg_1", "vwiqpcriq", 99_000)

    for error in (broken.value, gone.value):
        assert (error.fault, error.retry) == ("unreachable", True)


async def test_a_name_that_leads_to_a_private_address_is_refused(clock: HandClock) -> None:
    session = GuardedSession(frozenset(), FixedResolver("10.0.0.1"))
    gateway = PakasirGateway(
        session, clock, origin="https://gateway.example", project="toko", api_key=KEY
    )

    with pytest.raises(GatewayError) as error:
        await gateway.open("chg_1", 99_000)
    assert (error.value.fault, error.value.retry) == ("refused", False)
    await session.close()


NO_HEADER = "kunci\r\nX-Other: 1"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff garbage\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\n" + b"X-More: 1\r\n" * 5_000,
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000,
        CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"5\r\n{",
        CHUNKED + b"2\r\n{}\r\n" + b"0\r\n" + b"X-Trailer: 1\r\n" * 5_000,
    ],
    ids=range(10),
)
async def test_a_broken_answer_may_be_asked_for_again(make: Make, sent: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        await writer.drain()

    async with RawServer(answer) as server:
        with pytest.raises(GatewayError) as error:
            await make(server.port, 2).status("chg_1", "vwiqpcriq", 99_000)
    assert (error.value.fault, error.value.retry) in [("unreachable", True), ("nonsense", True)]


@pytest.mark.parametrize("drip", [b"X-More: 1\r\n", b"2\r\n  \r\n"])
async def test_an_answer_without_an_end_ends_at_the_deadline(make: Make, drip: bytes) -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED if drip.startswith(b"2") else b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(drip)
            await writer.drain()
            await asyncio.sleep(0.02)

    async with RawServer(dribble) as server:
        started = asyncio.get_running_loop().time()
        with pytest.raises(GatewayError) as error:
            await make(server.port, 1).status("chg_1", "vwiqpcriq", 99_000)
        assert asyncio.get_running_loop().time() - started < 10
    assert (error.value.fault, error.value.retry) == ("unreachable", True)


async def test_a_gateway_that_cannot_prove_its_name_is_told_nothing(
    clock: HandClock, tmp_path: Path
) -> None:
    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    for ssl in (None, self_signed(tmp_path)):
        async with RawServer(listen, ssl=ssl) as server:
            session = GuardedSession(parse_targets(f"localhost:{server.port}"))
            gateway = PakasirGateway(
                session,
                clock,
                origin=f"https://localhost:{server.port}",
                project="toko",
                api_key=KEY,
                total_seconds=1,
            )
            with pytest.raises(GatewayError) as error:
                await gateway.status("chg_1", "vwiqpcriq", 99_000)
            await session.close()
        assert (error.value.fault, error.value.retry) == ("unreachable", True)


async def test_a_key_that_is_no_header_is_refused(clock: HandClock, receiver: Receiver) -> None:
    session = GuardedSession(parse_targets(f"localhost:{receiver.port}"))
    gateway = PakasirGateway(
        session,
        clock,
        origin=f"http://127.0.0.1:{receiver.port}",
        project="toko",
        api_key=NO_HEADER,
    )

    with pytest.raises(GatewayError) as error:
        await gateway.status("chg_1", "vwiqpcriq", 99_000)
    assert (error.value.fault, error.value.retry) == ("refused", False)
    assert NO_HEADER not in repr(error.getrepr(style="long"))
    await session.close()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("Sat, 31 Jan 2026 03:00:09 GMT", 9),
        ("Sat, 31 Jan 2026 02:00:00 GMT", 0),
        ("9" * 400, 7 * 24 * 3600),
        ("Sat, 31 Jan 99999999999999999999 03:00:09 GMT", None),
        ("-1", None),
        ("besok", None),
        ("", None),
    ],
)
def test_the_wait_that_is_asked_for_is_a_number_or_a_date(
    clock: HandClock, text: str, seconds: int | None
) -> None:
    assert retry_after({"Retry-After": text}, clock.now()) == seconds


@given(text=st.text())
def test_no_wait_that_is_asked_for_breaks_anything(text: str) -> None:
    wait = retry_after({"Retry-After": text}, HandClock().now())
    assert wait is None or 0 <= wait <= 7 * 24 * 3600
