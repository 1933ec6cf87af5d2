"""The pay page: the code on show, its pictures, and how the page learns that it is paid."""

from dataclasses import dataclass
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bukubengkel import qris
from bukubengkel.billing import Code, OpenInvoice, Subscription
from bukubengkel.guard import read_form
from bukubengkel.pages import page
from bukubengkel.shop import Shop, shop_of, tenant_of, visitor
from bukubengkel.store import Tenant


@dataclass(frozen=True)
class Standing:
    """Where a code stands; `seconds_left` until it runs out."""

    state: Literal["waiting", "run_out", "open"]
    seconds_left: int


async def show_code(request: Request) -> Response:
    """Shows what is stored and asks nobody: opening a link must not make a code."""
    shop, tenant = shop_of(request), tenant_of(request)
    code, subscription = shop.store.code_of(tenant), shop.store.subscription_of(tenant)
    if code is None or subscription is None:
        return RedirectResponse("/workshop", 303)
    standing = _standing(shop, code, subscription)
    if standing.state == "open":
        return page(request, "paid.html", {"subscription": subscription})
    values = {
        "code": code,
        "pending": subscription.status == "pending",
        "standing": standing,
        "receiver": qris.receiver(code.qr_string),
        "checked": "checked" in request.query_params,
    }
    return page(request, "pay.html", values)


async def tell_status(request: Request) -> Response:
    shop, tenant = shop_of(request), visitor(request)
    code = shop.store.code_of(tenant) if tenant else None
    subscription = shop.store.subscription_of(tenant) if tenant else None
    if code is None or subscription is None:
        return JSONResponse({"state": "none", "seconds_left": 0}, 404)
    standing = _standing(shop, code, subscription)
    return JSONResponse({"state": standing.state, "seconds_left": standing.seconds_left})


async def ask_for_code(request: Request) -> Response:
    shop, tenant = shop_of(request), tenant_of(request)
    await read_form(request)
    subscription = await _fresh_subscription(shop, tenant)
    if subscription is None or subscription.open_invoice is None:
        return RedirectResponse("/workshop", 303)
    await fetch_code(shop, tenant, subscription, subscription.open_invoice)
    return RedirectResponse("/pay", 303)


async def ask_whether_paid(request: Request) -> Response:
    """For the payer who does not want to wait for the webhook, or whose webhook got lost."""
    shop, tenant = shop_of(request), tenant_of(request)
    await read_form(request)
    await _fresh_subscription(shop, tenant)
    return RedirectResponse("/pay?checked", 303)


async def draw_svg(request: Request) -> Response:
    return Response(qris.svg(_shown_code(request).qr_string), media_type="image/svg+xml")


async def draw_png(request: Request) -> Response:
    code = _shown_code(request)
    name = "".join(letter for letter in code.number if letter.isascii() and letter.isalnum())
    return Response(
        qris.png(code.qr_string),
        media_type="image/png",
        headers={"Content-Disposition": f'attachment; filename="QRIS-{name}.png"'},
    )


async def fetch_code(
    shop: Shop, tenant: Tenant, subscription: Subscription, invoice: OpenInvoice
) -> None:
    code = await shop.billing.code(invoice)
    if code is not None:
        shop.store.keep_code(tenant, code)
        return
    # Credit paid the whole invoice while we asked: what holds now is in the subscription.
    shop.store.learn(await shop.billing.subscription(subscription.id))


async def _fresh_subscription(shop: Shop, tenant: Tenant) -> Subscription | None:
    known = shop.store.subscription_of(tenant)
    if known is None:
        return None
    shop.store.learn(await shop.billing.subscription(known.id))
    return shop.store.subscription_of(tenant)


def _shown_code(request: Request) -> Code:
    code = shop_of(request).store.code_of(tenant_of(request))
    if code is None:
        raise HTTPException(404, "no code is on show")
    return code


def _standing(shop: Shop, code: Code, subscription: Subscription) -> Standing:
    left = max(0, int((code.expires_at - shop.now()).total_seconds()))
    if subscription.access and not _still_owes(subscription, code):
        return Standing("open", left)
    return Standing("waiting" if left else "run_out", left)


def _still_owes(subscription: Subscription, code: Code) -> bool:
    # In a trial or in grace there is access although this very invoice waits for its money.
    return subscription.open_invoice is not None and subscription.open_invoice.id == code.invoice
