"""Version 1 of Pakasir's API: credentials among the fields, answers wrapped, notices unsigned."""

from typing import Any

import msgspec
from starlette.requests import Request

from payment_service.outside.simulator.api_call import Answered, ApiCall
from payment_service.outside.simulator.codes import LARGEST, SimulatedCode
from payment_service.outside.simulator.instants import in_jakarta, in_utc
from payment_service.outside.simulator.project import Project


class Fields(msgspec.Struct, frozen=True):
    """What every call sends. The amount is part of an order's name here, in rupiah."""

    order_id: str
    amount: int
    project: str = ""
    api_key: str = ""


def v1_calls(project: Project) -> list[ApiCall]:
    """The four calls. No limits are known of them, so that they have none."""

    async def create(request: Request) -> dict[str, Any]:
        asked = await checked(request)
        return {"payment": created(await project.open(asked.order_id, asked.amount, LARGEST))}

    async def detail(request: Request) -> dict[str, Any]:
        return {"transaction": detailed(await asked_for(request))}

    async def cancel(request: Request) -> dict[str, Any]:
        await project.cancel(await asked_for(request))
        return {"success": True}

    async def simulate(request: Request) -> dict[str, Any]:
        await project.simulate(await asked_for(request))
        return {"success": True}

    async def checked(request: Request) -> Fields:
        asked = await fields(request)
        project.check_caller(asked.project, asked.api_key)
        return asked

    async def order_of(request: Request) -> str:
        return (await checked(request)).order_id

    async def asked_for(request: Request) -> SimulatedCode:
        asked = await checked(request)
        code = await project.by_order(asked.order_id)
        if code.amount != asked.amount:
            raise Answered(404, "Transaksi tidak ditemukan")
        return code

    return [
        ApiCall("POST", "/api/transactioncreate/qris", create, "create", order_of),
        ApiCall("GET", "/api/transactiondetail", detail, "status", order_of),
        ApiCall("POST", "/api/transactioncancel", cancel, "cancel", order_of),
        ApiCall("POST", "/api/paymentsimulation", simulate),
    ]


async def fields(request: Request) -> Fields:
    """From the query and the body, whatever the body calls itself."""
    try:
        body = msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
        return msgspec.convert({**request.query_params, **body}, Fields, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Answered(400, f"Permintaan tidak valid: {error}") from error


def created(code: SimulatedCode) -> dict[str, Any]:
    return {
        "project": code.project,
        "order_id": code.order_id,
        "amount": code.amount,
        "fee": code.fee,
        "total_payment": code.total_payment,
        "payment_method": "qris",
        "payment_number": code.qr_string,
        "expired_at": in_utc(code.expires_at),
    }


def detailed(code: SimulatedCode) -> dict[str, Any]:
    """It does not say whether the money is real."""
    return {
        "amount": code.amount,
        "order_id": code.order_id,
        "project": code.project,
        "status": code.status,
        "payment_method": "qris",
        "completed_at": in_jakarta(code.completed_at),
    }


def noticed(code: SimulatedCode) -> dict[str, Any]:
    """The notice."""
    return detailed(code) | ({"is_sandbox": True} if code.is_sandbox else {})
