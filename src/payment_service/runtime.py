"""Everything a running process holds, put together once and handed down."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from payment_service.kit.clock import Clock
from payment_service.kit.crypto import SecretBox
from payment_service.kit.database import Database
from payment_service.kit.machine import Machine
from payment_service.kit.passwords import Passwords
from payment_service.kit.single_flight import SingleFlight
from payment_service.model.app import App
from payment_service.model.trouble import Troubles
from payment_service.outside.addresses import Targets
from payment_service.outside.alert_channel import AlertChannel, MailTo
from payment_service.outside.gateway import Gateway
from payment_service.outside.session import GuardedSession
from payment_service.outside.webhook_client import WebhookClient
from payment_service.resources import Links

GatewayOf = Callable[[App], Gateway | None]
"""The gateway of an app, or None when none is set up."""


class Runtime(msgspec.Struct, frozen=True):
    """Actions take what they need from here; tests build one with their own clock and parties."""

    db: Database
    clock: Clock
    secrets: SecretBox
    gateway_of: GatewayOf
    webhooks: WebhookClient
    links: Links
    targets: Targets
    gateway_session: GuardedSession
    opening: SingleFlight = msgspec.field(default_factory=SingleFlight)
    """Calls for codes under way, by charge."""
    alert_channels: tuple[AlertChannel, ...] = ()
    """How the owner is told, by the environment; the database may hold more."""
    mail_to: MailTo | None = None
    """How mail goes to any address, where the environment names a server."""
    passwords: Passwords = msgspec.field(default_factory=Passwords)
    machine: Machine | None = None
    """What is watched besides the database; None in tests, whose clocks go as they please."""
    metrics_token: str | None = None
    """What opens `/metrics` to other machines."""
    troubles: Troubles = msgspec.field(default_factory=Troubles)

    async def close(self) -> None:
        """Finish the writes that were asked for and let go of all connections."""
        await self.webhooks.close()
        await self.gateway_session.close()
        self.passwords.close()
        await self.db.close()


def now_of(runtime: Runtime, app: App) -> datetime:
    """What the app's own clock shows now."""
    return app.at(runtime.clock.now())
