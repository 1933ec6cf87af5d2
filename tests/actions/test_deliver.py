"""Delivering: who is served how much at once, by which process, and what is written down."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import text
from structlog.testing import capture_logs

from payment_service.actions.deliver import Courier
from payment_service.actions.edit_endpoint import EndpointChange, edit_endpoint
from payment_service.books.serve_endpoint import CAREFUL, HEALTHY, Served
from payment_service.books.take_due import lease
from payment_service.kit.statements import Transaction
from payment_service.migrations.upgrade import connected
from payment_service.model.endpoint import ENDPOINT
from payment_service.model.sending import LEASE, READY_ENDPOINTS
from payment_service.outside.webhook_client import Answer, WebhookClient
from payment_service.runtime import Runtime
from tests.actions.ears import (
    Ears,
    at_work,
    attempts,
    deliveries,
    endpoint_of,
    happens,
    listens,
    registered,
)
from tests.clocks import HandClock
from tests.invariants import check_invariants
from tests.model.records import NOW, an_endpoint
from tests.outside.parties import RawServer
from tests.service import running_service


async def test_an_endpoint_that_is_not_known_yet_has_two_under_way(
    runtime: Runtime, ears: Ears
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, 40)
    ears.held.add("one")
    async with at_work(Courier(runtime)):
        await ears.until(lambda: ears.under_way["one"] == 2)
        await asyncio.sleep(0.2)
        assert ears.under_way["one"] == 2
        await ears.let_go()
        await ears.until(lambda: ears.heard["one"] == 40)


async def test_a_healthy_one_has_up_to_sixteen_and_again_two_once_it_fails(
    runtime: Runtime, ears: Ears
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, 30)
    courier = Courier(runtime)
    async with at_work(courier):
        await ears.until(lambda: ears.heard["one"] == 30)
        ears.held.add("one")
        await happens(runtime, app, 30)
        await ears.until(lambda: ears.under_way["one"] == 16)
        await asyncio.sleep(0.2)
        assert ears.most["one"] == 16
        await ears.let_go()
        await ears.until(lambda: ears.heard["one"] == 60)
        ears.statuses["one"] = 500
        await happens(runtime, app, 1)
        await ears.until(lambda: ears.heard["one"] == 61)
        await asyncio.sleep(0.2)
        ears.held.add("one")
        await happens(runtime, app, 30)
        await ears.until(lambda: ears.under_way["one"] == 2)
        await asyncio.sleep(0.2)
        assert ears.under_way["one"] == 2
        await ears.let_go()


async def test_endpoints_that_hang_leave_room_for_those_of_others(
    runtime: Runtime, ears: Ears
) -> None:
    """An app has 64 under way at most, and all that are not known to be well 192."""
    names = [f"hangs-{place}" for place in range(4 * 40)]
    ears.held.update(names)
    for place in range(4):
        dead = await registered(runtime, None, f"Dead {place}")
        for name in names[place::4]:
            await listens(runtime, dead, ears.url(name))
        await happens(runtime, dead, 3)
    well = await registered(runtime, ears.url("well"))
    courier = Courier(runtime)
    async with at_work(courier):
        await ears.until(lambda: ears.under_way.total() >= 192)
        await happens(runtime, well, 20)
        await asyncio.sleep(0.3)
        assert ears.under_way.total() == 192
        for place in range(4):
            assert sum(ears.under_way[name] for name in names[place::4]) <= 64
        assert max(ears.most[name] for name in names) <= 2
        ears.held.difference_update(names[:60])
        await ears.let_go()
        await ears.until(lambda: ears.heard.total() == 4 * 40 * 3 + 20)


async def test_a_long_queue_delays_no_other_endpoint(runtime: Runtime, ears: Ears) -> None:
    many = await registered(runtime, ears.url("many"))
    few = await registered(runtime, ears.url("few"))
    await happens(runtime, many, 1_000)
    async with at_work(Courier(runtime)):
        await ears.until(lambda: ears.heard["many"] > 50)
        ears.held.add("many")  # its queue stands, and is long
        await happens(runtime, few, 5)
        await ears.until(lambda: ears.heard["few"] == 5)
        assert ears.heard["many"] < 900
        await ears.let_go()
        await ears.until(lambda: ears.heard["many"] == 1_000)
    assert set(ears.ids.values()) == {1}


async def test_two_processes_send_everything_once(runtime: Runtime, ears: Ears) -> None:
    apps = [await registered(runtime, ears.url(f"app-{place}")) for place in range(6)]
    async with at_work(Courier(runtime), Courier(runtime)):
        for _ in range(5):
            for app in apps:
                await happens(runtime, app, 10)
            await asyncio.sleep(0.05)
        await ears.until(lambda: ears.heard.total() == 300)
        await asyncio.sleep(0.2)
    assert set(ears.ids.values()) == {1}
    for app in apps:
        found = await deliveries(runtime, await endpoint_of(runtime, app))
        assert {(one.status, one.attempts) for one in found} == {("delivered", 1)}


async def test_who_holds_an_endpoint_is_left_alone_until_its_lease_ends(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, 3)

    def take(tx: Transaction) -> int:
        now = clock.now()
        return len(lease(tx, tx.all(READY_ENDPOINTS, now=now, limit=10), now))

    assert await runtime.db.write(take) == 1  # by a process that dies
    courier = Courier(runtime)
    clock.advance(LEASE - timedelta(milliseconds=1))
    await courier.deliver_all()
    assert ears.heard["one"] == 0
    clock.advance(timedelta(milliseconds=1))
    await courier.deliver_all()
    assert ears.heard["one"] == 3


async def test_a_result_that_comes_after_the_lease_was_lost_undoes_nothing(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    """The attempt is kept, and what another process has delivered stays delivered."""
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app)
    slow, other = Courier(runtime, renew=60), Courier(runtime)
    ears.held.add("one")
    await slow.take()
    await ears.until(lambda: ears.under_way["one"] == 1)
    clock.advance(LEASE)
    ears.statuses["one"] = 204
    await other.take()
    await ears.until(lambda: ears.under_way["one"] == 2)
    ears.held.clear()
    ears.statuses["one"] = 204
    await ears.let_go()
    with capture_logs() as logs:
        await asyncio.gather(slow.finish(), other.finish())
    endpoint = await endpoint_of(runtime, app)
    (delivery,) = await deliveries(runtime, endpoint)
    assert delivery.status == "delivered"
    told = [line for line in logs if line["event"] == "endpoint_taken_over"]
    assert [(line["endpoint"], line["twice_at_most"]) for line in told] == [(endpoint.id, 1)]
    assert len(await attempts(runtime, delivery)) == 2
    assert endpoint.failures == 0
    assert set(ears.ids.values()) == {2}


async def test_who_slept_through_its_lease_begins_nothing_that_another_has_taken(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, CAREFUL + 1)
    slow, other = Courier(runtime, renew=60), Courier(runtime)
    ears.held.add("one")
    await slow.take()
    await ears.until(lambda: ears.under_way["one"] == CAREFUL)
    clock.advance(LEASE)
    await other.take()
    await ears.until(lambda: ears.under_way["one"] == 2 * CAREFUL)
    ears.held.clear()
    await ears.let_go()
    await ears.until(lambda: len(ears.ids) == CAREFUL + 1)
    with capture_logs() as logs:
        await asyncio.gather(slow.finish(), other.finish())
    assert sorted(ears.ids.values()) == [1] + [2] * CAREFUL
    told = [line for line in logs if line["event"] == "endpoint_taken_over"]
    # It may write the two down one by one, and then is told twice.
    assert told[0]["twice_at_most"] == CAREFUL


async def test_who_slept_through_its_lease_goes_on_once_it_has_it_again(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, CAREFUL + 1)
    slow = Courier(runtime)
    ears.held.add("one")
    await slow.take()
    await ears.until(lambda: ears.under_way["one"] == CAREFUL)
    clock.advance(LEASE)
    ears.held.clear()
    await ears.let_go()
    await ears.until(lambda: ears.heard["one"] == CAREFUL + 1)
    await slow.finish()
    assert set(ears.ids.values()) == {1}


async def test_a_stop_lets_what_is_under_way_end_and_begins_nothing(
    runtime: Runtime, ears: Ears
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, 10)
    courier = Courier(runtime)
    ears.held.add("one")
    await courier.take()
    await ears.until(lambda: ears.under_way["one"] == 2)
    ending = asyncio.create_task(courier.finish())
    await asyncio.sleep(0.2)
    assert not ending.done()
    await ears.let_go()
    await ending
    assert ears.heard["one"] == 2
    endpoint = await endpoint_of(runtime, app)
    found = await deliveries(runtime, endpoint)
    assert sorted(one.status for one in found) == ["delivered"] * 2 + ["queued"] * 8
    assert endpoint.lease_until == runtime.clock.now()
    await Courier(runtime).deliver_all()
    assert ears.heard["one"] == 10
    assert set(ears.ids.values()) == {1}


async def test_what_is_edited_holds_for_what_is_sent_next(runtime: Runtime, ears: Ears) -> None:
    app = await registered(runtime, ears.url("old"))
    endpoint = await endpoint_of(runtime, app)
    await happens(runtime, app, 40)
    ears.held.add("old")
    courier = Courier(runtime)

    async def edit(**change: Any) -> None:
        wanted, now = EndpointChange(**change), runtime.clock.now()
        await runtime.db.write(edit_endpoint, app, endpoint.id, wanted, runtime.targets, now)

    async with at_work(courier):
        await ears.until(lambda: ears.under_way["old"] == 2)
        await edit(url=ears.url("new"))
        await courier.take()  # which looks at what was edited
        await ears.let_go()
        await ears.until(lambda: ears.heard["new"] > 5)
        await edit(status="off")
        await courier.take()
        async with asyncio.timeout(30):
            while courier._served:  # noqa: ASYNC110 - until what was under way has ended
                await asyncio.sleep(0.01)
        heard = ears.heard["new"]
        await asyncio.sleep(0.2)
        assert (ears.heard["old"], ears.heard["new"]) == (2, heard)


async def test_what_could_not_be_written_is_written_later_and_not_sent_again(
    runtime: Runtime, ears: Ears, database_url: str
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, 5)
    with connected(database_url) as connection:
        connection.execute(text("ALTER TABLE delivery_attempts RENAME TO hidden"))
        connection.commit()
    # All five are in the write that fails: one that is alone in it would be given up.
    async with at_work(Courier(runtime, gather=1)):
        with capture_logs() as logs:
            await ears.until(lambda: ears.heard["one"] == 5)
            async with asyncio.timeout(30):
                while not logs:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.01)
        assert [(one["event"], one["attempts"]) for one in logs] == [("attempts_not_written", 5)]
        with connected(database_url) as connection:
            connection.execute(text("ALTER TABLE hidden RENAME TO delivery_attempts"))
            connection.commit()
        async with asyncio.timeout(60):
            while True:
                found = await deliveries(runtime, await endpoint_of(runtime, app))
                if {one.status for one in found} == {"delivered"}:
                    break
                await asyncio.sleep(0.05)
    assert set(ears.ids.values()) == {1}
    assert [len(await attempts(runtime, one)) for one in found] == [1] * 5


async def test_a_connection_that_the_receiver_has_just_closed_costs_no_attempt(
    database_url: str, clock: HandClock
) -> None:
    """It answers the first on each connection and closes when the next comes."""
    heard = []
    closed = 0

    async def once_a_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal closed
        for place in range(2):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            await reader.readexactly(length)
            if place == 1:
                closed += 1
                return
            heard.append(head.partition("webhook-id: ")[2].partition("\r\n")[0])
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()

    async with RawServer(once_a_connection) as server:
        targets = (f"127.0.0.1:{server.port}",)
        async with running_service(database_url, clock, targets=targets) as service:
            app = await registered(service.runtime, f"http://127.0.0.1:{server.port}/hook")
            await happens(service.runtime, app, 20)
            await Courier(service.runtime).deliver_all()
            found = await deliveries(service.runtime, await endpoint_of(service.runtime, app))
            assert {(one.status, one.attempts) for one in found} == {("delivered", 1)}
            assert len(heard) == len(set(heard)) == 20
            assert closed > 5


async def test_a_receiver_that_never_answers_costs_its_attempt_at_once(
    database_url: str, clock: HandClock
) -> None:
    async def closes(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with RawServer(closes) as server:
        targets = (f"127.0.0.1:{server.port}",)
        async with running_service(database_url, clock, targets=targets) as service:
            app = await registered(service.runtime, f"http://127.0.0.1:{server.port}/hook")
            await happens(service.runtime, app)
            await Courier(service.runtime).deliver_all()
            (delivery,) = await deliveries(service.runtime, await endpoint_of(service.runtime, app))
            (attempt,) = await attempts(service.runtime, delivery)
            assert (delivery.status, attempt.error) == ("retrying", "disconnected")
            assert server.connections == 1


class CountedClient(WebhookClient):
    """One process's way out."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime.targets, runtime.clock)
        self.posts = 0

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.posts += 1
        return await super().post(url, headers, body)


