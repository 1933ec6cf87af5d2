"""The admin call: `/admin/faults` sets faults, tells how often each fired, and clears them."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from payment_service.kit.crypto import same
from payment_service.outside.simulator.faults import KINDS, Fault, Faults


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST. A seed clears what was set, so that a play begins from a known place."""

    faults: list[Fault] = []
    seed: int | None = None


def fault_routes(faults: Faults, api_key: str) -> list[Route]:
    """POST, GET and DELETE. All want the project's key in `X-Api-Key`; all answer the same."""

    def guarded(deed: Callable[[Request], Awaitable[Response]]) -> Any:
        async def answer(request: Request) -> Response:
            if not same(request.headers.get("x-api-key", ""), api_key):
                return JSONResponse({"message": "X-Api-Key is not this project's"}, 401)
            return await deed(request)

        return answer

    async def tell(_: Request) -> Response:
        return JSONResponse(state_of(faults))

    async def add(request: Request) -> Response:
        try:
            wanted = msgspec.json.decode(await request.body(), type=Wanted)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return JSONResponse({"message": str(error), "kinds": msgspec.to_builtins(KINDS)}, 400)
        if wanted.seed is not None:
            faults.clear(wanted.seed)
        faults.add(*wanted.faults)
        return JSONResponse(state_of(faults))

    async def clear(_: Request) -> Response:
        faults.clear()
        return JSONResponse(state_of(faults))

    return [
        Route("/admin/faults", guarded(tell), methods=["GET"]),
        Route("/admin/faults", guarded(add), methods=["POST"]),
        Route("/admin/faults", guarded(clear), methods=["DELETE"]),
    ]


def state_of(faults: Faults) -> dict[str, Any]:
    """What is set, and what fired how often: in all, and for each order."""
    by_order: dict[str, dict[str, int]] = {}
    for (kind, order_id), count in faults.fired_by_order.items():
        by_order.setdefault(order_id, {})[kind] = count
    return {
        "seed": faults.seed,
        "faults": msgspec.to_builtins(faults.all),
        "fired": dict(faults.fired),
        "fired_by_order": by_order,
    }
