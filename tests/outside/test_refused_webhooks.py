"""Webhooks to addresses that may not be reached: in every spelling, 0 connections."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from payment_service.outside.addresses import DENIED, parse_targets
from payment_service.outside.webhook_client import WebhookClient
from tests.clocks import HandClock
from tests.outside.parties import FixedResolver, RawServer, Receiver
from tests.outside.test_addresses import LOOPBACKS, ends

NOTHING = parse_targets("")


@pytest.fixture
async def loopback() -> AsyncIterator[RawServer]:
    """Counts whoever connects, on every address of this machine."""

    async def ignore(*_: object) -> None:
        return None

    async with RawServer(ignore) as server:
        yield server


async def tries(clock: HandClock, url: str, resolver: FixedResolver | None = None) -> str | None:
    client = WebhookClient(NOTHING, clock, total_seconds=3, resolver=resolver)
    answer = await client.post(url, {}, b"{}")
    await client.close()
    assert answer.status is None
    return answer.error


@pytest.mark.parametrize("host", [*LOOPBACKS, "%31%32%37.0.0.1", "１２７.0.0.1", "127。0。0。1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_spelling_of_the_loopback_is_connected_to(
    clock: HandClock, loopback: RawServer, scheme: str, host: str
) -> None:
    assert await tries(clock, f"{scheme}://{host}:{loopback.port}/") == "address_not_allowed"
    assert loopback.connections == 0


@pytest.mark.parametrize("network", [str(network) for network in DENIED])
async def test_no_name_leads_into_a_denied_network(clock: HandClock, network: str) -> None:
    """To its first address, its last, or one in the middle."""
    for address in ends(network):
        resolver = FixedResolver(address)
        error = await tries(clock, "https://shop.example/", resolver)
        assert error == "address_not_allowed", address


async def test_a_name_that_turns_private_on_the_second_look_is_refused_at_the_socket(
    clock: HandClock, loopback: RawServer
) -> None:
    """The public answer was for whoever checks, the private one for whoever connects."""
    resolver = FixedResolver("192.0.2.1", "127.0.0.1")
    client = WebhookClient(NOTHING, clock, total_seconds=3, resolver=resolver)
    url = f"https://rebound.example:{loopback.port}/"
    answers = [await client.post(url, {}, b"{}")]
    await client.close()
    client = WebhookClient(NOTHING, clock, total_seconds=3, resolver=resolver)
    answers.append(await client.post(url, {}, b"{}"))
    await client.close()
    assert {answer.error for answer in answers} == {"address_not_allowed"}
    assert (resolver.asked, loopback.connections) == (2, 0)


async def test_a_name_with_a_public_and_a_private_address_reaches_only_the_public_one(
    clock: HandClock, loopback: RawServer
) -> None:
    class Both(FixedResolver):
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[object]:  # type: ignore[override]
            return [
                *(await FixedResolver("127.0.0.1").resolve(host, port)),
                *(await FixedResolver("::1").resolve(host, port)),
            ]

    error = await tries(clock, f"https://both.example:{loopback.port}/", Both("127.0.0.1"))
    assert error in ("address_not_allowed", "refused")
    assert loopback.connections == 0


async def test_a_redirect_to_a_private_address_is_not_followed(
    clock: HandClock, loopback: RawServer
) -> None:
    async with Receiver() as receiver:
        targets = parse_targets(f"127.0.0.1:{receiver.port}")
        client = WebhookClient(targets, clock)
        for status in (301, 302, 303, 307, 308):
            where = f"http://127.0.0.1:{loopback.port}/"
            receiver.answers = [web.Response(status=status, headers={"Location": where})]
            answer = await client.post(receiver.url, {}, b"{}")
            assert (answer.status, answer.delivered) == (status, False)
        await client.close()
        assert len(receiver.heard) == 5
    assert loopback.connections == 0


async def test_names_that_hang_delay_no_other(clock: HandClock) -> None:
    """Forty questions that nobody answers, and one receiver that is well."""

    class Hangs(FixedResolver):
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[object]:  # type: ignore[override]
            if host.startswith("dead"):
                await asyncio.sleep(3600)
            return list(await FixedResolver("127.0.0.1").resolve(host, port))

    async with Receiver() as receiver:
        targets = parse_targets(f"well.example:{receiver.port}")
        client = WebhookClient(targets, clock, total_seconds=4, resolver=Hangs("127.0.0.1"))
        dead = [
            asyncio.create_task(client.post(f"https://dead-{place}.example/", {}, b"{}"))
            for place in range(40)
        ]
        await asyncio.sleep(0.1)
        answer = await client.post(f"http://well.example:{receiver.port}/", {}, b"{}")
        assert (answer.status, answer.milliseconds < 3_000) == (200, True)
        assert {one.error for one in await asyncio.gather(*dead)} == {"timeout"}
        await client.close()
