"""What came of an attempt, and whether and when to make another."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from payment_service_client.call import Call
from payment_service_client.errors import KINDS, PaymentServiceError, Refused, UnexpectedAnswer

GATEWAYS = (502, 504)
"""What stands between says that the service did not answer it."""


class Patience(msgspec.Struct, frozen=True):
    """`total_seconds` bound a call with all its attempts, `attempt_seconds` each of them."""

    total_seconds: float = 30.0
    attempt_seconds: float = 10.0
    attempts: int = 6
    first_wait: float = 0.25
    longest_wait: float = 8.0


class Answer(msgspec.Struct, frozen=True):
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Course:
    """One call on its way. `clock` gives seconds that only rise."""

    def __init__(self, call: Call[Any], patience: Patience, clock: Callable[[], float]) -> None:
        self._patience = patience
        self._clock = clock
        self._made = 0
        self._ends = clock() + patience.total_seconds + call.waits
        self._each = patience.attempt_seconds + call.waits

    def seconds(self) -> float:
        """For the attempt that begins now."""
        self._made += 1
        return max(0.001, min(self._each, self._ends - self._clock()))

    def wait_after(self, error: PaymentServiceError) -> float | None:
        """Seconds until the next attempt, or None when this was the last."""
        if isinstance(error, Refused) and not _may_pass(error):
            return None
        if isinstance(error, UnexpectedAnswer) and error.status not in GATEWAYS:
            return None
        if self._made >= self._patience.attempts:
            return None
        backoff = min(self._patience.longest_wait, self._patience.first_wait * 2**self._made)
        jitter = random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
        wait = backoff * jitter
        if isinstance(error, Refused) and error.retry_after is not None:
            # Never sooner than asked, and not all who were told the same at the same moment.
            wait = error.retry_after + min(1.0, wait)
        return wait if self._clock() + wait < self._ends else None


def read(call: Call[Any], answer: Answer) -> Any:
    """What was asked for. Raises Refused or UnexpectedAnswer."""
    if not 200 <= answer.status < 300:
        raise refusal(answer)
    if call.answer is None:
        return None
    try:
        return msgspec.json.decode(answer.body, type=call.answer)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnexpectedAnswer(
            f"the answer to {call.method} {call.path} is not understood: {_reason(error)}; is this "
            "library as new as the service?",
            status=answer.status,
        ) from None


def refusal(answer: Answer) -> PaymentServiceError:
    """The refusal that the answer tells of; what no service would say is an unexpected answer."""
    try:
        told = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        told = {}
    code, detail = told.pop("code", None), told.pop("detail", "")
    if not isinstance(code, str) or not isinstance(detail, str):
        return UnexpectedAnswer(
            f"{answer.status} without an explanation; is this the service's address?",
            status=answer.status,
        )
    members = {name: it for name, it in told.items() if name not in ("type", "title", "status")}
    return KINDS.get(answer.status, Refused)(
        answer.status,
        code,
        detail,
        members=members,
        request_id=answer.headers.get("request-id"),
        retry_after=seconds_of(answer.headers.get("retry-after")),
    )


def seconds_of(retry_after: str | None) -> float | None:
    """Whole seconds, or a date."""
    if retry_after is None:
        return None
    if retry_after.isdecimal() and len(retry_after) < 10:
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None


def _may_pass(error: Refused) -> bool:
    """Whether the same request may succeed later: nothing was done so far."""
    return error.status in (429, 503) or error.code == "idempotency_key_in_use"


def _reason(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)
