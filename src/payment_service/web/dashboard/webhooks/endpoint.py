"""One webhook endpoint: how it does, its deliveries, a test event, and sending again."""

from datetime import date, datetime
from typing import NamedTuple

from starlette.responses import Response

from payment_service.actions.resend import begin_resend
from payment_service.actions.send_test import send_test
from payment_service.kit.calendar import local_date, start_of
from payment_service.kit.errors import Invalid, NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.delivery import Shown
from payment_service.model.delivery_list import Backlog, Beat, backlogs_of, beats_of
from payment_service.model.endpoint import ENDPOINT, Endpoint
from payment_service.model.endpoint_health import BREAKER, GIVEN_UP_AFTER, is_open
from payment_service.model.resend import RUNNING_RESEND, Resend
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.webhooks.asked import Asked, asked_in
from payment_service.web.dashboard.webhooks.listing import Listing, look

WHERE = "on the webhooks page"


class Found(NamedTuple):
    """`resend` is the one under way. `missed_on` is the local day since when events are missed."""

    endpoint: Endpoint
    app: App
    beats: list[Beat]
    backlog: Backlog
    resend: Resend | None
    missed_on: date | None
    today: date
    listing: Listing

    @property
    def is_open(self) -> bool:
        """Whether the breaker is open: one message at a time is tried."""
        return is_open(self.endpoint)

    @property
    def gives_up_at(self) -> datetime | None:
        """When it is turned off if nothing arrives until then."""
        since = self.endpoint.failing_since
        return None if since is None else since + GIVEN_UP_AFTER


async def show_endpoint(ask: Ask) -> Response:
    asked = asked_in(ask.query)._replace(app=None, endpoint=ask.params["id"])
    found = await ask.read(_found, asked, ask)
    return ask.page("webhooks/endpoint.html", found=found, listing=found.listing, breaker=BREAKER)


async def try_endpoint(ask: Ask) -> Response:
    delivery = await ask.write(_send_test, ask)
    return ask.go(f"{PREFIX}/deliveries/{delivery.id}", "test_event_sent")


async def send_failed_again(ask: Ask) -> Response:
    return _told(ask, await ask.write(_resend, None, ask))


async def send_all_since(ask: Ask) -> Response:
    day = _day_in(ask.text("since"))
    return _told(ask, await ask.write(_resend, day, ask))


def _told(ask: Ask, resend: Resend) -> Response:
    """The same that another admin has begun goes on, and its second asker hears that."""
    said = "resend_begun" if resend.created_at == ask.now else "resend_goes_on"
    return ask.go(f"{PREFIX}/webhooks/{resend.endpoint_id}", said, queued=resend.queued)


def _day_in(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("resend_since", "Choose a day, today or before.") from None


def _found(tx: Transaction, asked: Asked, ask: Ask) -> Found:
    endpoint, app = _endpoint(tx, ask.params["id"])
    missed = endpoint.missed_since and app.at(endpoint.missed_since)
    return Found(
        endpoint,
        app,
        beats_of(tx, [endpoint.id])[endpoint.id],
        backlogs_of(tx, [endpoint.id])[endpoint.id],
        tx.one(RUNNING_RESEND, endpoint_id=endpoint.id),
        missed and local_date(missed, app.zone),
        local_date(app.at(ask.now), app.zone),
        look(tx, asked),
    )


def _endpoint(tx: Transaction, endpoint_id: str) -> tuple[Endpoint, App]:
    """Also one that was deleted: what was sent to it is still there. Raises NotFound."""
    endpoint = tx.one(ENDPOINT, id=endpoint_id)
    if endpoint is None:
        raise NotFound("endpoint_not_found", "There is no endpoint with this id.")
    return endpoint, app_by_id(tx, endpoint.app_id)


def _send_test(tx: Transaction, ask: Ask) -> Shown:
    endpoint, app = _endpoint(tx, ask.params["id"])
    return send_test(tx, app.id, endpoint.id, app.at(ask.now), ask.now, ask.by(WHERE))


def _resend(tx: Transaction, day: date | None, ask: Ask) -> Resend:
    """From the beginning of that day where the app is."""
    endpoint, app = _endpoint(tx, ask.params["id"])
    if day is None:
        return begin_resend(tx, app.id, endpoint.id, None, ask.now, ask.by(WHERE))
    if not local_date(app.created_at, app.zone) <= day <= local_date(app.at(ask.now), app.zone):
        raise Invalid("resend_since", "Choose a day, today or before.")
    since = start_of(day, app.zone)
    return begin_resend(tx, app.id, endpoint.id, since, ask.now, ask.by(WHERE))
