"""An app's keys in the API: made, listed, rolled and revoked by whoever may do everything."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from payment_service.actions.create_key import create_key
from payment_service.actions.register_app import Registration
from payment_service.kit.statements import param, value
from payment_service.model.answer import answers
from payment_service.model.key import Scope
from tests.clocks import HandClock
from tests.invariants import row_counts
from tests.service import Service
from tests.story import App, register
from tests.web.test_access import refused

BODIES = value(select(answers.c.body).where(answers.c.app_id == param("app_id")), str)


async def key_of(app: App, *scopes: Scope) -> App:
    """The app with another key of its own."""
    runtime = app.service.runtime
    _, secret = await runtime.db.write(create_key, app.id, "key", scopes, runtime.clock.now())
    return App(app.service, app.id, secret, app.webhook_secret)


@pytest.fixture
async def admin(app: App) -> App:
    return await key_of(app, "read", "write", "admin")


async def status_with(app: App, secret: str) -> int:
    asked = await app.asks("GET", "/v1/plans", authorization=f"Bearer {secret}")
    return asked.status


async def test_a_key_is_made_told_once_and_used(admin: App, database_url: str) -> None:
    body = {"name": "staging", "scopes": ["read"], "metadata": {"by": "rini"}}
    made = await admin.asks("POST", "/v1/keys", body)
    assert made.status == 201
    secret = made.json["secret"]
    assert made.json["scopes"] == ["read"]
    assert made.json["metadata"] == {"by": "rini"}
    assert (made.json["status"], made.json["last_used_at"]) == ("active", None)
    assert secret.startswith(made.json["start"])
    assert secret.endswith(made.json["last4"])
    assert await status_with(admin, secret) == 200
    read = await admin.asks("GET", f"/v1/keys/{made.json['id']}")
    assert read.json["last_used_at"] is not None
    assert {**read.json, "last_used_at": None, "secret": secret} == made.json
    listed = await admin.asks("GET", "/v1/keys?limit=1")
    assert listed.json["has_more"]
    every = (await admin.asks("GET", "/v1/keys?limit=100")).json["data"]
    assert secret not in str(every)
    assert read.json in every
    assert row_counts(database_url)["audit_entries"] == 1


async def test_no_key_may_do_everything_unless_it_is_asked_for(admin: App) -> None:
    made = (await admin.asks("POST", "/v1/keys", {"name": "usual"})).json
    assert made["scopes"] == ["read", "write"]
    asks = App(admin.service, admin.id, made["secret"], "").asks
    for method, path in (
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys"),
        ("GET", f"/v1/keys/{made['id']}"),
        ("POST", f"/v1/keys/{made['id']}/roll"),
        ("POST", f"/v1/keys/{made['id']}/revoke"),
    ):
        assert refused(await asks(method, path), 403, "scope_missing"), path


async def test_a_repeated_request_tells_the_same_secret_and_the_database_none(
    admin: App, database_url: str
) -> None:
    asked = [
        await admin.asks("POST", "/v1/keys", {"name": "one"}, idempotency_key="k") for _ in "12"
    ]
    assert asked[0].body == asked[1].body
    assert asked[1].headers["Idempotent-Replayed"] == "true"
    assert await admin.service.runtime.db.read(kept, admin.id) == []
    assert row_counts(database_url)["api_keys"] == 3


def kept(tx: Any, app_id: str) -> list[str]:
    return [body for body in tx.all(BODIES, app_id=app_id) if body is not None]


@pytest.mark.parametrize(("ends_in", "lasts"), [(None, 86_400), (0, 0), (3600, 3600)])
async def test_a_rolled_key_holds_until_everybody_has_changed_over(
    admin: App, clock: HandClock, ends_in: int | None, lasts: int
) -> None:
    old = (await admin.asks("POST", "/v1/keys", {"name": "app", "scopes": ["read"]})).json
    body = None if ends_in is None else {"ends_in": ends_in}
    new = await admin.asks("POST", f"/v1/keys/{old['id']}/roll", body)
    assert new.status == 201
    assert (new.json["name"], new.json["scopes"]) == ("app", ["read"])
    assert new.json["expires_at"] is None
    assert await status_with(admin, new.json["secret"]) == 200
    if lasts:
        clock.advance(timedelta(seconds=lasts - 1))
        assert await status_with(admin, old["secret"]) == 200
        clock.advance(timedelta(seconds=1))
    assert await status_with(admin, old["secret"]) == 401
    assert await status_with(admin, new.json["secret"]) == 200
    assert (await admin.asks("GET", f"/v1/keys/{old['id']}")).json["status"] == "expired"
    again = await admin.asks("POST", f"/v1/keys/{old['id']}/roll", body)
    assert refused(again, 409, "key_over")


async def test_a_key_that_ends_is_rolled_into_one_that_lives_as_long(
    admin: App, clock: HandClock
) -> None:
    ends = clock.now() + timedelta(days=90)
    old = (await admin.asks("POST", "/v1/keys", {"name": "q", "expires_at": ends.isoformat()})).json
    clock.advance(timedelta(days=89, hours=12))
    new = (await admin.asks("POST", f"/v1/keys/{old['id']}/roll")).json
    kept = (await admin.asks("GET", f"/v1/keys/{old['id']}")).json
    assert kept["expires_at"] == old["expires_at"]  # no longer than it was to live
    clock.advance(timedelta(hours=12))
    assert await status_with(admin, old["secret"]) == 401
    clock.advance(timedelta(days=89))
    assert await status_with(admin, new["secret"]) == 200
    clock.advance(timedelta(days=1))
    assert await status_with(admin, new["secret"]) == 401


@pytest.mark.parametrize("days", [None, 90])
async def test_a_key_that_is_rolled_again_before_it_ends_gives_one_that_lives_as_long(
    admin: App, clock: HandClock, days: int | None
) -> None:
    """Whoever lost the first answer asks again: what the roll has left of the old key is no life
    that a new one should have."""
    wanted: dict[str, str] = {"name": "q"}
    if days is not None:
        wanted["expires_at"] = (clock.now() + timedelta(days=days)).isoformat()
    old = (await admin.asks("POST", "/v1/keys", wanted)).json
    path = f"/v1/keys/{old['id']}/roll"
    first = (await admin.asks("POST", path)).json
    again = (await admin.asks("POST", path)).json
    assert again["expires_at"] == first["expires_at"]
    assert (first["expires_at"] is None) == (days is None)
    await admin.asks("POST", f"/v1/keys/{again['id']}/roll")
    assert (await admin.asks("POST", path)).json["expires_at"] == first["expires_at"]


async def test_rolling_breaks_no_request(admin: App) -> None:
    secrets = [(await admin.asks("POST", "/v1/keys", {"name": "app"})).json]
    asked: list[int] = []

    async def ask() -> None:
        asked.extend([await status_with(admin, secrets[-1]["secret"]) for _ in range(50)])

    async def roll() -> None:
        for _ in range(5):
            path = f"/v1/keys/{secrets[-1]['id']}/roll"
            secrets.append((await admin.asks("POST", path)).json)

    await asyncio.gather(*(ask() for _ in range(4)), roll())
    assert set(asked) == {200}


async def test_a_revoked_key_is_refused_at_once_and_for_good(admin: App, app: App) -> None:
    made = (await admin.asks("POST", "/v1/keys", {"name": "lost"})).json
    assert await status_with(app, made["secret"]) == 200
    path = f"/v1/keys/{made['id']}/revoke"
    revoked = await admin.asks("POST", path)
    assert revoked.json["status"] == "revoked"
    assert await status_with(app, made["secret"]) == 401
    assert (await admin.asks("POST", path)).json == revoked.json
    assert refused(await admin.asks("POST", f"/v1/keys/{made['id']}/roll"), 409, "key_over")


async def test_another_apps_key_looks_as_if_there_were_none(
    admin: App, service: Service, other: App, database_url: str
) -> None:
    live = await register(service, Registration(name="Bengkel", mode="live"))
    before = row_counts(database_url)
    for stranger in (other, live):
        there = await key_of(stranger, "read", "write", "admin")
        key = (await there.asks("GET", "/v1/keys?limit=1")).json["data"][0]["id"]
        for method, path in (("GET", ""), ("POST", "/roll"), ("POST", "/revoke")):
            answers = [
                await admin.asks(method, f"/v1/keys/{name}{path}") for name in (key, "key_1")
            ]
            assert refused(answers[0], 404, "key_not_found")
            assert answers[0].body == answers[1].body
        assert (await there.asks("GET", f"/v1/keys/{key}")).json["status"] == "active"
    assert row_counts(database_url) == {**before, "api_keys": before["api_keys"] + 2}


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "invalid_request"),
    ({"name": ""}, "invalid_request"),
    ({"name": "   "}, "invalid_request"),
    ({"name": "x", "scopes": []}, "invalid_request"),
    ({"name": "x", "scopes": ["root"]}, "invalid_request"),
    ({"name": "x", "scopes": "read"}, "invalid_request"),
    ({"name": "x", "expires_at": "2026-01-01"}, "invalid_request"),
    ({"name": "x", "expires_at": "2026-12-01T00:00:00"}, "invalid_request"),
    ({"name": "x", "expires_at": 1_900_000_000}, "invalid_request"),
    ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "key_expiry"),
    ({"name": "x", "metadata": {"a": "x" * 4096}}, "metadata_too_large"),
    ({"name": "x", "secret": "psk_test_x"}, "invalid_request"),
]


async def test_what_makes_no_key_is_refused(admin: App, database_url: str) -> None:
    before = row_counts(database_url)
    for body, code in BAD:
        assert refused(await admin.asks("POST", "/v1/keys", body), 422, code), body
    mine = (await admin.asks("GET", "/v1/keys?limit=1")).json["data"][0]["id"]
    for ends_in in (1, -3600, "3600", 3600.0, True, False, None):
        answer = await admin.asks("POST", f"/v1/keys/{mine}/roll", {"ends_in": ends_in})
        code = "key_overlap" if ends_in in (1, -3600) and ends_in is not True else "invalid_request"
        assert refused(answer, 422, code), ends_in
    assert row_counts(database_url) == before
