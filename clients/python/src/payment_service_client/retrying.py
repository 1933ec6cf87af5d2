"""What came of an attempt, and whether and when to make another."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from payment_service_client.call import Call
from payment_service_client.errors import (
    KINDS,
    PaymentServiceError,
    Refused,
    UnexpectedAnswer,
    Unreachable,
    Unsure,
)

UNDER_WAY = "idempotency_key_in_use"
MAY_BE_DONE = ("took_too_long", "internal_error")
LAST = 0.05
"""The part of the whole time that is kept for the last attempt."""


class Patience(msgspec.Struct, frozen=True):
    """`total_seconds` bound a call with all its attempts, `attempt_seconds` each of them,
    `attempts` their number, where it is given."""

    total_seconds: float = 30.0
    attempt_seconds: float = 10.0
    attempts: int | None = None
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
        self._call = call
        self._patience = patience
        self._clock = clock
        self._made = 0
        self._may_be_done = False
        self._ends = clock() + patience.total_seconds + call.waits
        self._each = patience.attempt_seconds + call.waits

    def seconds(self) -> float:
        """For the attempt that begins now."""
        self._made += 1
        if self._call.endless:
            return self._each
        return max(0.001, min(self._each, self._ends - self._clock()))

    def wait_after(self, error: PaymentServiceError) -> float | None:
        """Seconds until the next attempt, or None when this was the last."""
        self._may_be_done |= isinstance(error, Unreachable | Unsure) and error.may_have_happened
        if not _may_pass(error):
            return None
        longest, first = self._patience.longest_wait, self._patience.first_wait
        backoff: float = min(longest, first * 2 ** min(self._made, 30))
        wait = backoff * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
        asked = error.retry_after if isinstance(error, Refused | Unsure) else None
        if asked is not None:
            # Never sooner than asked, and not all who were told the same at the same moment.
            wait = asked + min(1.0, wait)
        if self._call.endless:
            return wait
        if self._made == self._patience.attempts:
            return None
        left = self._ends - self._clock()
        if asked is None:
            wait = min(wait, left - LAST * self._patience.total_seconds)
        return wait if 0 < wait < left else None

    def came_to(self, error: PaymentServiceError) -> PaymentServiceError:
        """What to tell of the whole call, whose last attempt ended so: an earlier one may have been
        carried out."""
        key = self._call.idempotency_key
        if key is None:
            return error
        if isinstance(error, Unreachable):
            return Unreachable(
                f"{error}.", may_have_happened=self._may_be_done, idempotency_key=key
            )
        if not isinstance(error, Refused) or not _may_pass(error):
            return error
        if error.code != UNDER_WAY and not self._may_be_done:
            return error
        return Unsure(
            error.status,
            error.code,
            error.detail,
            request_id=error.request_id,
            retry_after=error.retry_after,
            idempotency_key=key,
        )


def read(call: Call[Any], answer: Answer) -> Any:
    """What was asked for. Raises Refused, Unsure or UnexpectedAnswer."""
    if not 200 <= answer.status < 300:
        raise refusal(answer, call.idempotency_key)
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


def refusal(answer: Answer, idempotency_key: str | None) -> PaymentServiceError:
    """What the answer tells of; what no service would say is an unexpected answer."""
    try:
        told = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        told = {}
    code, detail = told.pop("code", None), told.pop("detail", "")
    is_told = isinstance(code, str) and isinstance(detail, str)
    request_id = answer.headers.get("request-id")
    retry_after = seconds_of(answer.headers.get("retry-after"))
    if answer.status >= 500 and (not is_told or code in MAY_BE_DONE):
        return Unsure(
            answer.status,
            code if is_told else None,
            detail if is_told else "No explanation, perhaps from what stands between.",
            request_id=request_id,
            retry_after=retry_after,
            idempotency_key=idempotency_key,
        )
    if not is_told:
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
        request_id=request_id,
        retry_after=retry_after,
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


def _may_pass(error: PaymentServiceError) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, Refused):
        return error.status in (429, 503) or error.code == UNDER_WAY
    return isinstance(error, Unreachable | Unsure)


def _reason(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)
