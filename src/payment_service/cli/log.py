"""The log: one JSON object a line, on stderr."""

import logging
import sys
from typing import BinaryIO

import msgspec
import structlog
from structlog.typing import EventDict

from payment_service.kit.masking import masked
from payment_service.kit.metrics import Count

log = structlog.get_logger()

LOGGED = Count("log_events_total", "Lines of the log that warn, by their event.", "event")


def configure_log(least: int = logging.INFO, to: BinaryIO | None = None) -> None:
    """Before anything logs; `least` is the level from which it is said. What libraries warn of
    becomes a line as well."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _count,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.BytesLoggerFactory(to or sys.stderr.buffer),
        cache_logger_on_first_use=to is None,
    )
    logging.root.handlers[:] = [_Lines(logging.WARNING)]


class _Lines(logging.Handler):
    """What is logged in Python's own way, as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        log.warning(
            "library_warned",
            library=record.name,
            message=record.getMessage(),
            exc_info=record.exc_info,
        )


def leave_refusals_to_the_command() -> None:
    """For what an operator types: the command says in a sentence what the log would say again."""
    configure_log(logging.ERROR)


def _count(_: object, level: str, event: EventDict) -> EventDict:
    """What is worth an alarm has a name of ours, so the names are few."""
    if level in ("warning", "error", "critical"):
        LOGGED.add(str(event["event"]))
    return event


def _encode(event: object, **_: object) -> bytes:
    return masked(msgspec.json.encode(event, enc_hook=repr))
