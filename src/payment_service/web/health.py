"""Whether the process lives and can do its work."""

from sqlalchemy import literal, select
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.errors import Unavailable
from payment_service.kit.statements import Transaction, value
from payment_service.web.access import runtime_of

ONE = value(select(literal(1)), int)


async def live(_: Request) -> Response:
    """Answers without the database."""
    return Response(b'{"status":"live"}', media_type="application/json")


async def ready(request: Request) -> Response:
    """Reads and takes an empty turn in the queue of writes; not while the process is stopping."""
    if request.app.state.stopping.is_set():
        raise Unavailable("shutting_down", "The service is stopping; ask again in a moment.")
    db = runtime_of(request).db
    if await db.read(_one) != 1 or await db.write(_one) != 1:
        raise Unavailable("not_ready", "The database does not answer.")
    return Response(b'{"status":"ready"}', media_type="application/json")


def _one(tx: Transaction) -> int | None:
    return tx.one(ONE)
