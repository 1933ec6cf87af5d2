"""The stylesheet of an app's colour and the picture of its logo, under addresses that never change
what they mean."""

import re
from base64 import b64decode

from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.logo import LOGO
from payment_service.web.access import runtime_of
from payment_service.web.pages.brand import LOGO_NAME, sheet
from payment_service.web.pages.render import STATIC_HEADERS


async def brand_sheet(request: Request) -> Response:
    """Of any colour: there is nothing in it but the address says it."""
    color = request.path_params["color"]
    if not re.fullmatch(r"[0-9a-f]{6}", color):
        raise _nothing()
    return Response(sheet(f"#{color}"), media_type="text/css", headers=STATIC_HEADERS)


async def brand_logo(request: Request) -> Response:
    """Whatever asks for it gets a picture and nothing that runs."""
    name = request.path_params["name"]
    if not LOGO_NAME.fullmatch(name):
        raise _nothing()
    picture = await runtime_of(request).db.read(_logo, name)
    if picture is None:
        raise _nothing()
    headers = {
        **STATIC_HEADERS,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(b64decode(picture), media_type="image/webp", headers=headers)


def _logo(tx: Transaction, name: str) -> str | None:
    return tx.one(LOGO, name=name)


def _nothing() -> NotFound:
    return NotFound("not_found", "There is nothing at this address.")
