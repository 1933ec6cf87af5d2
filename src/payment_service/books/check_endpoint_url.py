"""Check where webhooks are to go; what may not be reached is refused, and stands in the log."""

import re
from urllib.parse import urlsplit

import structlog

from payment_service.kit.errors import Invalid
from payment_service.model.app import Mode
from payment_service.outside.addresses import Targets, check_url

log = structlog.get_logger()

LONGEST = 2000


def check_endpoint_url(url: str, mode: Mode, targets: Targets, **known: str) -> None:
    """Raises Invalid with a sentence that says what to do. The log names what is known of whose
    it is: the app, the endpoint."""
    if len(url) > LONGEST:
        raise Invalid("url_not_allowed", f"A URL takes at most {LONGEST} characters.")
    try:
        check_url(url, targets, names_only=mode == "live")
    except Invalid as refusal:
        log.warning("webhook_refused", url=shown(url), reason=refusal.detail, **known)
        raise


def same_place(url: str, other: str) -> bool:
    """Whether both lead to one place, however host and port are written."""
    return _place(url) == _place(other)


def _place(url: str) -> tuple[object, ...]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, parts.path or "/", parts.query


def shown(url: str) -> str:
    """As logs may show it: without credentials, and without a query that may hold a secret."""
    bare = re.sub(r"//[^/?#]*@", "//…@", url.partition("?")[0].partition("#")[0])
    return bare[:200]
