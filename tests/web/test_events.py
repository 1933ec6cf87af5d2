"""`GET /v1/events`: everything in the order of commits, from any place on, and waiting for more."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from payment_service.kit.clock import monotonic
from payment_service.kit.statements import command, param
from payment_service.model.event import EVENT, events
from tests.service import Service
from tests.story import App
from tests.web.test_access import refused

DAMAGE = command(update(events).where(events.c.position == 2).values(body=param("new_body")))


async def all_of(app: App, limit: int, **asked: str) -> list[dict[str, Any]]:
    """Page by page, as a consumer would."""
    found: list[dict[str, Any]] = []
    after = 0
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    while True:
        answer = await app.asks("GET", f"/v1/events?after={after}&limit={limit}{more}")
        assert answer.status == 200, answer.body
        page = answer.json
        found += page["data"]
        after = page["next_after"]
        if not page["has_more"]:
            return found


async def subscribes(app: App, count: int) -> None:
    for number in range(count):
        assert (await app.subscribes(f"tenant-{number}", "gratis")).status == 201


async def test_every_event_is_listed_once_in_order_however_long_the_pages(app: App) -> None:
    await subscribes(app, 4)
    whole = await all_of(app, 100)
    assert [one["position"] for one in whole] == list(range(1, 9))
    assert [one["type"] for one in whole[:2]] == ["subscription.created", "subscription.activated"]
    for limit in (1, 3, 8):
        assert await all_of(app, limit) == whole


async def test_only_the_types_asked_for_are_listed(app: App) -> None:
    await subscribes(app, 3)
    found = await all_of(app, 1, types="subscription.activated,invoice.paid")
    assert [one["position"] for one in found] == [2, 4, 6]
    page = (await app.asks("GET", "/v1/events?types=invoice.paid")).json
    assert page == {"data": [], "has_more": False, "next_after": 6}


async def test_data_is_byte_for_byte_what_was_signed(service: Service, app: App) -> None:
    body = {
        "customer": {"reference": "tenant-1"},
        "plan": "gratis",
        "metadata": {"euro": "€", "angka": 1.0, "besar": 12345678901234567890, "kutip": '"'},
    }
    assert (await app.asks("POST", "/v1/subscriptions", body)).status == 201
    (first, _) = await all_of(app, 100)
    stored = await service.runtime.db.read(lambda tx: tx.one(EVENT, id=first["id"]))
    assert stored is not None
    answer = await app.asks("GET", f"/v1/events/{first['id']}")
    data = stored.body.partition(',"data":')[2].removesuffix("}")
    assert answer.body.endswith(f',"data":{data}}}'.encode())
    assert answer.json == first
    listed = await app.asks("GET", "/v1/events?limit=1")
    assert data.encode() in listed.body


@pytest.mark.parametrize(
    "broken", ["", "no JSON", '{"type":"x"', '{"type":"a"}', "[]", '{"timestamp":1,"data":NaN}']
)
async def test_a_damaged_row_hides_no_other(service: Service, app: App, broken: str) -> None:
    await subscribes(app, 2)
    whole = await all_of(app, 100)
    stored = await service.runtime.db.read(lambda tx: tx.one(EVENT, id=whole[1]["id"]))
    assert stored is not None
    await service.runtime.db.write(lambda tx: tx.run(DAMAGE, new_body=broken))
    seen = await all_of(app, 100)
    assert (seen[0], seen[2:]) == (whole[0], whole[2:])
    assert (seen[1]["id"], seen[1]["position"], seen[1]["data"]) == (whole[1]["id"], 2, None)
    await service.runtime.db.write(lambda tx: tx.run(DAMAGE, new_body=stored.body))


async def test_a_row_nested_too_deep_to_be_read_stands_as_it_was_written(
    service: Service, app: App
) -> None:
    await subscribes(app, 2)
    event_id = (await all_of(app, 100))[1]["id"]
    stored = await service.runtime.db.read(lambda tx: tx.one(EVENT, id=event_id))
    assert stored is not None
    deep = '{"a":' * 5_000 + "1" + "}" * 5_000
    body = '{"type":"subscription.activated","timestamp":"t","data":' + deep + "}"
    await service.runtime.db.write(lambda tx: tx.run(DAMAGE, new_body=body))
    answer = await app.asks("GET", "/v1/events")
    assert answer.status == 200
    assert deep.encode() in answer.body
    await service.runtime.db.write(lambda tx: tx.run(DAMAGE, new_body=stored.body))


async def test_who_waits_hears_of_news_at_once(app: App) -> None:
    await subscribes(app, 1)
    waiting = [
        asyncio.create_task(app.asks("GET", f"/v1/events?after=2&wait=20{types}"))
        for types in ("", "", "&types=subscription.activated", "&types=invoice.paid")
    ]
    await asyncio.sleep(0.3)
    assert not any(task.done() for task in waiting)
    begun = monotonic()
    assert (await app.subscribes("tenant-2", "gratis")).status == 201
    first, second, third = await asyncio.gather(*waiting[:3])
    assert monotonic() - begun < 10
    assert first.json["data"][0]["position"] == 3
    assert second.body == first.body
    assert [one["position"] for one in third.json["data"]] == [4]
    assert not waiting[3].done()
    waiting[3].cancel()


async def test_who_waits_in_vain_is_told_so_when_the_time_is_over(app: App) -> None:
    begun = monotonic()
    answer = await app.asks("GET", "/v1/events?wait=1")
    assert 0.9 < monotonic() - begun < 5
    assert answer.json == {"data": [], "has_more": False, "next_after": 0}


async def test_who_waits_for_days_that_are_over_is_led_to_the_newest(app: App) -> None:
    await subscribes(app, 3)
    begun = monotonic()
    answer = await app.asks("GET", "/v1/events?created_to=2026-01-30&limit=1&wait=1")
    assert answer.json == {"data": [], "has_more": False, "next_after": 6}
    assert 0.9 < monotonic() - begun < 5


async def test_another_apps_news_wake_nobody(app: App, other: App) -> None:
    waiting = asyncio.create_task(app.asks("GET", "/v1/events?wait=2"))
    await other.subscribes("tenant-1", "gratis")
    assert (await waiting).json["data"] == []


async def test_a_stopping_service_ends_the_waiting_at_once(service: Service, app: App) -> None:
    waiting = asyncio.create_task(app.asks("GET", "/v1/events?wait=25"))
    await asyncio.sleep(0.2)
    begun = monotonic()
    service.web.state.stopping.set()
    assert (await waiting).json["data"] == []
    assert monotonic() - begun < 10


async def test_a_key_may_have_so_many_waiting_and_no_more(service: Service, app: App) -> None:
    waiting = [asyncio.create_task(app.asks("GET", "/v1/events?wait=20")) for _ in range(20)]
    calls = service.web.state.streams._calls
    async with asyncio.timeout(15):
        while calls._all < 20:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    assert refused(await app.asks("GET", "/v1/events?wait=5"), 429, "too_many_open")
    assert (await app.asks("GET", "/v1/events")).status == 200
    service.web.state.stopping.set()
    assert {answer.status for answer in await asyncio.gather(*waiting)} == {200}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("after=-1", "invalid_request"),
        ("after=x", "invalid_request"),
        ("after=99999999999999999999", "invalid_request"),
        ("limit=101", "invalid_request"),
        ("wait=26", "invalid_request"),
        ("types=", "event_types"),
        ("types=invoice.paid,nonsense", "event_types"),
    ],
)
async def test_a_list_of_another_shape_is_refused(app: App, query: str, code: str) -> None:
    assert refused(await app.asks("GET", f"/v1/events?{query}"), 422, code)


async def test_positions_of_concurrent_commits_are_never_passed_over(app: App) -> None:
    """A reader that goes on from what it has seen meets every position, however commits overlap."""
    seen: list[int] = []
    ready = asyncio.Event()

    async def follow() -> None:
        after = 0
        while not ready.is_set() or len(seen) < 60:
            page = (await app.asks("GET", f"/v1/events?after={after}&limit=7&wait=1")).json
            seen.extend(one["position"] for one in page["data"])
            after = page["next_after"]

    following = asyncio.create_task(follow())
    gate = asyncio.Semaphore(10)

    async def one(number: int) -> None:
        async with gate:
            await app.subscribes(f"tenant-{number}", "gratis")

    await asyncio.gather(*(one(number) for number in range(30)))
    ready.set()
    await asyncio.wait_for(following, 20)
    assert seen == list(range(1, 61))
