"""The ways in which a request can be refused. The web turns each kind into a status, once."""

from typing import ClassVar


class Refusal(Exception):
    """A request that is refused; nothing was changed.

    `code` is stable and for programs, `detail` is a sentence that says what to do,
    `members` are further fields of the answer (an id, a limit). The same request may succeed in
    `retry_after` seconds, where that is known.
    """

    kind: ClassVar[str] = "refused"

    def __init__(
        self, code: str, detail: str, *, retry_after: int | None = None, **members: object
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.members = members


class Invalid(Refusal):
    """What was sent cannot be accepted as it is."""

    kind = "invalid"


class Unsupported(Refusal):
    """What was sent is written in a way that is not read."""

    kind = "unsupported"


class Unauthorized(Refusal):
    """Nobody we know is asking."""

    kind = "unauthorized"


class Forbidden(Refusal):
    """Known, and not allowed to do this."""

    kind = "forbidden"


class NotFound(Refusal):
    """No such thing, or a thing of another app, which looks the same."""

    kind = "not_found"


class Conflict(Refusal):
    """The thing is in a state that does not allow this."""

    kind = "conflict"


class TooLarge(Refusal):
    """More was sent than is read of one request."""

    kind = "too_large"


class TooMany(Refusal):
    """More than this one may ask for, now or at once; others are not held up."""

    kind = "too_many"


class Unavailable(Refusal):
    """Cannot be done now; the same request may succeed in a moment."""

    kind = "unavailable"

    def __init__(
        self, code: str, detail: str, *, retry_after: int | None = 5, **members: object
    ) -> None:
        super().__init__(code, detail, retry_after=retry_after, **members)


class CannotStart(Exception):
    """The process cannot start or go on; the message is one line that says what to do."""


class UnusableSetting(CannotStart):
    """The message names it."""
