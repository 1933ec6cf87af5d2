"""Open the channels by which the owner is told: those of the environment, then those of the
database."""

from collections.abc import Sequence

from payment_service.model.channel import Channel
from payment_service.outside.alert_channel import AlertChannel
from payment_service.outside.alert_webhook import AlertWebhook
from payment_service.runtime import Runtime


def open_channels(runtime: Runtime, kept: Sequence[Channel]) -> tuple[AlertChannel, ...]:
    """Mail waits for the environment to name a server: without one it is passed over."""
    opened = (_open(runtime, one) for one in kept)
    return (*runtime.alert_channels, *(one for one in opened if one is not None))


def _open(runtime: Runtime, channel: Channel) -> AlertChannel | None:
    target = runtime.secrets.open(channel.target)
    if channel.kind == "mail":
        return runtime.mail_to and runtime.mail_to(channel.id, (target,))
    secret = None if channel.secret is None else runtime.secrets.open(channel.secret)
    return AlertWebhook(runtime.webhooks, target, secret, name=channel.id)
