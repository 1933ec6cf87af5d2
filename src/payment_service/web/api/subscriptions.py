"""`/v1/subscriptions`: a customer on a plan."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.books.tell_subscription import tell
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, check_return_url
from payment_service.model.contract import contract_of
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.plan import check_metadata
from payment_service.model.subscription import (
    SUBSCRIPTIONS_OF_APP,
    SUBSCRIPTIONS_OF_CUSTOMER,
    Subscription,
    subscription_of_app,
)
from payment_service.resources import Links, SubscriptionResource
from payment_service.web.access import Reader, Writer
from payment_service.web.api.bodies import SubscriptionBody
from payment_service.web.api.lists import NEWEST, After, Limit, page
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=StrictRoute)


@router.post("", status_code=201, summary="Subscribe a customer to a plan")
async def create(
    body: SubscriptionBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Answers with the subscription, its open invoice and the pay links.

    Asked again while it is unpaid, the same plan gives the same subscription with 200.
    """
    app, links, now = access.app, access.runtime.links, access.now
    subscriber = Subscriber(**body.customer.model_dump())
    check_metadata("metadata", body.metadata)
    check_return_url(app, body.return_url)

    def work(tx: Transaction) -> tuple[int, bytes]:
        done = subscribe(tx, app, links, subscriber, body.plan, body.return_url, body.metadata, now)
        return (201 if done.created else 200), msgspec.json.encode(done.resource)

    return await answer_once(access, request, idempotency_key, work)


@router.get("", summary="List subscriptions")
async def list_subscriptions(
    access: Reader,
    limit: Limit = 20,
    after: After = None,
    customer: Annotated[
        str | None, Query(max_length=200, description="Only those of your own reference.")
    ] = None,
) -> Response:
    found = await access.runtime.db.read(
        _list, access.app, access.runtime.links, customer, after or NEWEST, limit + 1
    )
    return page(found, limit)


@router.get("/{subscription_id}", summary="Read a subscription")
async def read(subscription_id: str, access: Reader) -> Response:
    found = await access.runtime.db.read(
        _read, access.app.id, access.runtime.links, subscription_id
    )
    return json_answer(msgspec.json.encode(found))


def _read(tx: Transaction, app_id: str, links: Links, subscription_id: str) -> SubscriptionResource:
    return _whole(tx, subscription_of_app(tx, app_id, subscription_id), links)


def _list(
    tx: Transaction, app: App, links: Links, reference: str | None, before: str, limit: int
) -> list[SubscriptionResource]:
    if reference is None:
        found = tx.all(SUBSCRIPTIONS_OF_APP, app_id=app.id, before=before, limit=limit)
    else:
        customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app.id, reference=reference)
        if customer is None:
            return []
        found = tx.all(
            SUBSCRIPTIONS_OF_CUSTOMER, customer_id=customer.id, before=before, limit=limit
        )
    return [_whole(tx, subscription, links) for subscription in found]


def _whole(tx: Transaction, subscription: Subscription, links: Links) -> SubscriptionResource:
    return tell(tx, links, contract_of(tx, subscription))
