"""Where gateways call: a plain route, for it is the hottest door of the service."""

import asyncio
from typing import Annotated

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from payment_service.actions.receive_notice import Named, receive_notice
from payment_service.actions.verify_charges import verify_charge
from payment_service.kit.errors import Invalid, Unauthorized
from payment_service.model.app import App
from payment_service.model.charge import Charge
from payment_service.runtime import Runtime
from payment_service.web.access import runtime_of
from payment_service.web.tally import Tally

log = structlog.get_logger()

NAME_LENGTH = 200
Name = Annotated[str, msgspec.Meta(max_length=NAME_LENGTH, pattern=r"^[^\x00]*$")]


class PakasirNotice(msgspec.Struct):
    """All that is read of a notice; the rest is kept as it came and believed by nobody.

    Ids may be numbers: some stacks write them so. Hints of a wrong type are no hints.
    """

    order_id: Name | int
    txn_id: Name | int | None = None
    status: msgspec.Raw = msgspec.Raw()
    is_sandbox: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(PakasirNotice).decode
_text = msgspec.json.Decoder(str).decode


async def pakasir_notice(request: Request) -> Response:
    """`POST /gateway/pakasir/{app_id}`: 200 once it is stored, then the gateway is asked."""
    try:
        body = await request.body()
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    # The content type is not looked at: gateways send what they like.
    named = read_notice(body)
    await take_notice(
        runtime_of(request),
        request.app.state.verifying,
        request.path_params["app_id"],
        request.headers.get("x-secret"),
        named,
        body,
    )
    return Response(b"{}", media_type="application/json")


def read_notice(body: bytes) -> Named:
    """What it names. Raises Invalid."""
    try:
        notice = _decode(body)
        # A number has at most 4,300 digits here; longer ones are refused above.
        order_id = str(notice.order_id)
        reference = None if notice.txn_id is None else str(notice.txn_id)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed() from error
    if len(order_id) > NAME_LENGTH or len(reference or "") > NAME_LENGTH:
        raise _malformed()
    sandbox = {b"true": True, b"false": False}.get(bytes(notice.is_sandbox).strip())
    return Named(order_id, reference, _text_or_none(notice.status), sandbox)


def _text_or_none(raw: msgspec.Raw) -> str | None:
    try:
        return _text(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _malformed() -> Invalid:
    return Invalid("malformed_notice", "A notice is a JSON object with an order_id.")


async def take_notice(
    runtime: Runtime,
    verifying: "Verifying",
    app_id: str,
    secret: str | None,
    named: Named,
    body: bytes,
) -> None:
    """Store it, then let this process go on with it after the answer.

    Raises Unauthorized for a wrong secret and NotFound for an unknown app.
    """
    # Of what is no text in the body, PostgreSQL could keep nothing.
    text = body.decode(errors="replace").replace("\0", "\ufffd")
    received = await receive_notice(runtime, app_id, secret, named, text)
    if received.in_vain == "wrong_secret":
        verifying.in_vain.count_wrong_secret(runtime, received.app)
        raise Unauthorized("wrong_secret", "The X-Secret header is not this app's.")
    if received.in_vain == "unknown":
        verifying.in_vain.count_unknown(runtime, received.app, named.order_id, text)
    if received.charge is not None:
        verifying.start(runtime, received.app, received.charge)


class Verifying:
    """What this process has under way after notices: verifications, and counts to be written.

    A verification that is lost with the process is found by the worker when its lease runs out.
    """

    def __init__(self) -> None:
        self.in_vain = Tally()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, runtime: Runtime, app: App, charge: Charge) -> None:
        task = asyncio.create_task(self._verify(runtime, app, charge))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for those under way, which end by their own deadlines, and write the counts."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self.in_vain.finish()

    async def _verify(self, runtime: Runtime, app: App, charge: Charge) -> None:
        try:
            await verify_charge(runtime, app, charge)
        except Exception as error:
            log.error("verification_failed", charge=charge.id, exc_info=error)
