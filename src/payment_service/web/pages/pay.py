"""`/pay/{token}`: the payer's page, its picture of the code, and its live status."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from payment_service.actions.open_charge import open_charge
from payment_service.actions.renew_early import renew_early
from payment_service.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from payment_service.kit.statements import Transaction
from payment_service.model.ahead import CHOICES
from payment_service.model.charge import CHARGES_OF_INVOICE, Charge
from payment_service.model.verification import claim
from payment_service.runtime import Runtime, now_of
from payment_service.web.access import runtime_of
from payment_service.web.notices import Verifying
from payment_service.web.pages.languages import language_of
from payment_service.web.pages.pay_subject import PaySubject, find_subject, version_of
from payment_service.web.pages.pay_view import PayView
from payment_service.web.pages.qr import qr_png, qr_svg
from payment_service.web.pages.render import page, page_headers
from payment_service.web.pages.show_pay import Wishes, show
from payment_service.web.streams import STREAM_SECONDS, HeldStream, streams_of

STREAM_GAP = 0.5
LOOK_BACK = 5
LOOK_EVERY = timedelta(seconds=20)
"""How often an open page alone makes us ask the gateway."""


async def show_page(request: Request) -> Response:
    """A GET never asks the gateway for a code: link previews must not mint them."""
    runtime = runtime_of(request)
    try:
        subject = await _subject(request)
    except NotFound:
        return _missing(request)
    return _page(show(subject, runtime.links, _wishes(request), now_of(runtime, subject.app)))


async def ask_for_code(request: Request) -> Response:
    """The one deed of the page: a code, made or reused."""
    _same_origin(request)
    subject = await _subject(request)
    runtime = runtime_of(request)
    chosen = _chosen(await request.body())
    try:
        await _open_code(runtime, subject, chosen)
    except (Unavailable, Conflict, Invalid) as refusal:
        # An invoice that was paid meanwhile is no fault, nor is a choice that is no more there:
        # the page will say how it stands.
        if isinstance(refusal, Unavailable) or refusal.code == "gateway_not_configured":
            subject = await _subject(request)  # a renewal may have been issued meanwhile
            view = show(subject, runtime.links, _wishes(request), now_of(runtime, subject.app))
            view = msgspec.structs.replace(view, state="gateway_silent", periods=chosen or 1)
            return _page(view, 503)
    return _back(request)


async def _open_code(runtime: Runtime, subject: PaySubject, chosen: int | None) -> None:
    """Of the open invoice; on the subscription's own link also of the next renewal, issued now.

    That takes a choice, and a page on which nothing is due: a page left open asks for its code by
    itself, perhaps long after the invoice was paid.
    """
    invoice, subscription, app = subject.invoice, subject.subscription, subject.app
    periods, now = chosen or 1, now_of(runtime, app)
    if subscription is not None and subject.is_permanent and subject.state(now) == "nothing_due":
        if chosen is None:
            return
        invoice = await runtime.db.write(
            renew_early, runtime.links, app.id, subscription.id, periods, now
        )
    if invoice is not None:
        await open_charge(runtime, app.id, invoice.id, periods=periods)


def _chosen(form: bytes) -> int | None:
    """How many periods were chosen on the page; None where nothing was, or nothing offered."""
    chosen = parse_qs(form.decode("ascii", "replace")).get("periods", [""])[0]
    return int(chosen) if chosen in {str(choice) for choice in CHOICES} else None


async def check(request: Request) -> Response:
    """“I have paid”: ask the gateway, about each code that may be meant, where it may be asked."""
    _same_origin(request)
    subject = await _subject(request)
    if subject.invoice is not None and subject.invoice.status == "open":
        runtime = runtime_of(request)
        for charge in await runtime.db.read(_codes, subject.invoice.id):
            if await runtime.db.write(claim, charge.id, now_of(runtime, subject.app)):
                _verifying(request).start(runtime, subject.app, charge)
    return _back(request, checking="1")


def _codes(tx: Transaction, invoice_id: str) -> list[Charge]:
    """The invoice's latest codes, of which an older one may have been paid."""
    codes = tx.all(CHARGES_OF_INVOICE, invoice_id=invoice_id)
    return [charge for charge in codes if charge.reference is not None][-LOOK_BACK:]


