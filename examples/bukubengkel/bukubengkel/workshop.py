"""The workshop itself, open while the subscription gives access."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bukubengkel.guard import field, read_form
from bukubengkel.pages import page
from bukubengkel.shop import shop_of, tenant_of
from bukubengkel.store import Job


async def show_workshop(request: Request) -> Response:
    shop, tenant = shop_of(request), tenant_of(request)
    subscription = shop.store.subscription_of(tenant)
    if subscription is None or not subscription.access:
        return page(request, "locked.html", {"subscription": subscription}, 402)
    jobs = shop.store.jobs_of(tenant)
    return page(request, "workshop.html", {"subscription": subscription, "jobs": jobs})


async def add_job(request: Request) -> Response:
    shop, tenant = shop_of(request), tenant_of(request)
    form = await read_form(request)
    subscription = shop.store.subscription_of(tenant)
    plate, task = field(form, "plate"), field(form, "task")
    if subscription and subscription.access and plate and task:
        shop.store.add_job(tenant, Job(plate, task, done=False))
    return RedirectResponse("/workshop", 303)
