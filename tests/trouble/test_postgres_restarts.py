"""PostgreSQL is restarted under load: what was answered is there, and the service comes back."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from payment_service.kit.clock import monotonic
from payment_service.model.trouble import Troubles
from tests.cli.commands import Operator
from tests.counts import times
from tests.databases import restarted_server
from tests.hearing import free_port
from tests.invariants import check_invariants
from tests.trouble.supervised import Supervised, supervised

CLIENTS = 8
MOST_TRIES = 5
WAYS = (("immediate", "fast") * 4)[: times(1, 8)]
PLAN = ("--code", "bulanan", "--name", "Bulanan", "--price", "99000", "--months", "1")


class Load:
    """Clients that subscribe one tenant after another; `made` are those that were answered 201."""

    def __init__(self, served: Supervised, key: str) -> None:
        self._served = served
        self._headers = {"Authorization": f"Bearer {key}"}
        self.made: list[str] = []
        self.statuses: set[int] = set()
        self._more = asyncio.Event()
        self._asked = 0

    async def goes_on(self) -> None:
        async with aiohttp.ClientSession(headers=self._headers) as http:
            await asyncio.gather(*(self._client(http) for _ in range(CLIENTS)))

    async def _client(self, http: aiohttp.ClientSession) -> None:
        while True:
            self._asked += 1
            body = {"customer": {"reference": f"tenant-{self._asked}"}, "plan": "bulanan"}
            try:
                url = self._served.origin + "/v1/subscriptions"
                async with http.post(url, json=body) as answer:
                    said: Any = await answer.json()
                    self.statuses.add(answer.status)
                    if answer.status == 201:
                        self.made.append(said["id"])
                        self._more.set()
                        continue
            except aiohttp.ClientError:  # it ended, and nobody knows
                pass
            await asyncio.sleep(0.05)

    async def makes(self, more: int) -> None:
        wanted = len(self.made) + more
        async with asyncio.timeout(60):
            while len(self.made) < wanted:
                self._more.clear()
                await self._more.wait()


async def test_what_was_answered_is_there_and_the_service_comes_back(tmp_path: Path) -> None:
    with restarted_server() as server:
        operator = Operator(tmp_path, database_url=server.url)
        app = await asyncio.to_thread(set_up, operator)
        async with supervised(operator, free_port()) as served:
            await served.is_ready(60)
            load = Load(served, app["api_key"])
            loading = asyncio.create_task(load.goes_on())
            for way in WAYS:
                await load.makes(30)
                await asyncio.to_thread(server.restarts, way)
                await served.is_ready(60)
                await load.makes(30)
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
        with psycopg.connect(server.url) as beside:
            stored = {row[0] for row in beside.execute("SELECT id FROM subscriptions")}
        check_invariants(server.url)
    assert set(load.made) <= stored
    assert load.statuses <= {201, 503}
    assert set(served.ends) <= {70, 1}
    assert served.log.count("the database failed") == served.ends.count(70)
    assert ("started_again" in served.log) == bool(served.ends)
    assert "Traceback" not in served.log
    assert ("database_lost" in served.log) or served.ends


async def test_while_it_is_away_all_are_refused_at_once_and_its_return_is_seen_at_once(
    tmp_path: Path,
) -> None:
    with restarted_server() as server:
        operator = Operator(tmp_path, database_url=server.url)
        app = await asyncio.to_thread(set_up, operator)
        async with supervised(operator, free_port()) as served:
            told: list[tuple[int, str, float]] = []
            for _ in range(MOST_TRIES):
                await served.is_ready(60)
                log_before = len(served.log)
                served.ends.clear()
                with server.away():
                    await asyncio.sleep(4)
                    if served.ends == [70]:  # a commit was under way as it went: rightly so
                        continue
                    told = await refused(served, app["api_key"])
                    told += await refused(served, app["api_key"])
                    # Tries that come ever more rarely are eight seconds apart by now.
                    await asyncio.sleep(5)
                break
            began = monotonic()
            await served.is_ready(60)
            came = monotonic() - began
    log = served.log[log_before:]
    assert {(status, code) for status, code, _ in told} == {(503, "database_unreachable")}
    assert max(seconds for _, _, seconds in told) < 1
    assert came < 5
    assert served.ends == []
    assert log.count('"database_lost"') == log.count('"database_back"') == 1
    assert "took_too_long" not in log


async def refused(served: Supervised, key: str) -> list[tuple[int, str, float]]:
    """Status, code and seconds of 40 calls at once, and of ready beside them."""

    async def ask(path: str) -> tuple[int, str, float]:
        began = monotonic()
        async with http.get(served.origin + path) as answer:
            said: Any = await answer.json(content_type=None)
            return answer.status, said["code"], monotonic() - began

    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as http:
        return list(await asyncio.gather(*map(ask, ["/v1/plans"] * 40 + ["/healthz/ready"])))


def set_up(operator: Operator) -> Any:
    """An app that may ask as often as it likes, and its plan."""
    assert operator.runs("migrate").code == 0
    app = operator.runs("app", "create", "--name", "Bengkel", "--mode", "test", "--json").json
    rate = ("--requests-per-second", "1000", "--reason", "a test")
    assert operator.runs("app", "set", app["id"], *rate).code == 0
    assert operator.runs("plan", "create", "--app", app["id"], *PLAN).code == 0
    return app


def test_a_restart_wakes_nobody_and_a_server_that_stays_away_does() -> None:
    troubles = Troubles()
    for seconds, told in ((0, False), (30, False), (61, True), (70, False), (3700, True)):
        change = troubles.become({"database_unreachable": "away"}, seconds)
        assert bool(change.begun) == (seconds == 0)
        assert bool(troubles.to_tell(seconds)) == told, seconds
    assert troubles.become({}, 3800).over == {"database_unreachable": 3800}
