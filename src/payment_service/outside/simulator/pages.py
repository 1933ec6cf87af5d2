"""The hosted payment page with its button, for the simulator's server and for test apps."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from payment_service.kit import qris
from payment_service.kit.database import Database
from payment_service.kit.money import Language, rupiah
from payment_service.outside.simulator.codes import SimulatedCode, by_reference, complete
from payment_service.outside.simulator.words import WORDS, hour, language_of

SHEET = Path(__file__).parent / "static" / "hosted.css"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
MARKS = {  # inside the ring: a tick, two hands, a slash
    "completed": "M14 25l7 7 13-15",
    "expired": "M24 13v12l8 5",
    "canceled": "M10 38L38 10",
}

_templates = Environment(
    loader=PackageLoader("payment_service.outside.simulator"),
    autoescape=True,
    undefined=StrictUndefined,
)


def hosted_path(reference: str) -> str:
    """Where the page of a transaction is, below the server's own address."""
    return f"/pay-v2/{reference}"


async def project_itself(project: str) -> str:
    return project


class WayBack(NamedTuple):
    """Where the app wants the payer to go on."""

    url: str
    host: str

    @property
    def query(self) -> str:
        return "?" + urlencode({"redirect": self.url})


def way_back(redirect: str) -> WayBack | None:
    """None unless it is a web address; the payer is shown a link to it and never sent there."""
    try:
        parts = urlsplit(redirect)
        host = parts.hostname
    except ValueError:
        return None
    # A browser reads a backslash as a slash, and would go to another host than the one shown.
    if parts.scheme not in ("http", "https") or not host or "\\" in redirect:
        return None
    return WayBack(redirect, host)


def hosted_pages(
    db: Database,
    now_for: Callable[[str], Awaitable[datetime]],
    on_paid: Callable[[str], Awaitable[None]],
    seller_of: Callable[[str], Awaitable[str]] = project_itself,
    *,
    with_way_back: bool = False,
) -> list[Route]:
    """The page, its button and its sheet. They know only the transactions in `simulated_codes`.

    `now_for` tells what the clock shows that a transaction lives by.
    `on_paid` is given the reference after the transaction is committed as completed, again for
    each further press. What it does must be bounded: the payer waits for it. `seller_of` gives
    the name to show for a project. With `with_way_back` the address in `redirect` is linked to.
    """

    def back_of(request: Request) -> WayBack | None:
        return way_back(request.query_params.get("redirect", "")) if with_way_back else None

    async def show(request: Request) -> Response:
        now = await now_for(request.path_params["reference"])
        code = await db.read(by_reference, request.path_params["reference"], now)
        language = language_of(request.headers.get("accept-language", ""))
        seller = await seller_of(code.project) if code is not None else ""
        return page(code, seller, now, language, back=back_of(request))

    async def pay(request: Request) -> Response:
        reference: str = request.path_params["reference"]
        now = await now_for(reference)
        code = await db.read(by_reference, reference, now)
        if code is not None and stage(code, now) == "pending":
            code = await db.write(complete, reference, now)
        if code is not None and code.status == "completed":
            await on_paid(reference)
        back = back_of(request)
        # Relative, so that it also holds behind a proxy that adds a path.
        there = f"../{reference}{back.query if back else ''}"
        return RedirectResponse(there, status_code=303, headers=HEADERS)

    async def sheet(_: Request) -> Response:
        return FileResponse(SHEET, media_type="text/css")

    return [
        Route("/pay-v2/hosted.css", sheet),
        Route("/pay-v2/{reference}", show),
        Route("/pay-v2/{reference}/paid", pay, methods=["POST"]),
    ]


def stage(code: SimulatedCode, now: datetime) -> str:
    """What the payer may do: a code past its minutes is pending still, and cannot be scanned."""
    return "expired" if code.status == "pending" and now >= code.expires_at else code.status


def page(
    code: SimulatedCode | None,
    seller: str,
    now: datetime,
    language: Language,
    *,
    pages_at: str = "",
    back: WayBack | None = None,
) -> HTMLResponse:
    """`pages_at` leads from the address of the request to where sheet and button are."""
    words = WORDS[language]
    if code is None:
        html = _templates.get_template("hosted.html").render(
            language=language, words=words, stage="unknown", code=None, pages_at=pages_at
        )
        return HTMLResponse(html, status_code=404, headers=HEADERS)
    total = rupiah(code.total_payment)
    html = _templates.get_template("hosted.html").render(
        language=language,
        words=words,
        stage=stage(code, now),
        marks=MARKS,
        code=code,
        seller=seller,
        total=total,
        amount=rupiah(code.amount),
        fee=rupiah(code.total_payment - code.amount),
        until=hour(code.expires_at, language),
        receiver=qris.parse(code.qr_string).merchant,
        pages_at=pages_at,
        back=back,
        picture=picture(code.qr_string, f"{words['qr']} {total}"),
    )
    return HTMLResponse(html, headers=HEADERS)


def picture(payload: str, title: str) -> Markup:
    """The code as inline SVG with its quiet zone of four modules, as big as its place."""
    code = segno.make(payload, error="l", boost_error=False, micro=False)
    drawing = code.svg_inline(
        omitsize=True, border=4, title=title, svgclass="code", lineclass=None, dark="#141a2b"
    )
    return Markup(drawing)  # nosec B704  # noqa: S704 - drawn by segno, which escapes the title
