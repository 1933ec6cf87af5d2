"""Access passes: how a subscription stands, checked offline by a library that nobody here wrote."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import msgspec
import pytest

from payment_service.actions.roll_signing_key import roll_signing_key
from payment_service.books.tell_subscription import tell_stored
from payment_service.kit.clock import SystemClock
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By
from payment_service.model.signing_key import SIGNING_KEYS, SigningKey
from payment_service.model.subscription import subscription_of_app
from payment_service.outbox import News, announce
from tests.service import running_service
from tests.story import App, Story, Tenant

KEYS = "/.well-known/payment-service/keys.json"


async def key_set(story: Story) -> jwt.PyJWKSet:
    return jwt.PyJWKSet.from_dict((await story.service.ask("GET", KEYS)).json)


async def fresh(tenant: Tenant) -> str:
    answer = await tenant.app.asks("GET", f"/v1/subscriptions/{tenant.id}/pass")
    assert answer.status == 200, answer.body
    return str(answer.json["pass"])


def verified(token: str, keys: jwt.PyJWKSet, app: App, **options: Any) -> dict[str, Any]:
    """By the story's clock, which is not the machine's."""
    key = keys[jwt.get_unverified_header(token)["kid"]]
    asked: Any = {"verify_exp": False, "verify_iat": False, **options}
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        audience=app.id,
        issuer=app.service.origin,
        options=asked,
    )
    return claims


async def roll(story: Story, **how: Any) -> SigningKey:
    runtime = story.service.runtime
    by = By("command line", "yearly", runtime.clock.now())
    return await runtime.db.write(roll_signing_key, runtime.secrets, by=by, **how)


async def test_a_payment_yields_a_pass_that_says_until_when(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    told = {event.type: event.data for event in await story.heard()}
    keys = await key_set(story)
    now = int(story.clock.now().timestamp())
    claims = verified(told["subscription.activated"]["access_pass"], keys, tenant.app)
    assert claims == {
        "iss": story.service.origin,
        "aud": tenant.app.id,
        "sub": tenant.first_answer["customer"]["reference"],
        "app": tenant.app.id,
        "subscription": tenant.id,
        "plan": "bulanan",
        "features": {},
        "access": True,
        "access_until": told["subscription.activated"]["paid_through"],
        "seq": 2,
        "iat": now,
        "exp": now + 72 * 3600,
    }
    before = verified(told["subscription.created"]["access_pass"], keys, tenant.app)
    assert (before["access"], before["access_until"], before["seq"]) == (False, None, 1)
    assert "access_pass" not in told["invoice.paid"]
    assert "access_pass" not in await tenant.subscription()


async def test_every_subscription_event_carries_one_with_its_own_seq(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    owner = await story.admin()
    for deed in ("suspend", "resume"):
        path = f"/v1/subscriptions/{tenant.id}/{deed}"
        assert (await owner.asks("POST", path, {"reason": "ticket 118"})).status == 200
    await story.days_pass(45)
    keys = await key_set(story)
    told = [e for e in await story.heard() if e.type.startswith("subscription.")]
    assert {e.type.partition(".")[2] for e in told} >= {"grace_started", "suspended", "resumed"}
    for event in told:
        claims = verified(event.data["access_pass"], keys, tenant.app)
        assert claims["seq"] == event.data["seq"]
        assert claims["access"] == event.data["access"]
        if event.type == "subscription.grace_started":
            assert claims["access_until"] == event.data["grace_until"]
            assert event.data["grace_until"] > event.data["paid_through"]


async def test_a_fresh_one_is_had_at_any_time(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    story.clock.advance(timedelta(days=30))
    answer = (await tenant.app.asks("GET", f"/v1/subscriptions/{tenant.id}/pass")).json
    claims = verified(answer["pass"], await key_set(story), tenant.app)
    assert (claims["access"], claims["access_until"]) == (True, None)
    ends = story.clock.now().replace(microsecond=0) + timedelta(hours=72)
    assert datetime.fromisoformat(answer["expires_at"]) == ends
    assert claims["exp"] == int(ends.timestamp())


async def test_one_of_a_test_app_that_is_ahead_is_good_in_real_time(story: Story) -> None:
    story.clock.set(datetime.now(UTC))
    app = await story.app(simulated=True)
    subscription = (await app.subscribes("tenant-42", "coba")).json
    ahead = {"advance_to": f"{story.today + timedelta(days=2)}"}
    assert (await app.asks("POST", "/v1/test/clock", ahead)).status == 200
    token = await fresh(Tenant(story, app, subscription))
    real = {"verify_exp": True, "verify_iat": True}
    assert verified(token, await key_set(story), app, **real)["access"] is True


async def test_nobody_gets_a_pass_of_another_apps_subscription(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    other = await story.app(name="Lain", simulated=True)
    answer = await other.asks("GET", f"/v1/subscriptions/{tenant.id}/pass")
    missing = await other.asks("GET", "/v1/subscriptions/sub_0/pass")
    assert (answer.status, answer.body) == (missing.status, missing.body) == (404, answer.body)
    token = await fresh(tenant)
    keys = await key_set(story)
    with pytest.raises(jwt.InvalidAudienceError):
        verified(token, keys, other)


async def test_anybody_may_read_the_public_keys_and_nothing_else_of_them(story: Story) -> None:
    answer = await story.service.ask("GET", KEYS)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    (key,) = answer.json["keys"]
    assert set(key) == {"kty", "crv", "kid", "x", "alg", "use"}
    (kept,) = await story.service.runtime.db.read(lambda tx: tx.all(SIGNING_KEYS))
    assert kept.private.startswith("gAAAA")  # sealed


async def test_rolling_the_key_breaks_no_pass(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    old_token, cached = await fresh(tenant), await key_set(story)
    key = await roll(story)
    # Who looked at the keys before the roll checks what is signed within the hour.
    assert jwt.get_unverified_header(await fresh(tenant))["kid"] != key.id
    verified(await fresh(tenant), cached, tenant.app)
    looked_since = await key_set(story)
    story.clock.advance(timedelta(minutes=61))
    new_token = await fresh(tenant)
    assert jwt.get_unverified_header(new_token)["kid"] == key.id
    verified(new_token, looked_since, tenant.app)
    story.clock.advance(timedelta(hours=72))
    verified(old_token, await key_set(story), tenant.app)
    story.clock.advance(timedelta(hours=1))
    assert len((await key_set(story)).keys) == 1
    assert (await tenant.subscription())["access"] is True


async def test_a_second_roll_waits_for_the_first(story: Story) -> None:
    await story.app()
    first = await roll(story)
    with pytest.raises(Conflict, match="signs from"):
        await roll(story)
    story.clock.advance(timedelta(hours=1))
    assert (await roll(story)).number == first.number + 1


async def test_a_compromised_key_is_withdrawn_with_all_that_it_signed(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    stolen = await fresh(tenant)
    key = await roll(story, compromised=True)
    keys = await key_set(story)
    assert [one.key_id for one in keys.keys] == [key.id]
    with pytest.raises(KeyError):
        verified(stolen, keys, tenant.app)
    story.clock.advance(timedelta(minutes=1))
    verified(await fresh(tenant), keys, tenant.app)


@pytest.mark.parametrize(("letters", "has_one"), [(17_500, True), (18_900, False)])
async def test_a_message_without_room_for_it_goes_without(
    story: Story, letters: int, has_one: bool
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    links = story.service.runtime.links

    def unit(tx: Transaction) -> None:
        before = subscription_of_app(tx, tenant.app.id, tenant.id)
        save(tx, before, msgspec.structs.replace(before, seq=before.seq + 1))
        told = tell_stored(tx, links, tenant.id)
        wide = msgspec.structs.replace(told, metadata={"a": "x" * letters})
        news = [News("subscription.updated", tenant.id, wide, links.passes)]
        announce(tx, tenant.app.id, news, story.clock.now())

    await story.service.runtime.db.write(unit)
    (event,) = [one for one in await story.heard() if one.type == "subscription.updated"]
    assert (event.data["access_pass"] is not None) == has_one
    assert len(event.body) <= 20_000


async def test_a_forgotten_customers_passes_are_gone(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    owner = await story.admin()
    await owner.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel", {"at": "now"})
    customer = tenant.first_answer["customer"]["id"]
    reason = {"reason": "asked by mail"}
    assert (await owner.asks("POST", f"/v1/customers/{customer}/forget", reason)).status == 200
    told = [e for e in await story.heard() if e.type.startswith("subscription.")]
    assert told
    assert {event.data["access_pass"] for event in told} == {None}


async def test_processes_that_start_at_once_make_one_key(database_url: str) -> None:
    clock = SystemClock()

    async def start() -> list[SigningKey]:
        async with running_service(database_url, clock) as service:
            return await service.runtime.db.read(lambda tx: tx.all(SIGNING_KEYS))

    found = await asyncio.gather(*(start() for _ in range(3)))
    assert len({key.id for keys in found for key in keys}) == 1
