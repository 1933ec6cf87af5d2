"""The pictures of an open code: one for the page, and one to keep, for the gallery of a phone."""

import asyncio
from importlib import import_module

from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.runtime import now_of
from payment_service.web.access import runtime_of
from payment_service.web.pages.pay_request import subject_of, wishes_of
from payment_service.web.pages.pay_subject import PaySubject
from payment_service.web.pages.pay_view import PayView
from payment_service.web.pages.qr import qr_png, qr_svg
from payment_service.web.pages.show_pay import PAYABLE, show

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


async def code_picture(request: Request) -> Response:
    """The code alone as SVG or PNG; the address names the charge, so no old picture is shown."""
    payload = _payload(await subject_of(request))
    if request.path_params["format"] == "svg":
        return Response(qr_svg(payload), headers=HEADERS, media_type="image/svg+xml")
    return Response(qr_png(payload), headers=HEADERS, media_type="image/png")


async def slip_picture(request: Request) -> Response:
    """The code with what it is for, as PNG.

    Shown inline: the link on the page saves it, and where a phone cannot save by a link, a finger
    held on the picture can.
    """
    subject, runtime = await subject_of(request), runtime_of(request)
    payload = _payload(subject)
    view = show(subject, runtime.links, wishes_of(request), now_of(runtime, subject.app))
    if view.state not in PAYABLE:  # its time is over, though nobody has noted that yet
        raise _no_code()
    name = view.invoice_number or "QRIS"
    headers = {**HEADERS, "Content-Disposition": f'inline; filename="QRIS-{name}.png"'}
    picture = await asyncio.to_thread(_drawn, view, payload)
    return Response(picture, headers=headers, media_type="image/png")


def _drawn(view: PayView, payload: str) -> bytes:
    """The imaging library takes 10 MB, so a process holds it only after somebody kept a picture."""
    slip = import_module("payment_service.web.pages.slip")
    picture: bytes = slip.slip_png(slip.slip_of(view, payload))
    return picture


def _payload(subject: PaySubject) -> str:
    charge = subject.charge
    if charge is None or charge.qr_string is None or charge.status != "open":
        raise _no_code()
    return charge.qr_string


def _no_code() -> NotFound:
    return NotFound("no_code", "There is no open code; ask for one on the pay page.")
