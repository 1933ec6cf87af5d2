"""A call of the simulated API: where it stands, what it answers, which order it is about."""

import math
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse

from payment_service.outside.simulator.faults import Call


class Answered(Exception):
    """The call ends here, with this answer."""

    def __init__(self, status: int, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        headers = {"Retry-After": str(math.ceil(retry_after))} if retry_after else None
        self.response = JSONResponse({"message": message}, status, headers)


async def of_no_order(_: Request) -> str:
    return ""


class ApiCall(NamedTuple):
    """One route. What it answers becomes JSON; a refusal is raised as Answered."""

    method: str
    path: str
    answer: Callable[[Request], Awaitable[dict[str, Any]]]
    kind: Call | None = None
    """What faults know it as; None where nothing goes wrong."""
    order_of: Callable[[Request], Awaitable[str]] = of_no_order
    """The order id that it is about. May raise Answered."""
