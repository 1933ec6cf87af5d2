"""The way in and out: landing page, sign up, sign out."""

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bukubengkel.guard import field, read_form
from bukubengkel.pages import page
from bukubengkel.shop import COOKIE, new_token, remember, shop_of, token_hash, visitor
from bukubengkel.store import Job, Tenant

FIRST_JOBS = [
    Job("L 5521 QB", "Ganti oli dan filter", done=True),
    Job("B 3410 TKX", "Servis rem depan", done=False),
    Job("D 2087 AFG", "Setel rantai, ganti busi", done=False),
]


async def show_landing(request: Request) -> Response:
    return page(request, "landing.html")


async def show_sign_up(request: Request) -> Response:
    if visitor(request):
        return RedirectResponse("/workshop", 303)
    return page(request, "sign_up.html", {"typed": {}, "wrong": set()})


async def sign_up(request: Request) -> Response:
    form = await read_form(request)
    workshop, owner = field(form, "workshop"), field(form, "owner")
    if workshop is None or owner is None:
        wrong = {name for name in ("workshop", "owner") if field(form, name) is None}
        return page(request, "sign_up.html", {"typed": form, "wrong": wrong}, 422)
    token = new_token()
    tenant = Tenant(f"tenant-{secrets.token_hex(8)}", workshop, owner)
    shop_of(request).store.sign_up(tenant, token_hash(token), FIRST_JOBS)
    response = RedirectResponse("/plans", 303)
    remember(request, response, token)
    return response


async def sign_out(request: Request) -> Response:
    await read_form(request)
    token = request.cookies.get(COOKIE)
    if token:
        shop_of(request).store.sign_out(token_hash(token))
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response
