"""Restarts under load, seen through Caddy: nobody is refused, and nothing is done twice or lost."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.counts import times
from tests.deploy.conftest import House

RESTARTS = times(2, 50)
ASKING = 8
PAUSE = 0.05
"""Seconds, so that the load stays below what one key may ask."""


def asks_until(over: Event, ask: Callable[[int], int]) -> list[int]:
    """What was answered, one after another."""
    answered = list[int]()
    while not over.wait(PAUSE):
        answered.append(ask(len(answered)))
    return answered


@pytest.mark.timeout(60 + RESTARTS * 60)
def test_restarts_under_load_refuse_nobody(house: House) -> None:
    over = Event()

    def reads(_: int) -> int:
        return house.front.ask("GET", "/v1/plans", key=house.key).status

    def writes_as(tenant: int) -> Callable[[int], int]:
        return lambda number: house.subscribes(f"tenant-{tenant}-{number}").status

    deeds = [reads if one % 2 else writes_as(one) for one in range(ASKING)]
    with ThreadPoolExecutor(ASKING) as threads:
        asking = [threads.submit(asks_until, over, deed) for deed in deeds]
        try:
            for _ in range(RESTARTS):
                time.sleep(0.5)
                assert house.stop() == 0
                house.start()
        finally:
            time.sleep(0.5)
            over.set()
    answers = [one.result() for one in asking]
    assert {status for heard in answers[1::2] for status in heard} == {200}
    written = [status for heard in answers[::2] for status in heard]
    assert set(written) == {201}
    assert house.subscriptions() == len(written)