async def test_a_process_that_comes_later_has_its_share_of_endpoints_that_are_never_at_rest(
    runtime: Runtime, ears: Ears
) -> None:
    for number in range(4):
        app = await registered(runtime, ears.url(f"{number}"), f"App {number}")
        await happens(runtime, app, 500)
    clients = [CountedClient(runtime) for _ in range(2)]
    first, second = (
        Courier(msgspec.structs.replace(runtime, webhooks=client), tenure=0.3) for client in clients
    )
    async with at_work(first):
        await ears.until(lambda: ears.heard.total() >= 100)
        async with at_work(second):
            await ears.until(lambda: ears.heard.total() == 2_000)
    for client in clients:
        await client.close()
    # On a busy machine one may stand still for most of the second that this takes.
    assert min(client.posts for client in clients) > 40
    assert set(ears.ids.values()) == {1}


async def test_the_lease_counts_on_while_nothing_is_due(runtime: Runtime, ears: Ears) -> None:
    """An endpoint at rest belongs to nobody: the next event finds whoever looks first."""
    app = await registered(runtime, ears.url("one"))
    first, second = Courier(runtime), Courier(runtime)
    for courier, number in ((first, 1), (second, 2), (first, 3)):
        await happens(runtime, app)
        await courier.deliver_all()
        endpoint = await runtime.db.read(
            lambda tx, id_: tx.one(ENDPOINT, id=id_), (await endpoint_of(runtime, app)).id
        )
        assert endpoint is not None
        assert (ears.heard["one"], endpoint.lease_no) == (number, number)
        assert endpoint.lease_until == runtime.clock.now()


