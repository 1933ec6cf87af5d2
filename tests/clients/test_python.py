"""The Python client against the running service: each call once, in both faces."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payment_service_client import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PassVerifier,
    Unauthorized,
    WebhookVerifier,
)
from tests.clients.between import Proxy, listening
from tests.clients.conftest import Face
from tests.story import Story


async def test_from_signing_up_to_the_open_door(story: Story, face: Face) -> None:
    app = await story.app()
    client = face.client(app.api_key, story.service.origin)
    signed_up = await face.asks(
        client,
        lambda c: c.subscriptions.create(
            reference="tenant-42", name="Bengkel Jaya", plan="bulanan", metadata={"kota": "Kebumen"}
        ),
    )
    assert (signed_up.status, signed_up.access) == ("pending", False)
    assert signed_up.metadata == {"kota": "Kebumen"}
    code = await face.asks(client, lambda c: c.invoices.qris(signed_up.open_invoice.id))
    assert code.qr_string.startswith("000201")
    await story.money_arrives(code.charge_id)
    await story.service.rest()
    await story.service.deliver()

    verifier = WebhookVerifier(app.webhook_secret, now=story.clock.now)
    told = [verifier.verify(one.body, one.headers) for one in story.receiver.heard]
    (activated,) = [event for event in told if event.type == "subscription.activated"]
    assert activated.subscription is not None
    assert activated.subscription.access
    assert activated.subscription.customer.reference == "tenant-42"
    (paid,) = [event for event in told if event.type == "invoice.paid"]
    assert paid.invoice is not None
    assert (paid.invoice.total, paid.subscription) == (99_000, None)

    passes = PassVerifier(app.id, story.service.origin, now=story.clock.now)
    carried = await asyncio.to_thread(passes.verify, activated.subscription.access_pass or "")
    assert (carried.reference, carried.access, carried.seq) == ("tenant-42", True, 2)
    assert carried.access_until == activated.subscription.paid_through
    fresh = await face.asks(client, lambda c: c.subscriptions.access_pass(signed_up.id))
    assert fresh.expires_at - story.clock.now() <= timedelta(hours=72)
    assert (await asyncio.to_thread(passes.verify, fresh.token)).subscription == signed_up.id


async def test_lists_are_walked_page_by_page(story: Story, face: Face) -> None:
    app = await story.app()
    client = face.client(app.api_key, story.service.origin)
    first = await face.asks(client, lambda c: c.plans.list(limit=2))
    assert (len(first.data), first.has_more) == (2, True)
    walked = await face.takes(client, lambda c: c.plans.all(limit=2), 100)
    whole = await face.asks(client, lambda c: c.plans.list(limit=100))
    assert walked == whole.data
    assert len({plan.id for plan in walked}) == len(walked) > 4


async def test_refusals_are_told_apart(story: Story, face: Face) -> None:
    app = await story.app()
    client = face.client(app.api_key, story.service.origin)
    first = await face.asks(
        client, lambda c: c.subscriptions.create(reference="tenant-42", plan="gratis")
    )
    with pytest.raises(Conflict) as taken:
        await face.asks(
            client, lambda c: c.subscriptions.create(reference="tenant-42", plan="bulanan")
        )
    assert (taken.value.code, taken.value.status) == ("already_subscribed", 409)
    assert taken.value.members == {"id": first.id}
    assert taken.value.request_id
    assert f"(request {taken.value.request_id})" in str(taken.value)
    with pytest.raises(NotFound):
        await face.asks(client, lambda c: c.subscriptions.get("sub_0"))
    with pytest.raises(Invalid) as wrong:
        await face.asks(client, lambda c: c.plans.create(code="x", name="", price=-1, months=1))
    assert wrong.value.code == "invalid_request"
    assert wrong.value.members["errors"]
    with pytest.raises(Forbidden):
        await face.asks(client, lambda c: c.subscriptions.suspend(first.id, reason="Why not"))
    stranger = face.client(app.api_key[:-38] + "0" * 38, story.service.origin)
    with pytest.raises(Unauthorized):
        await face.asks(stranger, lambda c: c.plans.list())


async def test_an_id_cannot_lead_to_another_address(story: Story, face: Face) -> None:
    app = await story.app()
    client = face.client(app.api_key, story.service.origin)
    with pytest.raises(NotFound):
        await face.asks(client, lambda c: c.subscriptions.get("../plans"))
    with pytest.raises(ValueError, match="id is missing"):
        await face.asks(client, lambda c: c.subscriptions.get(""))


async def test_an_answer_that_was_cut_off_is_asked_for_again_and_happens_once(
    story: Story, face: Face
) -> None:
    app = await story.app()
    owner = await story.admin()
    proxy = Proxy(story.service.origin)
    async with listening(proxy) as origin:
        client = face.client(owner.api_key, origin)
        proxy.cuts = 2
        tenant = await face.asks(
            client, lambda c: c.subscriptions.create(reference="tenant-42", plan="bulanan")
        )
        assert proxy.statuses == [201, 201, 201]
        assert proxy.replayed == [False, True, True]
        assert tenant.seq == 1
        proxy.cuts = 1
        invoice = await face.asks(
            client, lambda c: c.invoices.create(reference="tenant-42", lines=[("Alat", 50_000)])
        )
        proxy.cuts = 1
        marked = await face.asks(
            client,
            lambda c: c.invoices.mark_paid(invoice.id, reference="BCA 1", note="seen by Rini"),
        )
        proxy.cuts = 1
        assert (await face.asks(client, lambda c: c.invoices.get(invoice.id))).status == "paid"
    assert marked.amount == 50_000
    told = await story.heard_types()
    assert told == ["invoice.issued", "invoice.issued", "invoice.paid", "subscription.created"]
    assert app.id


async def test_a_test_apps_clock_and_payers(story: Story, face: Face) -> None:
    story.clock.set(datetime.now(UTC))
    app = await story.app(simulated=True)
    client = face.client(app.api_key, story.service.origin)
    tenant = await face.asks(
        client, lambda c: c.subscriptions.create(reference="tenant-42", plan="bulanan")
    )
    paid = await face.asks(client, lambda c: c.test.pay(tenant.open_invoice.id))
    assert paid.status == "paid"
    await face.asks(client, lambda c: c.test.set_payer(tenant.id, habit="pays_on_time"))
    to = story.today + timedelta(days=40)
    moved: Any = await face.asks(client, lambda c: c.test.advance_clock(to=to))
    assert moved.clock.today == to
    assert moved.counts["subscription.renewed"] == 1
    told = await face.asks(client, lambda c: c.test.timeline(tenant.id))
    assert told.data[-1].at > tenant.created_at
    assert (await face.asks(client, lambda c: c.test.clock())).clock.status == "standing"
