"""What the gateway bears is kept by us: who asks too much waits, and is told how long."""

import asyncio
from pathlib import Path

from payment_service.kit.database import open_database
from tests.clocks import HandClock
from tests.outside.parties import Receiver
from tests.scenarios.conftest import told_story
from tests.service import Pakasir, Service, running_pakasir, running_service
from tests.story import App, Story


async def test_codes_beyond_the_pace_wait_their_turn_and_then_are_refused_with_a_time(
    sqlite_url: str, clock: HandClock, tmp_path: Path
) -> None:
    """Two codes a second and ten seconds of patience: of twenty-four, some must ask again."""
    async with told_story(sqlite_url, clock, tmp_path, paced=True) as story:
        app = await story.app()
        invoices = [
            (await app.subscribes(f"tenant-{n}", "bulanan")).json["open_invoice"]["id"]
            for n in range(24)
        ]
        answers = await asyncio.gather(
            *(app.asks("POST", f"/v1/invoices/{one}/qris") for one in invoices)
        )
        statuses = [answer.status for answer in answers]
        assert set(statuses) == {200, 503}
        assert 10 <= statuses.count(200) <= 20
        for answer in answers:
            if answer.status == 503:
                assert answer.json["code"] == "gateway_unavailable"
                assert int(answer.headers["Retry-After"]) >= 1
        assert story.pakasir.calls["create-transaction"] == statuses.count(200)
        assert await story.alerts() == []


def targets(receiver: Receiver, pakasir: Pakasir) -> tuple[str, ...]:
    return f"127.0.0.1:{receiver.port}", f"127.0.0.1:{pakasir.port}"


async def test_two_processes_on_one_database_keep_one_pace(
    postgres_url: str, clock: HandClock, tmp_path: Path
) -> None:
    gateways_own = open_database(f"sqlite:///{tmp_path}/pakasir.sqlite3")
    async with (
        Receiver() as receiver,
        running_pakasir(gateways_own, clock) as pakasir,
        running_service(
            postgres_url, clock, targets=targets(receiver, pakasir), paced=True
        ) as first,
        running_service(
            postgres_url, clock, targets=targets(receiver, pakasir), paced=True
        ) as second,
    ):
        app = await Story(first, clock, pakasir, receiver).app()
        invoices = [
            (await app.subscribes(f"tenant-{n}", "bulanan")).json["open_invoice"]["id"]
            for n in range(6)
        ]

        async def asks(service: Service, invoice: str) -> int:
            there = App(service, app.id, app.api_key, app.webhook_secret)
            return (await there.asks("POST", f"/v1/invoices/{invoice}/qris")).status

        began = asyncio.get_running_loop().time()
        answers = await asyncio.gather(
            *(asks((first, second)[n % 2], one) for n, one in enumerate(invoices))
        )
        took = asyncio.get_running_loop().time() - began
        assert answers == [200] * 6
        assert took >= 2.0  # two at once, two a second later, two after another second
    await gateways_own.close()
