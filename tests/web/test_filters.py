"""Every filter of every list, alone and together, finds what looking at each object finds."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from tests.clocks import HandClock
from tests.counts import times
from tests.service import Service
from tests.story import App
from tests.web.population import populated
from tests.web.test_access import refused
from tests.web.test_lists import pages

Thing = dict[str, Any]
Fits = Callable[[Thing, str], bool]
DAYS = ("2026-01-31", "2026-02-05", "2026-02-08", "2026-02-27", "2026-03-04", "2026-12-31")
COMBINATIONS = times(6, 600, push=30)
LENGTHS = (1, 2, 5, 100)
MOST_PAGES = times(4, 100)
"""In the short form what many fit is not turned over one by one: lists have tests of their own."""


def day_of(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo("Asia/Jakarta")).date().isoformat()


def one_of(name: str) -> Fits:
    return lambda thing, words: thing[name] in words.split(",")


def since(day: Callable[[Thing], str | None]) -> Fits:
    return lambda thing, first: (day(thing) or "") >= first


def until(day: Callable[[Thing], str | None]) -> Fits:
    return lambda thing, last: day(thing) is not None and (day(thing) or "") <= last


def span(name: str, day: Callable[[Thing], str | None]) -> dict[str, Fits]:
    return {f"{name}_from": since(day), f"{name}_to": until(day)}


SUBSCRIPTIONS: dict[str, Fits] = {
    "customer": lambda thing, reference: thing["customer"]["reference"] == reference,
    "plan": lambda thing, code: thing["plan"]["code"] == code,
    "status": one_of("status"),
    **span("created", lambda thing: day_of(thing["created_at"])),
    **span("paid_through", lambda thing: thing["paid_through"]),
}
INVOICES: dict[str, Fits] = {
    "customer": one_of("customer_reference"),
    "subscription": one_of("subscription_id"),
    "plan": lambda thing, code: thing["plan"] == code,
    "status": one_of("status"),
    "kind": one_of("kind"),
    **span("issued", lambda thing: thing["issued_on"]),
    **span("due", lambda thing: thing["due_on"]),
}
PAYMENTS: dict[str, Fits] = {
    "customer": one_of("customer_reference"),
    "subscription": lambda thing, wanted: thing["subscription"] == wanted,
    "invoice": one_of("invoice_id"),
    "plan": lambda thing, code: thing["plan"] == code,
    "outcome": one_of("outcome"),
    **span("paid", lambda thing: day_of(thing["paid_at"])),
}
CREATED = span("created", lambda thing: day_of(thing["created_at"]))
PLANS: dict[str, Fits] = {
    "code": one_of("code"),
    "archived": lambda thing, said: thing["archived"] == (said == "true"),
    **CREATED,
}
WITH_STATUS: dict[str, Fits] = {"status": one_of("status"), **CREATED}
EVENTS: dict[str, Fits] = {
    "types": one_of("type"),
    "customer": one_of("reference"),
    "subscription": one_of("subscription_id"),
    **span("created", lambda thing: day_of(thing["timestamp"])),
}


async def whole(owner: App, path: str) -> list[Thing]:
    (page,) = await pages(owner, f"{path}?", 100)
    return page


def asked_of(
    filters: Mapping[str, Fits], words: Mapping[str, list[str]], chance: random.Random
) -> Iterator[dict[str, str]]:
    for name in filters:
        for word in words.get(name, DAYS):
            yield {name: word}
    for _ in range(COMBINATIONS):
        names = chance.sample(sorted(filters), chance.randint(2, min(3, len(filters))))
        yield {name: chance.choice(words.get(name, list(DAYS))) for name in names}


async def check(
    owner: App,
    path: str,
    things: list[Thing],
    filters: Mapping[str, Fits],
    words: Mapping[str, list[str]],
    *,
    lengths: int = 4,
) -> None:
    """Each filter alone with each of its words, then some together, in pages of any length."""
    chance = random.Random(COMBINATIONS)
    seen = set()
    for wanted in asked_of(filters, words, chance):
        starts = [name for name in wanted if name.endswith("_from")]
        if any(wanted[one] > wanted.get(one.removesuffix("from") + "to", "~") for one in starts):
            answer = await owner.asks("GET", f"{path}?{urlencode(wanted)}")
            assert refused(answer, 422, "date_range"), wanted
            continue
        fits = [
            thing["id"]
            for thing in things
            if all(filters[name](thing, word) for name, word in wanted.items())
        ]
        limit = chance.choice([one for one in LENGTHS if one * MOST_PAGES >= len(fits)])
        found = await pages(owner, f"{path}?{urlencode(wanted)}&", limit)
        assert [one["id"] for page in found for one in page] == fits, wanted
        seen.add(len(fits))
    assert 0 in seen
    assert len(seen) >= lengths


@pytest.mark.timeout(240)
async def test_every_filter_finds_what_looking_finds(
    service: Service, app: App, other: App
) -> None:
    owner = (await populated(service, app)).owner
    await other.subscribes("paid-once", "bulanan")
    subscriptions = await whole(owner, "/v1/subscriptions")
    states = {one["status"] for one in subscriptions}
    assert len(states) >= 5, states
    references = [one["customer"]["reference"] for one in subscriptions]
    codes = ["bulanan", "tahunan", "murah", "coba", "hemat", "no-such"]
    words = {
        "customer": [*references[:4], "nobody"],
        "plan": codes,
        "status": [*sorted(states), "pending,grace", "active,trialing,suspended", "canceled"],
    }
    await check(owner, "/v1/subscriptions", subscriptions, SUBSCRIPTIONS, words)

    invoices = await whole(owner, "/v1/invoices")
    assert {one["status"] for one in invoices} == {"open", "paid", "void"}
    assert {one["kind"] for one in invoices} == {"first", "renewal", "upgrade", "one_off"}
    named = {one["customer"]["id"]: one["customer"]["reference"] for one in subscriptions}
    plans = {plan["name"]: plan["code"] for plan in await whole(owner, "/v1/plans")}
    for one in invoices:
        assert one["customer_reference"] == named[one["customer_id"]]
        one["plan"] = plans.get(one["lines"][0]["description"]) if one["subscription_id"] else None
    words = {
        "customer": [*references[-4:], "nobody"],
        "subscription": [one["id"] for one in subscriptions[-4:]],
        "plan": codes,
        "status": ["open", "paid", "void"],
        "kind": ["first", "renewal", "upgrade", "one_off"],
    }
    await check(owner, "/v1/invoices", invoices, INVOICES, words)

    of_invoice = {one["id"]: one for one in invoices}
    payments = await whole(owner, "/v1/payments")
    assert len(payments) >= 6
    for one in payments:
        assert one["customer_reference"] == named[one["customer_id"]]
        one["subscription"] = of_invoice[one["invoice_id"]]["subscription_id"]
        one["plan"] = of_invoice[one["invoice_id"]]["plan"]
    words = {
        "customer": [*references, "nobody"],
        "subscription": [one["id"] for one in subscriptions],
        "invoice": [one["invoice_id"] for one in payments],
        "plan": codes,
        "outcome": ["settled", "credited", "needs_review"],
    }
    await check(owner, "/v1/payments", payments, PAYMENTS, words)
    await check_events(owner, named, of_invoice)


async def check_events(
    owner: App, named: Mapping[str, str], of_invoice: Mapping[str, Thing]
) -> None:
    events = await all_events(owner, {}, 100)
    for one in events:
        told = one["data"]
        about = of_invoice[told["invoice"]["id"]] if "invoice" in told else told
        is_subscription = one["type"].startswith("subscription.")
        one["reference"] = named[
            told["customer"]["id"] if is_subscription else about["customer_id"]
        ]
        one["subscription_id"] = told["id"] if is_subscription else about["subscription_id"]
    assert {one["type"].partition(".")[0] for one in events} == {"subscription", "invoice"}
    words = {
        "types": [*sorted({one["type"] for one in events}), "invoice.paid,invoice.voided"],
        "customer": [*sorted({one["reference"] for one in events}), "nobody"],
        "subscription": sorted({one["subscription_id"] for one in events} - {None}),
    }
    chance, seen = random.Random(COMBINATIONS), set()
    for wanted in asked_of(EVENTS, words, chance):
        if wanted.get("created_from", "") > wanted.get("created_to", "~"):
            continue
        fits = [
            one["position"]
            for one in events
            if all(EVENTS[name](one, word) for name, word in wanted.items())
        ]
        found = await all_events(owner, wanted, chance.choice((1, 3, 100)))
        assert [one["position"] for one in found] == fits, wanted
        seen.add(len(fits))
    assert 0 in seen
    assert len(seen) > 3


async def all_events(owner: App, wanted: Mapping[str, str], limit: int) -> list[Thing]:
    found: list[Thing] = []
    after = 0
    while True:
        query = urlencode({**wanted, "after": after, "limit": limit})
        page = (await owner.asks("GET", f"/v1/events?{query}")).json
        found += page["data"]
        assert page["next_after"] >= after
        after = page["next_after"]
        if not page["has_more"]:
            return found


async def test_every_filter_of_plans_endpoints_and_keys_finds_what_looking_finds(
    clock: HandClock, owner: App
) -> None:
    endpoints, keys = [], []
    for number in range(5):
        clock.advance(timedelta(days=number * 3))
        plan = {"code": f"extra-{number}", "name": "Extra", "price": 5_000, "months": 1}
        made = (await owner.asks("POST", "/v1/plans", plan)).json
        if number % 2:
            await owner.asks("PATCH", f"/v1/plans/{made['id']}", {"archived": True})
        url = {"url": f"https://bengkel.example.com/{number}"}
        endpoints.append((await owner.asks("POST", "/v1/webhook-endpoints", url)).json["id"])
        ends = (clock.now() + timedelta(days=1)).isoformat() if number == 1 else None
        body = {"name": f"key {number}", "expires_at": ends}
        keys.append((await owner.asks("POST", "/v1/keys", body)).json["id"])
    await owner.asks("PATCH", f"/v1/webhook-endpoints/{endpoints[1]}", {"status": "off"})
    await owner.asks("DELETE", f"/v1/webhook-endpoints/{endpoints[2]}")
    await owner.asks("POST", f"/v1/keys/{keys[3]}/revoke")
    plans = await whole(owner, "/v1/plans")
    words = {"code": ["extra-1", "bulanan", "no-such"], "archived": ["true", "false"]}
    await check(owner, "/v1/plans", plans, PLANS, words)
    heard = await whole(owner, "/v1/webhook-endpoints")
    assert endpoints[2] not in {one["id"] for one in heard}
    words = {"status": ["active", "off"]}
    await check(owner, "/v1/webhook-endpoints", heard, WITH_STATUS, words)
    found = await whole(owner, "/v1/keys")
    assert {one["status"] for one in found} == {"active", "expired", "revoked"}
    words = {"status": ["active", "expired", "revoked"]}
    await check(owner, "/v1/keys", found, WITH_STATUS, words)
