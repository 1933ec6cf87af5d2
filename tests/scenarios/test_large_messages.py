"""The longest names, texts and metadata that are taken still make messages under 20 kB."""

from typing import Any

import msgspec

from payment_service.outbox import News, announce
from tests.story import App, Story

LIMIT = 20_000
WIDE = "𝄞" * 200
"""Four bytes each."""
TWO_BYTES = '"\\' * 100
"""Two bytes each in JSON."""


def filled(most: int) -> dict[str, Any]:
    """As much as is taken, of what takes most room in JSON."""
    escapes = '\x01\n"\\\u2028é𝄞'
    metadata: dict[str, Any] = {}
    place = 0
    while len(msgspec.json.encode({**metadata, f"{place}": escapes * 4})) <= most:
        metadata[f"{place}"] = escapes * 4
        place += 1
    return metadata


async def patched(app: App, path: str, body: dict[str, Any]) -> None:
    answer = await app.asks("PATCH", path, body)
    assert answer.status == 200, answer.body


async def test_the_largest_objects_are_told_whole(story: Story) -> None:
    app = await story.app()
    features, metadata = filled(4096), filled(4096)
    for code, price in (("besar-1", 99_000), ("besar-2", 990_000)):
        plan = {"code": code, "name": WIDE, "price": price, "months": 1, "features": features}
        assert (await app.asks("POST", "/v1/plans", plan)).status == 201
    reference = TWO_BYTES[:198] + "ab"
    customer = {"reference": reference, "name": WIDE, "metadata": metadata}
    made = await app.asks(
        "POST",
        "/v1/subscriptions",
        {"customer": customer, "plan": "besar-1", "metadata": metadata},
    )
    assert made.status == 201, made.body
    tenant_path = f"/v1/subscriptions/{made.json['id']}"
    invoice_id = made.json["open_invoice"]["id"]
    await patched(app, f"/v1/invoices/{invoice_id}", {"metadata": metadata})
    code = (await app.asks("POST", f"/v1/invoices/{invoice_id}/qris")).json
    await story.money_arrives(code["charge_id"])
    await story.service.rest()
    upgrade = await app.asks("POST", f"{tenant_path}/change-plan", {"plan": "besar-2", "at": "now"})
    assert upgrade.status == 200, upgrade.body
    upgrade_id = upgrade.json["upgrade_invoice"]["id"]
    await patched(app, f"/v1/invoices/{upgrade_id}", {"metadata": metadata})
    await story.days_pass(31)
    lines = [{"description": "𝄞" * 33, "amount": 10_000} for _ in range(47)]
    one_off = {"customer": {"reference": reference}, "lines": lines, "metadata": metadata}
    assert (await app.asks("POST", "/v1/invoices", one_off)).status == 201
    await story.days_pass(5)
    heard = await story.heard()
    largest = {event.type: 0 for event in heard}
    for event in heard:
        largest[event.type] = max(largest[event.type], len(event.body))
    assert {"subscription.activated", "subscription.grace_started"} <= set(largest)
    assert {"invoice.issued", "invoice.paid", "invoice.reminder"} <= set(largest)
    assert max(largest.values()) < LIMIT, largest
    assert largest["invoice.issued"] > 12_000  # else nothing large was tried
    told = [event.data for event in heard if event.type == "subscription.activated"]
    assert told[0]["plan"]["features"] == features
    assert told[0]["metadata"] == metadata


async def test_lines_that_no_message_would_hold_are_refused(story: Story) -> None:
    app = await story.app()
    lines = [{"description": WIDE, "amount": 10_000} for _ in range(11)]
    body: dict[str, Any] = {"customer": {"reference": "tenant-1"}, "lines": lines}
    refused = await app.asks("POST", "/v1/invoices", body)
    assert (refused.status, refused.json["code"]) == (422, "lines_too_large")
    body["lines"] = lines[:9]
    assert (await app.asks("POST", "/v1/invoices", body)).status == 201


async def test_an_older_message_that_is_larger_is_sent_all_the_same(story: Story) -> None:
    """What was stored before a limit was drawn is not lost for it."""
    app = await story.app()
    runtime = story.service.runtime
    news = News("invoice.paid", "inv_1", {"filler": "x" * 60_000})
    await runtime.db.write(announce, app.id, [news], story.clock.now())
    (heard,) = await story.heard()
    assert heard.data == news.data
