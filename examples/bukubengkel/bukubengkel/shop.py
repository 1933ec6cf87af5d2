"""What the handlers are given: settings, database, billing, clock; and who is asking."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from bukubengkel.billing import Billing
from bukubengkel.settings import Settings
from bukubengkel.store import Store, Tenant

COOKIE = "bukubengkel"
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Shop:
    """`now` tells a UTC instant."""

    settings: Settings
    store: Store
    billing: Billing
    now: Callable[[], datetime]


class SignedOut(Exception):
    """The page belongs to a workshop, and nobody is signed in."""


def shop_of(request: Request) -> Shop:
    shop: Shop = request.state.shop
    return shop


def visitor(request: Request) -> Tenant | None:
    token = request.cookies.get(COOKIE)
    return shop_of(request).store.tenant_of(token_hash(token)) if token else None


def tenant_of(request: Request) -> Tenant:
    """Raises SignedOut."""
    tenant = visitor(request)
    if tenant is None:
        raise SignedOut
    return tenant


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def remember(request: Request, response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=A_YEAR,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
