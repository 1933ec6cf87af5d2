"""Pages of the dashboard on books of any size: asked for as a browser does, through the guard."""

from collections.abc import Awaitable, Callable

import httpx

from payment_service.actions.invite_admin import invite_admin
from payment_service.books.open_session import open_session
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.model.session import Visitor
from payment_service.runtime import Runtime
from payment_service.web.app import web_app
from payment_service.web.dashboard.cookies import SESSION

Draw = Callable[[str], Awaitable[bytes]]
VISITOR = Visitor("127.0.0.1", "bench", "req_bench")


async def drawer(runtime: Runtime) -> Draw:
    """What gives the bytes of a page to an owner who is signed in."""
    token = await runtime.db.write(_signed_in, runtime)
    app = web_app(runtime)
    browser = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://localhost",
        headers={"Cookie": f"{SESSION}={token}"},
    )

    async def draw(path: str) -> bytes:
        answer = await browser.get(path)
        if answer.status_code != httpx.codes.OK:
            raise LookupError(f"{path} answered {answer.status_code}")
        return answer.content

    return draw


def _signed_in(tx: Transaction, runtime: Runtime) -> str:
    now = runtime.clock.now()
    by = By("command line", "to be measured", now)
    admin, _ = invite_admin(tx, "Bench", f"bench.{now:%H%M%S%f}@example.com", "owner", by)
    return open_session(tx, admin.id, "passkey", VISITOR, now)
