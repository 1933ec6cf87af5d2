"""Make one attempt to deliver an event: sign it, send it, and tell of it."""

from datetime import datetime

import structlog

from payment_service.books.check_endpoint_url import shown
from payment_service.kit.metrics import Count
from payment_service.model.endpoint import Endpoint
from payment_service.model.sending import Outgoing
from payment_service.outside.webhook_client import Answer, sign
from payment_service.runtime import Runtime

log = structlog.get_logger()
DELIVERIES = Count(
    "deliveries_total",
    "Attempts to deliver: delivered, or refused (3xx, 4xx), failed (5xx), unreachable.",
    "outcome",
)


async def make_attempt(
    runtime: Runtime, endpoint: Endpoint, outgoing: Outgoing, at: datetime
) -> Answer:
    """With no transaction open. Whatever becomes of it is an answer."""
    try:
        answer = await _send(runtime, endpoint, outgoing, at)
    except Exception as error:
        # A fault of ours counts as an attempt too, or it would be made without end.
        log.error("delivery_broke", delivery=outgoing.id, exc_info=error)
        answer = Answer(None, "disconnected", 0, "", None)
    DELIVERIES.add(answer.kind)
    if not answer.delivered:
        _log_failure(outgoing, endpoint, answer)
    return answer


async def _send(runtime: Runtime, endpoint: Endpoint, outgoing: Outgoing, at: datetime) -> Answer:
    secrets = [runtime.secrets.open(endpoint.secret)]
    if endpoint.old_secret and endpoint.old_secret_until and at < endpoint.old_secret_until:
        secrets.append(runtime.secrets.open(endpoint.old_secret))
    body = outgoing.body.encode()
    headers = sign(secrets, outgoing.event_id, at, body)
    return await runtime.webhooks.post(endpoint.url, headers, body)


def _log_failure(outgoing: Outgoing, endpoint: Endpoint, answer: Answer) -> None:
    log.info("delivery_failed", delivery=outgoing.id, status=answer.status, error=answer.error)
    if answer.error == "address_not_allowed":
        log.warning(
            "webhook_refused",
            url=shown(endpoint.url),
            reason="a private address",
            app=endpoint.app_id,
            endpoint=endpoint.id,
            delivery=outgoing.id,
        )
