"""`/pay/{token}`: the payer's page, what is done on it, and its live status."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from payment_service.actions.open_charge import open_charge
from payment_service.actions.renew_early import renew_early
from payment_service.kit.errors import Conflict, Invalid, NotFound, Unavailable
from payment_service.kit.statements import Transaction
from payment_service.model.ahead import CHOICES
from payment_service.model.charge import CHARGES_OF_INVOICE, Charge
from payment_service.model.verification import claim
from payment_service.runtime import Runtime, now_of
from payment_service.web.access import runtime_of
from payment_service.web.pages.pay_request import (
    check_origin,
    missing,
    missing_to_people,
    subject_of,
    verifying_of,
    wishes_of,
)
from payment_service.web.pages.pay_subject import PaySubject, version_of
from payment_service.web.pages.pay_view import PayView
from payment_service.web.pages.render import page, page_headers
from payment_service.web.pages.show_pay import show
from payment_service.web.streams import STREAM_SECONDS, HeldStream, streams_of

STREAM_GAP = 0.5
LOOK_BACK = 5
MISSING = b'{"state":"missing","version":"missing"}'
LOOK_EVERY = timedelta(seconds=20)
"""How often an open page alone makes us ask the gateway."""


async def show_page(request: Request) -> Response:
    """A GET never asks the gateway for a code: link previews must not mint them.

    It may ask about the one there is, for a page without script hears of money in no other way.
    """
    runtime = runtime_of(request)
    try:
        subject = await subject_of(request)
    except NotFound:
        return missing(request)
    await _look_now_and_then(request, subject)
    return _page(show(subject, runtime.links, wishes_of(request), now_of(runtime, subject.app)))


async def ask_for_code(request: Request) -> Response:
    """The one deed of the page: a code, made or reused."""
    check_origin(request)
    runtime = runtime_of(request)
    try:
        subject = await subject_of(request)
    except NotFound as refusal:
        return missing_to_people(request, refusal)
    chosen = _chosen(await request.body())
    try:
        await _open_code(runtime, subject, chosen)
    except (Unavailable, Conflict, Invalid) as refusal:
        # An invoice that was paid meanwhile is no fault, nor is a choice that is no more there:
        # the page will say how it stands.
        if isinstance(refusal, Unavailable) or refusal.code == "gateway_not_configured":
            subject = await subject_of(request)  # a renewal may have been issued meanwhile
            view = show(subject, runtime.links, wishes_of(request), now_of(runtime, subject.app))
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
    check_origin(request)
    try:
        subject = await subject_of(request)
    except NotFound as refusal:
        return missing_to_people(request, refusal)
    if subject.invoice is not None and subject.invoice.status != "paid":
        runtime = runtime_of(request)
        for charge in await runtime.db.read(_codes, subject.invoice.id):
            if await runtime.db.write(claim, charge.id, now_of(runtime, subject.app)):
                verifying_of(request).start(runtime, subject.app, charge)
    return _back(request, checking="1")


def _codes(tx: Transaction, invoice_id: str) -> list[Charge]:
    """The invoice's latest codes, of which an older one may have been paid."""
    codes = tx.all(CHARGES_OF_INVOICE, invoice_id=invoice_id)
    return [charge for charge in codes if charge.reference is not None][-LOOK_BACK:]


async def status(request: Request) -> Response:
    """`{"state": …, "version": …}`, once as JSON or as it changes as server-sent events."""
    subject = await subject_of(request)
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
        try:
            subject = await subject_of(request)
        except NotFound:  # the link was rolled
            yield b"event: state\ndata: " + MISSING + b"\n\n"
            return
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
        verifying_of(request).start(runtime, subject.app, charge)


def _status_body(subject: PaySubject, now: datetime) -> bytes:
    return msgspec.json.encode({"state": subject.state(now), "version": version_of(subject)})


def _back(request: Request, **query: str) -> Response:
    """To the page itself, in the language that was chosen on it."""
    wishes = wishes_of(request)
    if wishes.chosen:
        query["lang"] = wishes.language
    address = wishes.path + (f"?{urlencode(query)}" if query else "")
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def _page(view: PayView, status: int = 200) -> Response:
    body = page("pay.html", view.language, view=view)
    return Response(body, status, headers=page_headers(view.language))
