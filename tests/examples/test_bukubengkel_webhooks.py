"""What the app believes of the webhooks that reach it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from .fake_service import FakeService
from .visitor import Visitor

Visit = Callable[..., Visitor]
ANOTHER_SECRET = "whsec_" + "YW5vdGhlciBzZWNyZXQgZW50aXJlbHk="


class Paid:
    """A workshop on its pay page, and the money already in at the service."""

    def __init__(self, visitor: Visitor, service: FakeService, subscription: dict[str, Any]):
        self.visitor = visitor
        self.service = service
        self.subscription = subscription

    async def deliver(self, body: str | bytes, headers: dict[str, str]) -> int:
        address = f"{self.visitor.url}/webhooks/payment-service"
        async with self.visitor.http.post(address, data=body, headers=headers) as answer:
            return answer.status

    async def hear(self, event_id: str, kind: str, **changes: Any) -> int:
        news = self.service.webhook(event_id, kind, {**self.subscription, **changes})
        return await self.deliver(*news)

    async def has_access(self) -> bool:
        return (await self.visitor.open("/workshop")).status == 200


@pytest.fixture
async def paid(visit: Visit, service: FakeService) -> Paid:
    visitor = visit()
    await visitor.sign_up()
    await visitor.choose()
    subscription = service.subscription_of("Bengkel Jaya Motor")
    service.pay(subscription)
    return Paid(visitor, service, subscription)


async def test_a_forged_webhook_is_refused_and_changes_nothing(paid: Paid) -> None:
    forged = paid.service.webhook(
        "evt_1", "subscription.activated", paid.subscription, secret=ANOTHER_SECRET
    )
    assert await paid.deliver(*forged) == 401
    assert not await paid.has_access()
    # The forged delivery did not use up the id of the genuine one.
    assert await paid.hear("evt_1", "subscription.activated") == 204
    assert await paid.has_access()


async def test_a_changed_body_is_refused(paid: Paid) -> None:
    body, headers = paid.service.webhook("evt_1", "subscription.activated", paid.subscription)
    assert await paid.deliver(body.replace("2026-12-22", "2036-12-22"), headers) == 401
    assert not await paid.has_access()


async def test_a_recorded_delivery_is_refused_once_it_is_old(paid: Paid) -> None:
    sent = paid.service.now() - timedelta(minutes=6)
    old = paid.service.webhook("evt_1", "subscription.activated", paid.subscription, at=sent)
    assert await paid.deliver(*old) == 401
    assert not await paid.has_access()


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "soon"},
        {"webhook-id": "evt_2"},
    ],
)
async def test_odd_headers_are_refused(paid: Paid, changes: dict[str, str]) -> None:
    body, headers = paid.service.webhook("evt_1", "subscription.activated", paid.subscription)
    assert await paid.deliver(body, headers | changes) == 401
    assert await paid.deliver(b"\xff\xfe", headers) == 401
    assert not await paid.has_access()


async def test_an_event_heard_before_is_not_acted_upon_again(paid: Paid) -> None:
    assert await paid.hear("evt_1", "subscription.activated", seq=5) == 204
    assert await paid.hear("evt_1", "subscription.suspended", seq=6, access=False) == 204
    assert await paid.has_access()


async def test_older_news_that_arrives_late_is_ignored(paid: Paid) -> None:
    assert await paid.hear("evt_3", "subscription.renewed", seq=3) == 204
    late = {"seq": 1, "status": "pending", "access": False}
    assert await paid.hear("evt_1", "subscription.created", **late) == 204
    assert await paid.has_access()
    assert await paid.hear("evt_4", "subscription.suspended", seq=4, access=False) == 204
    assert not await paid.has_access()


async def test_events_of_other_kinds_and_other_customers_are_accepted_and_ignored(
    paid: Paid,
) -> None:
    stranger = {"reference": "tenant-of-nobody", "name": "Bukan Siapa-siapa"}
    assert await paid.hear("evt_1", "invoice.paid") == 204
    assert await paid.hear("evt_2", "something.else") == 204
    assert await paid.hear("evt_3", "subscription.activated", id="sub_x", customer=stranger) == 204
    # Nor can a subscription that is ours be handed to another customer.
    assert await paid.hear("evt_4", "subscription.activated", customer=stranger) == 204
    assert not await paid.has_access()


async def test_a_genuine_event_that_cannot_be_read_is_asked_for_again(paid: Paid) -> None:
    assert await paid.hear("evt_1", "subscription.activated", access="yes") == 400
    assert not await paid.has_access()
    assert await paid.hear("evt_1", "subscription.activated") == 204
    assert await paid.has_access()


async def test_news_that_overtakes_the_answer_to_the_subscribe_call_is_kept(
    visit: Visit, service: FakeService
) -> None:
    visitor = visit()
    await visitor.sign_up()
    await visitor.choose()
    subscription = service.subscription_of("Bengkel Jaya Motor")
    paid = Paid(visitor, service, subscription)
    active = {"seq": 2, "status": "active", "access": True, "open_invoice": None}
    assert await paid.hear("evt_1", "subscription.activated", **active) == 204
    # The service's answer to this still says pending, seq 1.
    await visitor.send("/pay/check")
    assert await paid.has_access()


async def test_a_body_beyond_the_limit_is_not_read(paid: Paid) -> None:
    assert await paid.deliver(b"x" * 70_000, {}) == 413
