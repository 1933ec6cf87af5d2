"""Whether the process lives and can do its work."""

from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.clock import monotonic
from payment_service.kit.errors import Unavailable
from payment_service.kit.machine import MEGABYTE
from payment_service.kit.statements import Transaction
from payment_service.model.fact import FACT, PROBED_AT, RENEW_FACT
from payment_service.runtime import Runtime
from payment_service.web.access import runtime_of

HOLDS_SECONDS = 1.0


async def live(_: Request) -> Response:
    """Answers without the database."""
    return Response(b'{"status":"live"}', media_type="application/json")


async def ready(request: Request) -> Response:
    """Writes a row and reads it; not while the process is stopping, nor with too little room."""
    state = request.app.state
    if state.stopping.is_set():
        raise Unavailable("shutting_down", "The service is stopping; ask again in a moment.")
    await state.proof.renew(runtime_of(request))
    return Response(b'{"status":"ready"}', media_type="application/json")


class Proof:
    """That the database takes writes; it holds for a second, so that whoever asks all the time
    does not write all the time."""

    def __init__(self) -> None:
        self._holds_until = 0.0

    async def renew(self, runtime: Runtime) -> None:
        """Raises Unavailable with the reason."""
        room = None if runtime.machine is None else runtime.machine.free()
        if room is not None and runtime.machine is not None and room < runtime.machine.reserve:
            raise Unavailable(
                "disk_full", f"The database's disk has only {room // MEGABYTE} MB left; make room."
            )
        if monotonic() < self._holds_until:
            return
        written = await runtime.db.write(_probe, runtime.clock.now().isoformat())
        if await runtime.db.read(lambda tx: tx.one(FACT, name=PROBED_AT)) is None:
            raise Unavailable("not_ready", "The database does not keep what is written.")
        self._holds_until = monotonic() + HOLDS_SECONDS * written


def _probe(tx: Transaction, value: str) -> int:
    return tx.run(RENEW_FACT, name=PROBED_AT, value=value)
