"""What a call, a webhook or an access pass can be refused with. No message holds a secret."""

from typing import Any


class PaymentServiceError(Exception):
    """Whatever this library raises, but for a wrong argument (ValueError, TypeError)."""


class Unreachable(PaymentServiceError):
    """No answer came in time. `may_have_happened` says whether the request may have been carried
    out all the same: ask again under the same `idempotency_key`, which is safe."""

    def __init__(
        self, message: str, *, may_have_happened: bool, idempotency_key: str | None = None
    ) -> None:
        super().__init__(message + (_repeat(idempotency_key) if may_have_happened else ""))
        self.may_have_happened = may_have_happened
        self.idempotency_key = idempotency_key


class Unsure(PaymentServiceError):
    """The service failed at it (5xx), or answered that it cannot say yet. A write may have been
    carried out all the same: ask again under the same `idempotency_key`, which is safe.

    `code` is None where no service of ours answered.
    """

    def __init__(
        self,
        status: int,
        code: str | None,
        detail: str,
        *,
        request_id: str | None = None,
        retry_after: float | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        said = f"{status} {code}: {detail}" if code else f"{status}: {detail}"
        named = f" (request {request_id})" if request_id else ""
        super().__init__(f"{said}{named}{_repeat(idempotency_key)}")
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id
        self.retry_after = retry_after
        self.idempotency_key = idempotency_key

    @property
    def may_have_happened(self) -> bool:
        return self.idempotency_key is not None


class UnexpectedAnswer(PaymentServiceError):
    """An answer that the service does not give: something else answers at this address."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class Refused(PaymentServiceError):
    """The service refused, and changed nothing.

    `code` is stable and for programs, `detail` a sentence that says what to do, `members` whatever
    else the answer says: an `id`, a `limit`, the `errors` of each field.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        members: dict[str, Any] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        named = f" (request {request_id})" if request_id else ""
        super().__init__(f"{status} {code}: {detail}{named}")
        self.status = status
        self.code = code
        self.detail = detail
        self.members = members or {}
        self.request_id = request_id
        self.retry_after = retry_after


class Unauthorized(Refused):
    """401: the API key is missing, unknown, revoked or expired."""


class Forbidden(Refused):
    """403: the key may not do this."""


class NotFound(Refused):
    """404: there is none in this app."""


class Conflict(Refused):
    """409: its state does not allow it."""


class Invalid(Refused):
    """422: what was sent cannot be accepted as it is."""


class TooManyRequests(Refused):
    """429: too many at once; `retry_after` says for how many seconds to wait."""


class Unavailable(Refused):
    """503: not now, and nothing was done."""


class InvalidWebhook(PaymentServiceError):
    """Not signed by the service, too old, or no message. Answer 401."""


class InvalidPass(PaymentServiceError):
    """Not a pass that is good here and now."""


class ExpiredPass(InvalidPass):
    """It was good once; get a fresh one."""


class UnknownKey(InvalidPass):
    """No key of this name is published by the issuer."""


def _repeat(idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return ""
    return f" It may have been done all the same: repeat it under the key {idempotency_key}"


KINDS: dict[int, type[Refused]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyRequests,
    503: Unavailable,
}
