"""Where gateways call: a plain route, for it is the hottest door of the service."""

import asyncio
from typing import Annotated

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.receive_notice import Named, receive_notice
from payment_service.actions.verify_charges import verify_charge
from payment_service.kit.errors import Invalid
from payment_service.model.app import App
from payment_service.model.charge import Charge
from payment_service.runtime import Runtime
from payment_service.web.access import runtime_of

log = structlog.get_logger()


Name = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00]*$")]


class PakasirNotice(msgspec.Struct):
    """All that is read of a notice; the rest is kept as it came and believed by nobody."""

    order_id: Name
    txn_id: Name | None = None


_decode = msgspec.json.Decoder(PakasirNotice).decode


async def pakasir_notice(request: Request) -> Response:
    """`POST /gateway/pakasir/{app_id}`: 200 once it is stored, then the gateway is asked."""
    body = await request.body()
    runtime = runtime_of(request)
    # The content type is not looked at: gateways send what they like.
    try:
        notice = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid("malformed_notice", "A notice is a JSON object with an order_id.") from error
    await take_notice(
        runtime,
        request.app.state.verifying,
        request.path_params["app_id"],
        request.headers.get("x-secret"),
        Named(notice.order_id, notice.txn_id),
        body.decode(errors="replace").replace("\0", "\ufffd"),
    )
    return Response(b"{}", media_type="application/json")


async def take_notice(
    runtime: Runtime,
    verifying: "Verifying",
    app_id: str,
    secret: str | None,
    named: Named,
    body: str,
) -> None:
    """Store it, then let this process go on with it after the answer."""
    received = await receive_notice(runtime, app_id, secret, named, body)
    if received.charge is not None:
        verifying.start(runtime, received.app, received.charge)


class Verifying:
    """The verifications that this process has under way after notices.

    One that is lost with the process is found by the worker when its lease runs out.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, runtime: Runtime, app: App, charge: Charge) -> None:
        task = asyncio.create_task(self._verify(runtime, app, charge))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for those under way; each ends by its own deadlines."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _verify(self, runtime: Runtime, app: App, charge: Charge) -> None:
        try:
            await verify_charge(runtime, app, charge)
        except Exception as error:
            log.error("verification_failed", charge=charge.id, exc_info=error)
