"""Check where webhooks are to go; what may not be reached is refused, and stands in the log."""

import re

import structlog

from payment_service.kit.errors import Invalid
from payment_service.model.app import Mode
from payment_service.outside.addresses import Targets, check_url

log = structlog.get_logger()

LONGEST = 2000


def check_endpoint_url(url: str, mode: Mode, targets: Targets) -> None:
    """Raises Invalid with a sentence that says what to do."""
    if len(url) > LONGEST:
        raise Invalid("url_not_allowed", f"A URL takes at most {LONGEST} characters.")
    try:
        check_url(url, targets, names_only=mode == "live")
    except Invalid as refusal:
        log.warning("webhook_refused", url=shown(url), reason=refusal.detail)
        raise


def shown(url: str) -> str:
    """As logs may show it: without credentials, and without a query that may hold a secret."""
    bare = re.sub(r"//[^/?#]*@", "//…@", url.partition("?")[0].partition("#")[0])
    return bare[:200]
