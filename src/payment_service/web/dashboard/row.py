"""A row of the dashboard's table: one address, who may ask for it, and what answers."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from starlette.responses import Response

from payment_service.model.admin import Role
from payment_service.web.dashboard.ask import Ask

Handler = Callable[[Ask], Awaitable[Response]]


class Guard(NamedTuple):
    """One address. `role` is the least that may ask, None lets in who is not signed in. `step_up`
    asks for a factor given in the last five minutes. `page` shows the form that is sent here:
    there a refusal is told, and there a draft waits."""

    method: Literal["GET", "POST"]
    path: str
    role: Role | None
    handler: Handler
    step_up: bool = False
    page: Handler | None = None
