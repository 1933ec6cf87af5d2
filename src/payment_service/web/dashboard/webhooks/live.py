"""The live half of the pages about webhooks: tells an open page when something has changed."""

from collections.abc import AsyncIterator

import msgspec
from starlette.responses import RedirectResponse, Response

from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.webhooks.asked import LONGEST, Asked, asked_in
from payment_service.web.dashboard.webhooks.listing import version_now
from payment_service.web.streams import STREAM_SECONDS, HeldStream, streams_of

LOOK_EVERY = 1.0


async def follow(ask: Ask) -> Response:
    """Server-sent events for a page with these filters, and perhaps one delivery open on it. The
    page then asks for itself again, as the role of its reader allows. Who opens this by hand is
    led to the list."""
    if "text/event-stream" not in ask.request.headers.get("accept", ""):
        return RedirectResponse(f"{PREFIX}/webhooks", 303)
    opened = ask.query.get("delivery", "")[:LONGEST] or None
    place = streams_of(ask.request).desk(ask.admin.id)
    return HeldStream(_changes(ask, asked_in(ask.query), opened), place)


async def _changes(ask: Ask, asked: Asked, opened: str | None) -> AsyncIterator[bytes]:
    streams, told = streams_of(ask.request), ""
    yield b"retry: 2000\n\n"
    for _ in range(int(STREAM_SECONDS / LOOK_EVERY)):
        version = await ask.read(version_now, asked, opened)
        if version != told:
            told = version
            yield b"event: state\ndata: " + msgspec.json.encode({"version": version}) + b"\n\n"
        if not await streams.pause(LOOK_EVERY):
            return
