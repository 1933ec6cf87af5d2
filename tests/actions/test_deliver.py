"""Delivering: when the next attempt is, and that a slow endpoint holds up nobody else."""

from collections import Counter
from datetime import timedelta

from payment_service.actions.deliver import PER_ENDPOINT, lease_deliveries, next_attempt
from payment_service.actions.register_app import Registration
from payment_service.model.delivery import LEASE, RETRY_AFTER
from tests.clocks import HandClock
from tests.model.records import NOW
from tests.service import running_service
from tests.story import register


def test_the_waits_between_attempts_are_the_published_ones() -> None:
    hours = [wait / 3600 for wait in RETRY_AFTER[2:]]
    assert (RETRY_AFTER[:2], hours) == ((5, 300), [0.5, 2, 5, 10, 14, 20, 24])
    for number, wait in enumerate(RETRY_AFTER, start=1):
        assert next_attempt(number, None, 0, NOW) == NOW + timedelta(seconds=wait)
        assert next_attempt(number, None, 0.2, NOW) == NOW + timedelta(seconds=wait * 1.2)
    assert next_attempt(len(RETRY_AFTER) + 1, None, 0, NOW) is None


def test_a_receiver_may_ask_for_more_time_and_never_for_less() -> None:
    assert next_attempt(1, 3600, 0, NOW) == NOW + timedelta(hours=1)
    assert next_attempt(2, 1, 0, NOW) == NOW + timedelta(seconds=300)
    assert next_attempt(1, 7 * 86400, 0, NOW) == NOW + timedelta(days=1)


async def test_one_endpoint_takes_only_its_share_of_what_is_in_flight(
    database_url: str, clock: HandClock
) -> None:
    targets = ("127.0.0.1:9", "127.0.0.1:10")
    async with running_service(database_url, clock, targets=targets) as service:
        for port in (9, 10):
            wanted = Registration(
                name=f"App {port}", mode="test", webhook_url=f"http://127.0.0.1:{port}/"
            )
            app = await register(service, wanted)
            for number in range(6):
                assert (await app.subscribes(f"tenant-{number}", "gratis")).status == 201
        busy: Counter[str] = Counter()
        leased = await lease_deliveries(service.runtime, busy)
        assert set(Counter(one.endpoint.id for one in leased).values()) == {PER_ENDPOINT}
        assert len(leased) == 2 * PER_ENDPOINT
        busy.update(one.endpoint.id for one in leased)
        assert await lease_deliveries(service.runtime, busy) == []
        # Another process, or this one after a crash, takes them up when the leases have run out.
        others = await lease_deliveries(service.runtime, Counter())
        assert not {one.delivery.id for one in others} & {one.delivery.id for one in leased}
        clock.advance(LEASE)
        again = [
            one.delivery.id
            for _ in range(4)
            for one in await lease_deliveries(service.runtime, Counter())
        ]
        assert {one.delivery.id for one in leased} <= set(again)
        assert len(again) == len(set(again)) == 24
