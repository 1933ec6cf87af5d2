"""`/v1/subscriptions`: a customer on a plan."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.edit_subscription import SubscriptionChange, edit_subscription
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.kit.statements import Transaction
from payment_service.model.app import check_return_url
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.page import Between, page_of
from payment_service.model.plan import PLAN_BY_CODE, check_metadata
from payment_service.model.subscription import subscription_of_app
from payment_service.model.subscription_list import (
    STANDING,
    STATUSES,
    Standing,
    SubscriptionFilter,
    walk_subscriptions,
)
from payment_service.resources import Links, SubscriptionResource, subscription_resource
from payment_service.web.access import Reader, Writer
from payment_service.web.api.bodies import SubscriptionBody, SubscriptionEditBody
from payment_service.web.api.lists import (
    AfterSubscription,
    CreatedFrom,
    CreatedTo,
    Limit,
    OfCustomer,
    OfPlan,
    made_in,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import SOME_STATUSES, DayOfList, SubscriptionId
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
    after: AfterSubscription = None,
    customer: OfCustomer = None,
    status: Annotated[
        str | None,
        Query(
            pattern=SOME_STATUSES,
            max_length=100,
            description="Only those in this state, or in one of these: `active,grace`.",
        ),
    ] = None,
    plan: OfPlan = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
    paid_through_from: Annotated[
        DayOfList | None, Query(description="Whose last paid day is this one or later.")
    ] = None,
    paid_through_to: Annotated[
        DayOfList | None, Query(description="Whose last paid day is this one or earlier.")
    ] = None,
) -> Response:
    """Newest first. `customer` is your own reference of the tenant, so this is how to find out
    whether one is subscribed without having kept an id."""
    span = span_of("created", created_from, created_to)
    between = made_in("sub", span, access.app.zone, after)
    wanted = SubscriptionFilter(
        customer_id=customer,
        plan_id=plan,
        statuses=frozenset(one for one in STATUSES if status and one in status.split(",")),
        paid_through=span_of("paid_through", paid_through_from, paid_through_to),
    )
    found, next_after = await read_list(access, after, _list, wanted, between, limit)
    links = access.runtime.links
    return page_after([_resource(one, links) for one in found], next_after)


@router.get("/{subscription_id}", summary="Read a subscription")
async def read(subscription_id: SubscriptionId, access: Reader) -> Response:
    """`access` is all that you need to let the tenant in; ignore it where `seq` is lower than the
    one you have."""
    found = await access.runtime.db.read(_read, access.app.id, subscription_id)
    return json_answer(msgspec.json.encode(_resource(found, access.runtime.links)))


@router.patch("/{subscription_id}", summary="Edit a subscription")
async def edit(
    subscription_id: SubscriptionId,
    body: SubscriptionEditBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Only what is sent is changed; an empty object changes nothing. `metadata` is replaced whole,
    null takes the `return_url` away. No event tells of it, and `seq` stays. What was sold is
    changed by the calls below `/v1/subscriptions/{id}/`."""
    app_id, links = access.app.id, access.runtime.links
    change = SubscriptionChange(**body.model_dump(exclude_unset=True))

    def work(tx: Transaction) -> tuple[int, bytes]:
        edited = edit_subscription(tx, links, app_id, subscription_id, change)
        return 200, msgspec.json.encode(edited)

    return await answer_once(access, request, idempotency_key, work)


def _read(tx: Transaction, app_id: str, subscription_id: str) -> Standing:
    subscription_of_app(tx, app_id, subscription_id)
    (found,) = tx.all(STANDING, ids=[subscription_id])
    return found


def _list(
    tx: Transaction, app_id: str, wanted: SubscriptionFilter, between: Between, limit: int
) -> tuple[list[Standing], str | None]:
    """`wanted` names customer and plan as the app does."""
    if wanted.customer_id is not None:
        customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=wanted.customer_id)
        if customer is None:
            return [], None
        wanted = wanted._replace(customer_id=customer.id)
    if wanted.plan_id is not None:
        plan = tx.one(PLAN_BY_CODE, app_id=app_id, code=wanted.plan_id)
        if plan is None:
            return [], None
        wanted = wanted._replace(plan_id=plan.id)
    page = page_of(tx, walk_subscriptions(app_id, wanted), between, limit)
    return tx.all(STANDING, ids=page.ids), page.next_after


def _resource(standing: Standing, links: Links) -> SubscriptionResource:
    return subscription_resource(
        standing.subscription,
        standing.customer,
        standing.plan,
        standing.open_invoice,
        links,
        next_plan=standing.next_plan,
    )
