"""Where Payment Service brings its news."""

import json
import logging
from collections.abc import Mapping

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bukubengkel.billing import Subscription, parse_subscription
from bukubengkel.guard import read_body
from bukubengkel.shop import shop_of

LONGEST_BODY = 65_536
log = logging.getLogger("bukubengkel.webhooks")


async def hear_payment_service(request: Request) -> Response:
    """2xx only after the news is committed; anything else makes the service try again."""
    shop = shop_of(request)
    body = await read_body(request, LONGEST_BODY)
    if not _is_genuine(body, request.headers, shop.settings.webhook_secret):
        log.warning("a webhook with a bad signature was refused")
        return PlainTextResponse("bad signature", 401)
    try:
        news = json.loads(body)
        kind, subscription = news["type"], _subscription(news)
    except (KeyError, TypeError, ValueError) as problem:
        log.error("a genuine webhook cannot be read: %r", problem)
        return PlainTextResponse("unreadable", 400)
    changed = shop.store.hear(request.headers["webhook-id"], shop.now(), subscription)
    log.info("heard %s, %s", kind, "kept" if changed else "nothing to change")
    return Response(status_code=204)


def _is_genuine(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError, TypeError):
        # ValueError: a signature that is not base64, or a body that is not text.
        return False
    return True


def _subscription(news: Mapping[str, object]) -> Subscription | None:
    if str(news["type"]).startswith("subscription."):
        return parse_subscription(news["data"])
    return None
