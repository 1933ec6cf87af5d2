"""The secrets that sign what endpoints get: looked at and replaced, by who proves who they are."""

from starlette.responses import Response

from payment_service.actions.reveal_endpoint_secret import reveal_endpoint_secret
from payment_service.actions.roll_endpoint_secret import roll_endpoint_secret
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.app import app_by_id
from payment_service.model.endpoint import Endpoint
from payment_service.web.dashboard.apps.endpoints import endpoint_by_id, endpoint_held
from payment_service.web.dashboard.apps.meanwhile import unchanged
from payment_service.web.dashboard.apps.register import WHERE
from payment_service.web.dashboard.apps.written import whole
from payment_service.web.dashboard.ask import Ask


async def reveal_secret(ask: Ask) -> Response:
    """In the answer itself: what opens the page again sees no secret."""

    def reveal(tx: Transaction) -> tuple[Endpoint, str]:
        endpoint = endpoint_by_id(tx, ask.params["id"])
        box = ask.runtime.secrets
        return endpoint, reveal_endpoint_secret(
            tx, endpoint.app_id, endpoint.id, box, ask.by(WHERE)
        )

    return await _show(ask, *await ask.write(reveal), is_new=False)


async def roll_secret(ask: Ask) -> Response:
    keep = whole(ask.text("keep_hours"))
    if keep is None:
        raise Invalid("keep_hours", "Choose how long the old secret still signs.")

    def roll(tx: Transaction) -> tuple[Endpoint, str]:
        endpoint = endpoint_held(tx, ask.params["id"])
        unchanged(endpoint, ask.text("version"))
        return roll_endpoint_secret(
            tx,
            endpoint.app_id,
            endpoint.id,
            keep,
            ask.runtime.secrets,
            ask.now,
            by=ask.by(WHERE),
        )

    return await _show(ask, *await ask.write(roll), is_new=True)


async def _show(ask: Ask, endpoint: Endpoint, secret: str, *, is_new: bool) -> Response:
    app = await ask.read(app_by_id, endpoint.app_id)
    return ask.page(
        "apps/secret_shown.html", app=app, endpoint=endpoint, secret=secret, is_new=is_new
    )
