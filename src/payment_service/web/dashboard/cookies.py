"""The cookies of the dashboard: each for this host alone, over TLS alone, out of scripts' reach.

Browsers take `localhost` for safe enough, so that `make demo` works without TLS.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

SESSION = "__Host-session"
ENTRANCE = "__Host-entrance"
LANGUAGE = "__Host-language"
SAID = "__Host-said"
A_YEAR = 365 * 24 * 60 * 60


def put(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Without `seconds` it goes with the browser's window; the server ends it sooner."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def take_away(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


class Said(msgspec.Struct, frozen=True):
    """What the next page tells: the name of a sentence in `said.html`, and what stands in it."""

    name: str
    about: dict[str, str]


def put_said(response: Response, said: Said) -> None:
    put(response, SAID, urlsafe_b64encode(msgspec.json.encode(said)).decode(), 60)


def said_in(request: Request) -> Said | None:
    """A cookie may hold anything."""
    try:
        return msgspec.json.decode(urlsafe_b64decode(request.cookies[SAID]), type=Said)
    except (KeyError, ValueError, msgspec.MsgspecError):
        return None
