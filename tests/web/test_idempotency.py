"""A repeated Idempotency-Key changes nothing and gives the same bytes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from fastapi.routing import APIRoute

from payment_service.actions.create_key import create_key
from payment_service.actions.purge_answers import purge_answers
from payment_service.actions.register_app import Registration
from payment_service.kit.database import open_database
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.answer import ANSWER, PURGED_AT_ONCE, Asked, Box, Given, once
from payment_service.model.key import Scope
from payment_service.outside.pakasir_settings import PakasirSettings
from payment_service.web.api.strict_route import StrictRoute
from tests.clocks import HandClock
from tests.counts import times
from tests.invariants import row_counts
from tests.seeds import SEED
from tests.service import (
    API_KEY,
    NOTICE_SECRET,
    PROJECT,
    Answer,
    running_pakasir,
    running_service,
)
from tests.story import App, register
from tests.web.test_access import PLAN, SUBSCRIPTION, refused

KEYS, COPIES = times(50, 200), times(20, 50)


async def test_many_copies_of_many_requests_at_once_have_one_effect_each(
    app: App, database_url: str
) -> None:
    before = row_counts(database_url)
    asked = [number for number in range(KEYS) for _ in range(COPIES)]
    Random(SEED).shuffle(asked)

    async def until_answered(number: int) -> Answer:
        """Copies that come while the first runs are told to come again."""
        while True:
            answer = await app.subscribes(
                f"tenant-{number}", "bulanan", idempotency_key=f"key-{number}"
            )
            if answer.status == 201:
                return answer
            assert refused(answer, 409, "idempotency_key_in_use")
            assert answer.headers["Retry-After"] == "1"

    answers = await asyncio.gather(*(until_answered(number) for number in asked))
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
        "customer_words": 3 * KEYS,  # a reference, and a name of two words
        "daily_standings": 1,
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
    for key in ("", '""', "x" * 256, "kunci ä", "tab\tin", "two words"):
        answer = await app.subscribes("tenant-1", "bulanan", idempotency_key=key)
        assert refused(answer, 422, "idempotency_key"), key


async def test_two_keys_are_none(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    bearer = ("Authorization", f"Bearer {app.api_key}")
    keys = [("Idempotency-Key", "k-1"), ("Idempotency-Key", "k-2")]
    body = {"customer": {"reference": "tenant-1"}, "plan": "bulanan"}
    answer = await app.service.ask("POST", "/v1/subscriptions", json=body, headers=[bearer, *keys])
    assert refused(answer, 422, "idempotency_key")
    assert row_counts(database_url) == before


async def test_a_key_of_255_characters_is_taken(app: App) -> None:
    answer = await app.subscribes("tenant-1", "bulanan", idempotency_key="x" * 255)
    assert answer.status == 201


async def key_of(app: App, scopes: tuple[Scope, ...]) -> str:
    runtime = app.service.runtime
    _, secret = await runtime.db.write(create_key, app.id, "key", scopes, runtime.clock.now())
    return secret


def routes_below(router: Any) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes_below(route.original_router)


async def test_every_write_of_the_api_is_a_route_that_takes_a_key(app: App) -> None:
    """A strict route does not come up without one; that it is used is for ruff to see."""
    found = [route for route in routes_below(app.service.web) if route.path.startswith("/v1/")]
    assert len(found) > 20
    assert [route.path for route in found if not isinstance(route, StrictRoute)] == []


async def test_every_kind_of_write_is_replayed(app: App, database_url: str) -> None:
    made = (await app.subscribes("tenant-1", "hemat")).json
    subscription, invoice = made["id"], made["open_invoice"]["id"]
    plan = (await app.asks("POST", "/v1/plans", PLAN)).json["id"]
    pass_by = (await app.subscribes("tenant-2", "bulanan")).json["id"]
    writes: list[tuple[str, str, Any]] = [
        ("PATCH", f"/v1/plans/{plan}", {"name": "Tiap minggu"}),
        ("POST", f"/v1/invoices/{invoice}/qris", None),
        ("POST", f"/v1/invoices/{invoice}/qris", {"periods": 3}),
        ("PUT", f"/v1/test/subscriptions/{subscription}/payer", {"habit": "pays_late"}),
        ("POST", f"/v1/test/invoices/{invoice}/pay", None),
        ("POST", f"/v1/subscriptions/{subscription}/pay-ahead", {"periods": 1}),
        ("POST", f"/v1/subscriptions/{subscription}/change-plan", {"plan": "tahunan"}),
        ("POST", f"/v1/subscriptions/{pass_by}/cancel", None),
        ("POST", "/v1/test/clock", {"advance_to": "2026-02-10"}),
    ]
    for place, (method, path, body) in enumerate(writes):
        key = f"write-{place}"
        first = await app.asks(method, path, body, idempotency_key=key)
        assert first.status == 200, (path, first.body)
        await app.service.rest()
        before = row_counts(database_url)
        again = await app.asks(method, path, body, idempotency_key=key)
        assert (again.status, again.body) == (first.status, first.body), path
        assert again.headers["Idempotent-Replayed"] == "true", path
        assert row_counts(database_url) == before
        other = await app.asks(method, path, {"name": "x"}, idempotency_key=key)
        assert other.status == 422, path


async def test_moving_subscribers_is_replayed_too(app: App, database_url: str) -> None:
    await app.subscribes("tenant-1", "bulanan")
    admin = f"Bearer {await key_of(app, ('read', 'write', 'admin'))}"
    plans = (await app.asks("GET", "/v1/plans?limit=100")).json["data"]
    plan = next(plan["id"] for plan in plans if plan["code"] == "bulanan")
    body = {"price": 120_000, "move_subscribers": True, "reason": "costs"}
    answers = [
        await app.asks("PATCH", f"/v1/plans/{plan}", body, authorization=admin, idempotency_key="k")
        for _ in range(2)
    ]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert row_counts(database_url)["audit_entries"] == 1


async def test_while_a_request_runs_its_key_is_in_use(
    database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    """In this process and in another one; a refusal frees the key for a retry."""
    codes = open_database(f"sqlite:///{tmp_path}/pakasir.sqlite3")
    async with running_pakasir(codes, clock) as pakasir, AsyncExitStack() as both:
        at = (f"127.0.0.1:{pakasir.port}",)
        one, other = [
            await both.enter_async_context(running_service(database_url, clock, targets=at))
            for _ in range(2)
        ]
        project = PakasirSettings(PROJECT, API_KEY, NOTICE_SECRET, pakasir.origin)
        app = await register(one, Registration(name="Bengkel", mode="test", pakasir=project))
        there = App(other, app.id, app.api_key, app.webhook_secret)
        made = (await app.subscribes("tenant-1", "bulanan")).json
        path = f"/v1/invoices/{made['open_invoice']['id']}/qris"
        pakasir.hold("create-transaction")
        running = asyncio.create_task(app.asks("POST", path, idempotency_key="k-1"))
        await pakasir.holds(1)
        for asks in (app.asks, there.asks):
            assert refused(
                await asks("POST", path, idempotency_key="k-1"), 409, "idempotency_key_in_use"
            )
        # What died with its process is done again after a minute, and finds what was begun.
        clock.advance(timedelta(seconds=61))
        taken_over = asyncio.create_task(there.asks("POST", path, idempotency_key="k-1"))
        await pakasir.holds(2)
        await pakasir.let_go()
        assert (await running).status == 200
        assert (await taken_over).json["charge_id"] == (await running).json["charge_id"]
    await codes.close()


async def test_a_refused_request_of_several_steps_is_not_remembered(
    app: App, database_url: str
) -> None:
    before = row_counts(database_url)
    for _ in range(2):
        answer = await app.asks("POST", "/v1/invoices/inv_1/qris", idempotency_key="k-1")
        assert refused(answer, 404, "invoice_not_found")
    assert row_counts(database_url) == before


async def test_between_processes_nobody_waits_for_a_key_that_is_in_use(
    app: App, clock: HandClock
) -> None:
    """On SQLite writes have an order, so the second comes after the first and hears its answer."""
    database = app.service.runtime.db
    begun, ends = threading.Event(), threading.Event()

    def slow(_: Transaction) -> tuple[int, bytes]:
        begun.set()
        assert ends.wait(10)
        return 200, b"{}"

    asked = Asked(app.id, "k-1", "print", clock.now())

    async def write() -> Given:
        return await database.write(once, asked, None, slow)

    first = asyncio.create_task(write())
    await asyncio.to_thread(begun.wait)
    second = asyncio.create_task(write())
    if database.dialect == "postgresql":
        with pytest.raises(Conflict, match="idempotency_key_in_use"):
            await second
        ends.set()
    ends.set()
    assert await first == Given(200, b"{}")
    assert (await write()).is_replay


async def test_an_answer_is_kept_72_hours_and_then_the_key_is_free(
    app: App, clock: HandClock, database_url: str
) -> None:
    first = await app.asks("POST", "/v1/plans", PLAN, idempotency_key="k-1")
    clock.advance(timedelta(hours=72))
    again = await app.asks("POST", "/v1/plans", PLAN, idempotency_key="k-1")
    assert (again.status, again.body) == (201, first.body)
    clock.advance(timedelta(seconds=1))
    after = await app.asks("POST", "/v1/plans", PLAN, idempotency_key="k-1")
    assert refused(after, 409, "plan_code_taken")
    other = {**PLAN, "code": "lain"}
    assert (await app.asks("POST", "/v1/plans", other, idempotency_key="k-1")).status == 201
    assert row_counts(database_url)["idempotent_answers"] == 1


async def test_old_answers_are_purged_in_batches(
    app: App, clock: HandClock, database_url: str
) -> None:
    def keep(tx: Transaction) -> None:
        for number in range(PURGED_AT_ONCE + 2):
            at = clock.now() + timedelta(seconds=number)
            once(tx, Asked(app.id, f"k-{number}", "print", at), None, lambda _: (200, b"{}"))

    runtime = app.service.runtime
    await runtime.db.write(keep)
    clock.advance(timedelta(hours=72, seconds=PURGED_AT_ONCE))
    left = row_counts(database_url)["idempotent_answers"]
    assert await purge_answers(runtime)
    assert row_counts(database_url)["idempotent_answers"] == left - PURGED_AT_ONCE
    assert not await purge_answers(runtime)
    assert row_counts(database_url)["idempotent_answers"] == 1


async def test_an_answer_that_holds_a_secret_is_kept_sealed(app: App, clock: HandClock) -> None:
    secrets, db = app.service.runtime.secrets, app.service.runtime.db
    box = Box(secrets.seal, secrets.open)
    asked = Asked(app.id, "k-1", "print", clock.now())
    told = b'{"secret":"rahasia"}'
    given = await db.write(once, asked, box, lambda _: (201, told))
    kept = await db.read(lambda tx: tx.one(ANSWER, app_id=app.id, key="k-1"))
    assert kept is not None
    assert kept.body is None
    assert "rahasia" not in (kept.sealed_body or "rahasia")
    again = await db.write(once, asked, box, lambda _: (201, told))
    assert again == msgspec.structs.replace(given, is_replay=True)
