"""Alerts by webhook: one signed POST of JSON, whose `text` chat services show as it is."""

import msgspec
from yarl import URL

from payment_service.outside.alert_channel import AlertMessage
from payment_service.outside.webhook_client import WebhookClient, sign


class AlertWebhook:
    """Posts to one address; `client` checks where it leads and keeps the deadline of 15 s."""

    def __init__(
        self, client: WebhookClient, url: str, secret: str | None, *, name: str = "webhook"
    ) -> None:
        self.name = name
        self.place = URL(url).host or ""
        self._client = client
        self._url = url
        self._secrets = [] if secret is None else [secret]

    async def send(self, message: AlertMessage) -> str | None:
        body = msgspec.json.encode(
            {
                "type": message.type,
                "timestamp": message.at,
                "data": {"alerts": message.alerts},
                "text": f"{message.subject}\n\n{message.text}",
            }
        )
        headers = sign(self._secrets, message.id, message.at, body)
        if not self._secrets:
            del headers["webhook-signature"]
        answer = await self._client.post(self._url, headers, body)
        return None if answer.delivered else answer.error or f"status {answer.status}"
