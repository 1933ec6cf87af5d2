"""Deliveries: the newest of all endpoints, with one of them open beside the list."""

from contextlib import suppress
from typing import NamedTuple

from starlette.responses import Response

from payment_service.actions.resend import begin_resend
from payment_service.actions.resend_delivery import resend_delivery
from payment_service.kit.errors import Conflict, NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.delivery import SHOWN_DELIVERY, Shown
from payment_service.model.endpoint import ENDPOINT
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.webhooks.asked import TYPES, Asked, asked_in
from payment_service.web.dashboard.webhooks.listing import Listing, look, lost_at
from payment_service.web.dashboard.webhooks.opened import Opened, opened, phrase

WHERE = "on the webhooks page"
AT_ONCE = 50
"""Endpoints that are sent to again by one press."""


class Found(NamedTuple):
    """`open` is None where there is no delivery at all."""

    listing: Listing
    open: Opened | None


async def show_webhooks(ask: Ask) -> Response:
    found = await ask.read(_newest, asked_in(ask.query), ask.admin.may("finance"))
    return _page(ask, found, is_chosen=False)


async def show_delivery(ask: Ask) -> Response:
    found = await ask.read(_chosen, asked_in(ask.query), ask.params["id"], ask.admin.may("finance"))
    return _page(ask, found, is_chosen=True)


async def send_again(ask: Ask) -> Response:
    delivery = await ask.write(_send_again, ask.params["id"], ask)
    return ask.go(f"{PREFIX}/deliveries/{delivery.id}", "delivery_queued")


async def send_lost_again(ask: Ask) -> Response:
    """Of each endpoint in a transaction of its own, so that none waits for all of them. What is off
    by now, or is being sent again already, is passed over."""
    await ask.claim()
    asked, begun = asked_in(ask.texts), 0
    for one in (await ask.read(lost_at, asked)).endpoints[:AT_ONCE]:
        with suppress(Conflict, NotFound):
            await ask.runtime.db.write(
                begin_resend, one.app_id, one.id, None, ask.now, ask.by(WHERE)
            )
            begun += 1
    return ask.go(asked.at(f"{PREFIX}/webhooks"), "resends_begun", endpoints=begun)


def _page(ask: Ask, found: Found, *, is_chosen: bool) -> Response:
    return ask.page(
        "webhooks/newest.html",
        listing=found.listing,
        opened=found.open,
        is_chosen=is_chosen,
        types=TYPES,
        phrase=phrase,
    )


def _newest(tx: Transaction, asked: Asked, with_bodies: bool) -> Found:
    listing = look(tx, asked)
    if not listing.rows:
        return Found(listing, None)
    return Found(listing, opened(tx, listing.rows[0].id, with_bodies=with_bodies))


def _chosen(tx: Transaction, asked: Asked, delivery_id: str, with_bodies: bool) -> Found:
    chosen = opened(tx, delivery_id, with_bodies=with_bodies)
    return Found(look(tx, asked, delivery_id), chosen)


def _send_again(tx: Transaction, delivery_id: str, ask: Ask) -> Shown:
    """Of two who send it at once the second is told that it waits already, unless its endpoint's
    pause holds it back."""
    before = tx.one(SHOWN_DELIVERY, id=delivery_id)
    app_id = "" if before is None else before.app_id
    endpoint = None if before is None else tx.one(ENDPOINT, id=before.endpoint_id)
    paused_until = None if endpoint is None else endpoint.paused_until
    is_held_back = paused_until is not None and paused_until > ask.now
    if before is not None and before.status == "queued" and not is_held_back:
        raise Conflict("delivery_queued", "It waits to be sent already.", id=delivery_id)
    return resend_delivery(tx, app_id, delivery_id, ask.now, ask.by(WHERE))
