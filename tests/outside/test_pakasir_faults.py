"""The adapter against a gateway that refuses, is slow, breaks off, or is not there."""

import asyncio
import json

import pytest
from aiohttp import web

from payment_service.outside.gateway import GatewayError
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.session import GuardedSession
from tests.clocks import HandClock
from tests.outside.conftest import Make
from tests.outside.pakasir_says import CREATED, KEY
from tests.outside.parties import FixedResolver, RawServer, Receiver


@pytest.mark.parametrize(
    ("status", "fault", "retry"),
    [
        (400, "refused", False),
        (401, "refused", False),
        (403, "refused", False),
        (404, "unknown_order", False),
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
    assert error.value.retry_after == (7 if status == 429 else None)
    assert KEY not in repr(error.getrepr(style="long"))
    assert len(str(error.value)) < 300


async def test_too_many_calls_halve_what_is_in_flight(make: Make, receiver: Receiver) -> None:
    gateway = make(receiver.port)
    receiver.answers = [web.Response(status=429) for _ in range(2)]

    for _ in range(2):
        with pytest.raises(GatewayError):
            await gateway.status("chg_1", "vwiqpcriq", 99_000)
    assert gateway.limit.allowed == 4


async def test_a_create_without_an_answer_is_asked_once_more(make: Make) -> None:
    asked = 0

    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        if asked == 1:
            await asyncio.sleep(2)
            return
        body = json.dumps(CREATED).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    async with RawServer(forgetful) as server:
        opened = await make(server.port, 1).open("chg_1", 99_000)

    assert opened.reference == "vwiqpcriq"
    assert asked == 2


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"])
async def test_silence_and_drips_end_at_the_deadline(make: Make, sent: bytes) -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        for _ in range(100):
            await asyncio.sleep(0.02)
            writer.write(b" " if sent else b"")
            await writer.drain()

    async with RawServer(dribble) as server:
        gateway = make(server.port, 0.4)
        for call in (gateway.open("chg_1", 99_000), gateway.status("chg_1", "vwiqpcriq", 99_000)):
            started = asyncio.get_running_loop().time()
            with pytest.raises(GatewayError) as error:
                await call
            assert (error.value.fault, error.value.retry) == ("unreachable", True)
            assert asyncio.get_running_loop().time() - started < 1
        assert server.connections == 3  # create twice, status once


async def test_a_broken_connection_and_nobody_there_may_be_tried_again(make: Make) -> None:
    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with RawServer(hang_up) as server:
        gateway = make(server.port)
        with pytest.raises(GatewayError) as broken:
            await gateway.status("chg_1", "vwiqpcriq", 99_000)
    with pytest.raises(GatewayError) as gone:
        await gateway.status("chg_1", "vwiqpcriq", 99_000)

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
