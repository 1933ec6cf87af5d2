"""Version 2 of Pakasir's API, as its documents and its users describe it."""

import math
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from payment_service.kit.clock import Clock
from payment_service.kit.crypto import same
from payment_service.kit.database import Database
from payment_service.kit.errors import Conflict
from payment_service.outside.simulator.codes import (
    LARGEST,
    SMALLEST,
    SimulatedCode,
    by_reference,
    cancel,
    complete,
    fee_of,
    open_code,
)
from payment_service.outside.simulator.pace import Pace
from payment_service.outside.simulator.pages import hosted_path
from payment_service.outside.simulator.settings import SimulatorSettings

MOST = {"qris": LARGEST, "payment_link": 50_000_000}


class Asked(msgspec.Struct, frozen=True):
    """The body of create."""

    method: Literal["qris", "payment_link"]
    amount: int


class Answered(Exception):
    """The call ends here, with this answer."""

    def __init__(self, status: int, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        headers = {"Retry-After": str(math.ceil(retry_after))} if retry_after else None
        self.response = JSONResponse({"message": message}, status, headers)


def v2_routes(
    db: Database,
    clock: Clock,
    settings: SimulatorSettings,
    on_paid: Callable[[str], Awaitable[None]],
) -> list[Route]:
    """The four calls of the API, and the one by which its sandbox page pays."""
    pace = Pace(on=settings.limits)

    async def create(request: Request) -> Response:
        check_caller(request)
        take_turn(pace.wait_for_call("create", clock.now()))
        try:
            asked = msgspec.json.decode(await request.body(), type=Asked, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Answered(400, f"Permintaan tidak valid: {error}") from error
        if not SMALLEST <= asked.amount <= MOST[asked.method]:
            raise Answered(400, f"Nominal harus {SMALLEST} sampai {MOST[asked.method]}")
        try:
            code = await open_code(
                db,
                settings.project,
                request.path_params["order_id"],
                asked.amount,
                clock.now(),
                code_minutes=settings.code_minutes,
                is_sandbox=settings.sandbox,
            )
        except Conflict as conflict:
            raise Answered(409, "Order id sudah dipakai dengan nominal lain") from conflict
        if asked.method == "payment_link":
            base = settings.base_url or str(request.base_url)
            link = base.rstrip("/") + hosted_path(code.reference)
            return JSONResponse({"txn_id": code.reference, "payment_link": link})
        return JSONResponse(created(code))

    async def status(request: Request) -> Response:
        check_caller(request)
        code = mine(await db.read(by_reference, request.path_params["txn_id"], clock.now()))
        take_turn(pace.wait_for_status(code.reference, clock.now()))
        return JSONResponse(told(code))

    async def cancel_transaction(request: Request) -> Response:
        check_caller(request)
        take_turn(pace.wait_for_call("cancel", clock.now()))
        code = mine(await db.read(by_reference, request.path_params["txn_id"], clock.now()))
        after = mine(await db.write(cancel, code.reference, clock.now()))
        if after.status == "completed":
            raise Answered(400, "Transaksi sudah dibayar")
        return JSONResponse({"message": "Transaksi dibatalkan"})

    async def fee(request: Request) -> Response:
        return JSONResponse({"qris": fee_of(request.path_params["amount"])})

    async def simulate(request: Request) -> Response:
        if not settings.sandbox:
            raise Answered(403, "Proyek tidak dalam mode sandbox")
        code = mine(await db.read(by_reference, request.path_params["txn_id"], clock.now()))
        paid = mine(await db.write(complete, code.reference, clock.now()))
        if paid.status != "completed":
            raise Answered(400, "Transaksi sudah dibatalkan")
        await on_paid(paid.reference)
        return JSONResponse({"success": True})

    def check_caller(request: Request) -> None:
        if not same(request.headers.get("x-api-key", ""), settings.api_key):
            raise Answered(401, "Api key tidak valid")
        if request.path_params["slug"] != settings.project:
            raise Answered(404, "Proyek tidak ditemukan")

    def mine(code: SimulatedCode | None) -> SimulatedCode:
        if code is None or code.project != settings.project:
            raise Answered(404, "Transaksi tidak ditemukan")
        return code

    return [
        Route("/api/v2/create-transaction/{slug}/{order_id}", create, methods=["POST"]),
        Route("/api/v2/transaction-status/{slug}/{txn_id}", status),
        Route("/api/v2/cancel-transaction/{slug}/{txn_id}", cancel_transaction, methods=["POST"]),
        Route("/api/v2/payment-fee/{amount:int}", fee),
        Route("/api/transactions/{txn_id}/simulate", simulate, methods=["POST"]),
    ]


def take_turn(wait: float) -> None:
    if wait > 0:
        raise Answered(429, "Terlalu banyak permintaan", wait)


def created(code: SimulatedCode) -> dict[str, object]:
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
        "expired_at": rfc3339(code.expires_at),
        "is_sandbox": code.is_sandbox,
        "status": code.status,
        "completed_at": rfc3339(code.completed_at),
    }


def told(code: SimulatedCode) -> dict[str, object]:
    """The answer to status, which is also the notice."""
    return {
        "txn_id": code.reference,
        "order_id": code.order_id,
        "amount": code.amount,
        "is_sandbox": code.is_sandbox,
        "status": code.status,
        "completed_at": rfc3339(code.completed_at),
    }


def rfc3339(instant: datetime | None) -> str | None:
    """With nine digits and a Z, as Pakasir writes it."""
    return None if instant is None else f"{instant:%Y-%m-%dT%H:%M:%S.%f}000Z"
