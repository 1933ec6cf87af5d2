"""A log that a flood cannot fill: of each thing, one line a minute."""

import structlog

from payment_service.kit.allowance import Allowance
from payment_service.kit.clock import monotonic

EVERY = 60.0
"""Seconds."""


class SparingLog:
    """What is left out was told of in the minute before."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()
        self._told = Allowance()

    def tell(self, event: str, whose: str, **fields: object) -> bool:
        """`whose` doing it is: one flood must not hide another. Whether it was not left out."""
        told = self._told.take(f"{event} {whose}", monotonic(), rate=1 / EVERY, most=1).is_taken
        if told:
            self._log.warning(event, **fields)
        return told
