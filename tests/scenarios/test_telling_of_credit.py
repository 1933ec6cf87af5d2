"""Money that became credit, and its way back, as the app reads it and is told of it."""

from typing import Any

from tests.scenarios.renewals import pays_old
from tests.story import Story

META = {"kasir": 3}


async def test_a_second_payment_is_told_alike_by_webhook_and_when_it_is_read(story: Story) -> None:
    tenant = await story.subscribe("tenant-42", "bulanan")
    invoice = (await tenant.subscription())["open_invoice"]["id"]
    await tenant.app.asks("PATCH", f"/v1/invoices/{invoice}", {"metadata": META})
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    second = await tenant.asks_for_code()
    await tenant.pays(second)
    await pays_old(story, tenant, first)
    (read,) = (await tenant.app.asks("GET", "/v1/payments?outcome=credited")).json["data"]
    assert (read["credited"], read["amount"], read["metadata"]) == (99_000, 99_000, META)
    (told,) = [event.data for event in await story.heard() if event.type == "payment.credited"]
    assert told == read
    both = (await tenant.app.asks("GET", f"/v1/invoices/{invoice}/payments")).json["data"]
    assert [one["outcome"] for one in both] == ["credited", "settled"]
    charges = (await tenant.app.asks("GET", f"/v1/invoices/{invoice}/charges")).json["data"]
    assert {one["payment_id"] for one in charges} == {one["id"] for one in both}


async def test_a_refund_keeps_its_metadata_until_its_customer_is_forgotten(story: Story) -> None:
    tenant = await story.subscribe("tenant-42", "bulanan")
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    await tenant.pays(await tenant.asks_for_code())
    await pays_old(story, tenant, first)
    owner = await story.admin()
    customer = f"/v1/customers/{tenant.first_answer['customer']['id']}"
    await story.minutes_pass(1)
    body: dict[str, Any] = {"amount": 40_000, "reference": "BCA 2", "note": "Back"}
    body["metadata"] = {"to": "Siti"}
    refund = await owner.asks("POST", f"{customer}/refunds", body)
    assert (refund.status, refund.json["metadata"]) == (201, {"to": "Siti"})
    entries = (await owner.asks("GET", f"{customer}/credit")).json["entries"]
    assert [one["metadata"] for one in entries] == [{"to": "Siti"}, {}]
    large = {**body, "reference": "BCA 3", "metadata": {"to": "x" * 4096}}
    refused = await owner.asks("POST", f"{customer}/refunds", large)
    assert (refused.status, refused.json["code"]) == (422, "metadata_too_large")
    await owner.asks("POST", f"/v1/subscriptions/{tenant.id}/cancel", {"at": "now"})
    assert (await owner.asks("POST", f"{customer}/forget", {"reason": "Asked"})).status == 200
    entries = (await owner.asks("GET", f"{customer}/credit")).json["entries"]
    assert [one["metadata"] for one in entries] == [{}, {}]
    assert [one["amount"] for one in entries] == [-40_000, 99_000]
    (told,) = [event.data for event in await story.heard() if event.type == "payment.refunded"]
    assert (told["metadata"], told["amount"]) == ({}, 40_000)
