"""Version 2 of Pakasir's API, as its documents and its users describe it."""

from typing import Any, Literal

import msgspec
from starlette.requests import Request

from payment_service.outside.simulator.api_call import Answered, ApiCall
from payment_service.outside.simulator.codes import LARGEST, SimulatedCode, fee_of
from payment_service.outside.simulator.instants import in_utc
from payment_service.outside.simulator.pace import Pace
from payment_service.outside.simulator.pages import hosted_path
from payment_service.outside.simulator.project import Project

LARGEST_BY_LINK = 50_000_000
MOST = {"qris": LARGEST, "payment_link": LARGEST_BY_LINK}


class Asked(msgspec.Struct, frozen=True):
    """The body of create."""

    method: Literal["qris", "payment_link"]
    amount: int


def v2_calls(project: Project) -> list[ApiCall]:
    """The four calls of the API, and the one by which its sandbox page pays."""
    settings, clock = project.settings, project.clock
    pace = Pace(on=settings.limits)

    async def create(request: Request) -> dict[str, Any]:
        check_caller(request)
        take_turn(pace.wait_for_call("create", clock.now()))
        try:
            asked = msgspec.json.decode(await request.body(), type=Asked, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Answered(400, f"Permintaan tidak valid: {error}") from error
        code = await project.open(await order_in_path(request), asked.amount, MOST[asked.method])
        if asked.method == "payment_link":
            base = settings.base_url or str(request.base_url)
            link = base.rstrip("/") + hosted_path(code.reference)
            return {"txn_id": code.reference, "payment_link": link}
        return created(code)

    async def status(request: Request) -> dict[str, Any]:
        check_caller(request)
        code = await project.by_reference(request.path_params["txn_id"])
        take_turn(pace.wait_for_status(code.reference, clock.now()))
        return told(code)

    async def cancel(request: Request) -> dict[str, Any]:
        check_caller(request)
        take_turn(pace.wait_for_call("cancel", clock.now()))
        await project.cancel(await project.by_reference(request.path_params["txn_id"]))
        return {"message": "Transaksi dibatalkan"}

    async def fee(request: Request) -> dict[str, Any]:
        return {"qris": fee_of(request.path_params["amount"], settings.fee_rounding)}

    async def simulate(request: Request) -> dict[str, Any]:
        await project.simulate(await project.by_reference(request.path_params["txn_id"]))
        return {"success": True}

    def check_caller(request: Request) -> None:
        project.check_caller(request.path_params["slug"], request.headers.get("x-api-key", ""))

    async def order_in_path(request: Request) -> str:
        order_id: str = request.path_params["order_id"]
        return order_id

    async def order_of_transaction(request: Request) -> str:
        check_caller(request)
        return (await project.by_reference(request.path_params["txn_id"])).order_id

    one = "{slug}/{txn_id}"
    return [
        ApiCall(
            "POST",
            "/api/v2/create-transaction/{slug}/{order_id}",
            create,
            "create",
            order_in_path,
        ),
        ApiCall("GET", f"/api/v2/transaction-status/{one}", status, "status", order_of_transaction),
        ApiCall(
            "POST", f"/api/v2/cancel-transaction/{one}", cancel, "cancel", order_of_transaction
        ),
        ApiCall("GET", "/api/v2/payment-fee/{amount:int}", fee),
        ApiCall("POST", "/api/transactions/{txn_id}/simulate", simulate),
    ]


def take_turn(wait: float) -> None:
    if wait > 0:
        raise Answered(429, "Terlalu banyak permintaan", wait)


def created(code: SimulatedCode) -> dict[str, Any]:
    """The answer to create, with every field of the documents."""
    return {
        "txn_id": code.reference,
        "project": code.project,
        "order_id": code.order_id,
        "amount": code.amount,
        "fee": code.fee,
        "total_payment": code.total_payment,
        "payment_method": "qris",
        "qr_string": code.qr_string,
        "va_number": "",
        "expired_at": in_utc(code.expires_at),
        "is_sandbox": code.is_sandbox,
        "status": code.status,
        "completed_at": in_utc(code.completed_at),
    }


def told(code: SimulatedCode) -> dict[str, Any]:
    """The answer to status, which is also the notice."""
    return {
        "txn_id": code.reference,
        "order_id": code.order_id,
        "amount": code.amount,
        "is_sandbox": code.is_sandbox,
        "status": code.status,
        "completed_at": in_utc(code.completed_at),
    }
