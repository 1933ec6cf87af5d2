"""`/v1/subscriptions/{id}/pass`: how a subscription stands, signed anew."""

from datetime import datetime, timedelta

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from payment_service.books.tell_subscription import tell
from payment_service.kit.statements import Transaction
from payment_service.model.contract import contract_of
from payment_service.model.subscription import subscription_of_app
from payment_service.resources import Links, PassResource, pass_content
from payment_service.web.access import Reader
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import SubscriptionId
from payment_service.web.idempotency import json_answer

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=StrictRoute)


@router.get("/{subscription_id}/pass", summary="Get a fresh access pass")
async def read(subscription_id: SubscriptionId, access: Reader) -> Response:
    """A compact JWS that says how the subscription stands, good for at most 72 hours. The keys to
    check it by are at `/.well-known/payment-service/keys.json`."""
    runtime = access.runtime
    found = await runtime.db.read(
        _sign, access.app.id, runtime.links, subscription_id, runtime.clock.now()
    )
    return json_answer(msgspec.json.encode(found))


def _sign(
    tx: Transaction, app_id: str, links: Links, subscription_id: str, now: datetime
) -> PassResource:
    contract = contract_of(tx, subscription_of_app(tx, app_id, subscription_id))
    ahead = timedelta(seconds=contract.app.clock_offset)
    content = pass_content(tell(tx, links, contract), app_id)
    return links.passes.sign(tx, content, contract.app.zone, now, ahead)
