"""Every filter of every list, alone and together, finds what looking at each object finds."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from tests.counts import times
from tests.service import Service
from tests.story import App
from tests.web.population import populated
from tests.web.test_access import refused
from tests.web.test_lists import pages

Thing = dict[str, Any]
Fits = Callable[[Thing, str], bool]
DAYS = ("2026-01-31", "2026-02-05", "2026-02-08", "2026-02-27", "2026-03-04", "2026-12-31")
COMBINATIONS = times(30, 600)


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
    "customer": lambda thing, reference: thing["reference"] == reference,
    "subscription": one_of("subscription_id"),
    "plan": lambda thing, code: thing["plan"] == code,
    "status": one_of("status"),
    "kind": one_of("kind"),
    **span("issued", lambda thing: thing["issued_on"]),
    **span("due", lambda thing: thing["due_on"]),
}
PAYMENTS: dict[str, Fits] = {
    "customer": lambda thing, reference: thing["reference_of_customer"] == reference,
    "invoice": one_of("invoice_id"),
    "outcome": one_of("outcome"),
    **span("paid", lambda thing: day_of(thing["paid_at"])),
}


async def whole(owner: App, path: str) -> list[Thing]:
    (page,) = await pages(owner, f"{path}?", 100)
    return page


async def check(
    owner: App,
    path: str,
    things: list[Thing],
    filters: Mapping[str, Fits],
    words: Mapping[str, list[str]],
) -> None:
    """Each filter alone with each of its words, then some together, in pages of any length."""
    chance = random.Random(COMBINATIONS)
    asked = [{name: word} for name in filters for word in words.get(name, list(DAYS))]
    for _ in range(COMBINATIONS):
        names = chance.sample(sorted(filters), chance.randint(2, 3))
        asked.append({name: chance.choice(words.get(name, list(DAYS))) for name in names})
    seen = set()
    for wanted in asked:
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
        limit = chance.choice((1, 2, 5, 100))
        found = await pages(owner, f"{path}?{urlencode(wanted)}&", limit)
        assert [one["id"] for page in found for one in page] == fits, wanted
        seen.add(len(fits))
    assert 0 in seen
    assert len(seen) > 3


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
        one["reference"] = named[one["customer_id"]]
        one["plan"] = plans.get(one["lines"][0]["description"]) if one["subscription_id"] else None
    words = {
        "customer": [*references[-4:], "nobody"],
        "subscription": [one["id"] for one in subscriptions[-4:]],
        "plan": codes,
        "status": ["open", "paid", "void"],
        "kind": ["first", "renewal", "upgrade", "one_off"],
    }
    await check(owner, "/v1/invoices", invoices, INVOICES, words)

    payments = await whole(owner, "/v1/payments")
    assert len(payments) >= 6
    for one in payments:
        one["reference_of_customer"] = named[one["customer_id"]]
    words = {
        "customer": [*references, "nobody"],
        "invoice": [one["invoice_id"] for one in payments],
        "outcome": ["settled", "credited", "needs_review"],
    }
    await check(owner, "/v1/payments", payments, PAYMENTS, words)
