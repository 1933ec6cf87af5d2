"""Every filter of an invoice's codes and money, and of credit, finds what looking at each finds."""

import random
from urllib.parse import urlencode

from tests.books.test_credit import paid_twice
from tests.story import App, Story
from tests.web.test_access import refused
from tests.web.test_filters import (
    COMBINATIONS,
    CREATED,
    PAYMENTS,
    Fits,
    asked_of,
    check,
    one_of,
    whole,
)

OF_AN_INVOICE: dict[str, dict[str, Fits]] = {
    "charges": {"status": one_of("status"), **CREATED},
    "payments": {name: PAYMENTS[name] for name in ("outcome", "paid_from", "paid_to")},
}


async def test_every_filter_of_one_invoices_codes_and_money_finds_what_looking_finds(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    app, invoice = tenant.app, tenant.first_answer["open_invoice"]["id"]
    code = await tenant.asks_for_code()
    await story.minutes_pass(16)
    await tenant.asks_for_code()
    await story.minutes_pass(15 * 60)
    await tenant.pays(await tenant.asks_for_code())
    await story.seconds_pass(4)
    await story.notice_comes(await tenant.pays_without_notice(code))
    await story.days_pass(3)
    customer = (await tenant.subscription())["customer"]["id"]
    for noun, filters in OF_AN_INVOICE.items():
        path = f"/v1/invoices/{invoice}/{noun}"
        things = await whole(app, path)
        assert len(things) >= 2
        words = {
            "status": ["opening", "open", "replaced", "expired", "paid", "canceled", "failed"],
            "outcome": ["settled", "credited", "needs_review"],
        }
        await check(app, path, things, filters, words, lengths=len(things))
    await check_credit(app, f"/v1/customers/{customer}/credit")


async def check_credit(app: App, path: str) -> None:
    everything = (await app.asks("GET", path)).json
    assert len(everything["entries"]) >= 1
    for wanted in asked_of(CREATED, {}, random.Random(COMBINATIONS)):
        answer = await app.asks("GET", f"{path}?{urlencode(wanted)}")
        if wanted.get("created_from", "") > wanted.get("created_to", "~"):
            assert refused(answer, 422, "date_range"), wanted
            continue
        fits = [
            one
            for one in everything["entries"]
            if all(CREATED[name](one, day) for name, day in wanted.items())
        ]
        assert answer.json == {**everything, "entries": fits}


async def test_money_that_came_and_went_is_told_of_its_customer(story: Story) -> None:
    tenant = await paid_twice(story)
    await story.subscribe("Bengkel Lain", "bulanan")
    told = await tenant.subscription()
    path = f"/v1/customers/{told['customer']['id']}/refunds"
    refund = {"amount": 99_000, "reference": "BCA 1", "note": "Paid twice"}
    assert (await (await story.admin()).asks("POST", path, refund)).status == 201
    every = (await tenant.app.asks("GET", "/v1/events?limit=100")).json["data"]
    asked = f"/v1/events?limit=100&customer={told['customer']['reference']}"
    found = (await tenant.app.asks("GET", asked)).json["data"]
    types = [one["type"] for one in found]
    assert types[-2:] == ["payment.credited", "payment.refunded"]
    of_other = [one for one in every if one not in found]
    assert {one["type"] for one in of_other} == {"subscription.created", "invoice.issued"}
    asked = f"/v1/events?limit=100&subscription={told['id']}"
    of_subscription = (await tenant.app.asks("GET", asked)).json["data"]
    assert of_subscription == found[:-1]  # what was paid out is the customer's alone
