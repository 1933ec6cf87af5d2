"""What a way of telling the owner is: a name, and one message sent by it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec


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

    name: str
    """`webhook` and `mail` are those of the environment; others are named by their ids."""
    place: str
    """What may be shown of where it leads: addresses, a host."""

    async def send(self, message: AlertMessage) -> str | None:
        """None when it was accepted, else the reason in a word or two of ours, without secrets.

        Ends within 30 s, and never raises for what the other side does.
        """


MailTo = Callable[[str, tuple[str, ...]], AlertChannel]
"""A channel of this name that mails to these addresses, by the environment's server."""