async def test_an_endpoint_hears_every_event_from_its_position_on_whoever_is_faster(
    runtime: Runtime, ears: Ears, database_url: str
) -> None:
    """Events happen while endpoints are made, turned off and on: none falls in between."""
    app = await registered(runtime, ears.url("first"))

    async def edits(place: int) -> None:
        made = await listens(runtime, app, ears.url(f"late-{place}"))
        for status in ("off", "active"):
            change = EndpointChange(status=status)
            now = runtime.clock.now()
            await runtime.db.write(edit_endpoint, app, made.id, change, runtime.targets, now)

    await asyncio.gather(
        *(happens(runtime, app) for _ in range(60)), *(edits(place) for place in range(8))
    )
    check_invariants(database_url)


def test_failures_that_were_under_way_together_are_one() -> None:
    one, fails = Served(an_endpoint(), HEALTHY, NOW + LEASE), Answer(500, None, 5, "", None)
    begun = one.steps
    assert [one.hears(fails, begun, by_hand=False) for _ in range(16)] == [True] + [False] * 15
    assert (one.failures, one.allowed) == (1, CAREFUL)
    for number in range(2, 11):
        begun = one.steps
        assert [one.hears(fails, begun, by_hand=False) for _ in range(CAREFUL)] == [True, False]
        assert one.failures == number
    assert not one.may_start


def test_a_slow_endpoint_is_served_with_care_until_it_is_quick_again() -> None:
    one = Served(an_endpoint(), HEALTHY, NOW + LEASE)
    one.hears(Answer(200, None, 2_000, "", None), 0, by_hand=False)
    assert (one.allowed, one.failures, one.is_proven) == (CAREFUL, 0, False)
    for _ in range(20):
        one.hears(Answer(200, None, 1_999, "", None), 0, by_hand=False)
    assert one.allowed == HEALTHY
