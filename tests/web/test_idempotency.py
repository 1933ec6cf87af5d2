"""A repeated Idempotency-Key changes nothing and gives the same bytes."""

import asyncio
import random

from tests.counts import times
from tests.invariants import row_counts
from tests.story import App
from tests.web.test_access import PLAN, SUBSCRIPTION, refused

KEYS, COPIES = times(50, 200), times(20, 50)


async def test_many_copies_of_many_requests_at_once_have_one_effect_each(
    app: App, database_url: str
) -> None:
    before = row_counts(database_url)
    asked = [number for number in range(KEYS) for _ in range(COPIES)]
    random.shuffle(asked)
    answers = await asyncio.gather(
        *(app.subscribes(f"tenant-{n}", "bulanan", idempotency_key=f"key-{n}") for n in asked)
    )
    assert {answer.status for answer in answers} == {201}
    by_key: dict[int, set[bytes]] = {}
    for number, answer in zip(asked, answers, strict=True):
        by_key.setdefault(number, set()).add(answer.body)
    assert all(len(bodies) == 1 for bodies in by_key.values())
    assert len(set.union(*by_key.values())) == KEYS
    first = [answer for answer in answers if "Idempotent-Replayed" not in answer.headers]
    assert len(first) == KEYS
    after = row_counts(database_url)
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changed == {
        "customers": KEYS,
        "subscriptions": KEYS,
        "invoices": KEYS,
        "events": 2 * KEYS,
        "idempotent_answers": KEYS,
        "event_counters": 1,
        "invoice_counters": 1,
    }


async def test_a_replay_is_the_same_whatever_the_spelling_of_its_json(app: App) -> None:
    headers = {"idempotency-key": "k-1", "content-type": "application/json"}
    headers["authorization"] = f"Bearer {app.api_key}"
    first = await app.asks("POST", "/v1/subscriptions", SUBSCRIPTION, idempotency_key='"k-1"')
    spelled = b'{ "plan":"bulanan",\n "customer":{"reference":"tenant-\\u0031"} }'
    again = await app.service.ask("POST", "/v1/subscriptions", data=spelled, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert (again.status, again.body) == (first.status, first.body)


async def test_a_replay_stays_as_it_was_though_the_world_moved_on(app: App) -> None:
    first = await app.subscribes("tenant-1", "bulanan", idempotency_key="k-1")
    await app.subscribes("tenant-1", "tahunan")
    assert (await app.subscribes("tenant-1", "bulanan", idempotency_key="k-1")).body == first.body


async def test_another_request_under_the_same_key_is_refused(app: App, database_url: str) -> None:
    await app.subscribes("tenant-1", "bulanan", idempotency_key="k-1")
    before = row_counts(database_url)
    for path, body in (
        ("/v1/subscriptions", {**SUBSCRIPTION, "plan": "tahunan"}),
        ("/v1/subscriptions", {**SUBSCRIPTION, "metadata": {"a": 1}}),
        ("/v1/plans", PLAN),
    ):
        answer = await app.asks("POST", path, body, idempotency_key="k-1")
        assert refused(answer, 422, "idempotency_key_reused")
    assert row_counts(database_url) == before


async def test_the_same_key_of_another_app_is_another_key(app: App, other: App) -> None:
    mine = await app.subscribes("tenant-1", "bulanan", idempotency_key="k-1")
    theirs = await other.subscribes("tenant-1", "bulanan", idempotency_key="k-1")
    assert theirs.status == 201
    assert theirs.json["id"] != mine.json["id"]


async def test_a_refused_request_is_not_remembered(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    body = {"customer": {"reference": "tenant-1"}, "plan": PLAN["code"]}
    refusal = await app.asks("POST", "/v1/subscriptions", body, idempotency_key="k-1")
    assert refused(refusal, 422, "unknown_plan")
    assert row_counts(database_url) == before
    assert (await app.asks("POST", "/v1/plans", PLAN)).status == 201
    assert (await app.asks("POST", "/v1/subscriptions", body, idempotency_key="k-1")).status == 201


async def test_a_key_that_is_none_is_refused(app: App) -> None:
    for key in ("", '""', "x" * 256, "kunci ä", "tab\tin"):
        answer = await app.subscribes("tenant-1", "bulanan", idempotency_key=key)
        assert refused(answer, 422, "idempotency_key"), key


async def test_a_key_of_255_characters_is_taken(app: App) -> None:
    answer = await app.subscribes("tenant-1", "bulanan", idempotency_key="x" * 255)
    assert answer.status == 201
