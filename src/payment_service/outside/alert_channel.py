"""What a way of telling the owner is: a name, and one message sent by it."""

from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

ChannelName = Literal["webhook", "mail"]


class AlertMessage(msgspec.Struct, frozen=True):
    """One message about one alert or many. It names no secret."""

    id: str
    type: Literal["alert.raised", "alert.test"]
    at: datetime
    subject: str
    """One line, in Indonesian."""
    text: str
    """Lines for people, in Indonesian and below it in English."""
    alerts: list[dict[str, Any]]
    """The same for programs."""


class AlertChannel(Protocol):
    """A way of telling the owner."""

    name: ChannelName

    async def send(self, message: AlertMessage) -> str | None:
        """None when it was accepted, else the reason in a word or two of ours, without secrets.

        Ends within 30 s, and never raises for what the other side does.
        """