async def picture(request: Request) -> Response:
    """The open code as SVG or PNG; the address names the charge, so no old picture is shown."""
    subject = await _subject(request)
    charge = subject.charge
    if charge is None or charge.qr_string is None or charge.status != "open":
        raise NotFound("no_code", "There is no open code; ask for one on the pay page.")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if request.path_params["format"] == "svg":
        return Response(qr_svg(charge.qr_string), headers=headers, media_type="image/svg+xml")
    headers["Content-Disposition"] = f'inline; filename="QRIS-{charge.id[-6:]}.png"'
    return Response(qr_png(charge.qr_string), headers=headers, media_type="image/png")


async def status(request: Request) -> Response:
    """`{"state": …, "version": …}`, once as JSON or as it changes as server-sent events."""
    subject = await _subject(request)
    runtime = runtime_of(request)
    await _look_now_and_then(request, subject)
    if "text/event-stream" not in request.headers.get("accept", ""):
        body = _status_body(subject, now_of(runtime, subject.app))
        return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")
    place = streams_of(request).page(request.path_params["token"])
    return HeldStream(_changes(request), place)


async def _changes(request: Request) -> AsyncIterator[bytes]:
    runtime, streams = runtime_of(request), streams_of(request)
    told = b""
    yield b"retry: 1000\n\n"
    for _ in range(int(STREAM_SECONDS / STREAM_GAP)):
        subject = await _subject(request)
        body = _status_body(subject, now_of(runtime, subject.app))
        if body != told:
            told = body
            yield b"event: state\ndata: " + body + b"\n\n"
        await _look_now_and_then(request, subject)
        if not await streams.pause(STREAM_GAP):
            return


async def _look_now_and_then(request: Request, subject: PaySubject) -> None:
    """A payer who waits at the page is found even when no notice comes."""
    charge, runtime = subject.charge, runtime_of(request)
    if charge is None or charge.status != "open" or subject.invoice is None:
        return
    since = charge.checked_at or charge.opened_at
    now = now_of(runtime, subject.app)
    if since is None or now - since < LOOK_EVERY or subject.invoice.status != "open":
        return
    if await runtime.db.write(claim, charge.id, now):
        _verifying(request).start(runtime, subject.app, charge)


def _status_body(subject: PaySubject, now: datetime) -> bytes:
    return msgspec.json.encode({"state": subject.state(now), "version": version_of(subject)})


async def _subject(request: Request) -> PaySubject:
    runtime = runtime_of(request)
    found = await runtime.db.read(find_subject, request.path_params["token"])
    if found is None:
        raise NotFound("pay_link_not_found", "This pay link leads nowhere; ask for a new one.")
    return found


def _same_origin(request: Request) -> None:
    """Browsers say where a form was; the few that do not send `Sec-Fetch-Site` send `Origin`."""
    site = request.headers.get("sec-fetch-site")
    own = {runtime_of(request).links.base_url, str(request.base_url).rstrip("/"), "null", None}
    if site not in ("same-origin", "none", None) or (
        site is None and request.headers.get("origin") not in own
    ):
        raise Forbidden("cross_origin", "This deed is done from the pay page itself.")


def _verifying(request: Request) -> Verifying:
    verifying: Verifying = request.app.state.verifying
    return verifying


def _back(request: Request, **query: str) -> Response:
    """To the page itself, in the language that was chosen on it."""
    wishes = _wishes(request)
    if wishes.chosen:
        query["lang"] = wishes.language
    address = wishes.path + (f"?{urlencode(query)}" if query else "")
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def _missing(request: Request) -> Response:
    language = _wishes(request).language
    return Response(page("missing.html", language), 404, headers=page_headers(language))


def _page(view: PayView, status: int = 200) -> Response:
    body = page("pay.html", view.language, view=view)
    return Response(body, status, headers=page_headers(view.language))


def _wishes(request: Request) -> Wishes:
    query = request.query_params
    return Wishes(
        language=language_of(request.headers.get("accept-language"), query.get("lang")),
        chosen="lang" in query,
        checking="checking" in query,
        path=f"/pay/{request.path_params['token']}",
    )
