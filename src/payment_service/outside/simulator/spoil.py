"""Spoil the answers of the API: the one place where a call meets the faults that are set."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from payment_service.outside.simulator.alter import alter
from payment_service.outside.simulator.api_call import Answered, ApiCall
from payment_service.outside.simulator.codes import payload
from payment_service.outside.simulator.faults import Call, Faults, Firing
from payment_service.outside.simulator.project import Project

PAGE = "<!doctype html><title>Error</title><h1>{}</h1>"


def spoiled(
    call: ApiCall, project: Project, faults: Faults
) -> Callable[[Request], Awaitable[Response]]:
    """This call with its faults."""

    async def answer(request: Request) -> Response:
        try:
            if not faults or call.kind is None:
                return JSONResponse(await call.answer(request))
            order_id = await call.order_of(request)
            return await spoiled_answer(request, call.kind, order_id)
        except Answered as refused:
            return refused.response

    async def spoiled_answer(request: Request, kind: Call, order_id: str) -> Response:
        if fault := faults.fires("too_many", kind, order_id):
            return too_many(fault)
        error = faults.fires("error", kind, order_id)
        if error and error.variant in ("502", "503"):
            return broken(error)
        said = await call.answer(request)
        if error:
            return broken(error)
        if kind == "create":
            await pay_before_the_answer(project, order_id, faults)
        alter(fields_of(said), kind, order_id, faults)
        body = body_of(said, kind, order_id, faults)
        if fault := faults.fires("slow", kind, order_id):
            await asyncio.sleep(fault.seconds)
        if fault := faults.fires("drip", kind, order_id):
            return dripping(body, fault.seconds)
        return Response(body, media_type="application/json")

    return answer


def too_many(fault: Firing) -> Response:
    after = {"Retry-After": f"{fault.seconds:.0f}"} if fault.variant == "with_retry_after" else None
    return JSONResponse({"message": "Terlalu banyak permintaan"}, 429, after)


def broken(fault: Firing) -> Response:
    """JSON from the gateway itself, a page from what stands before it."""
    if fault.variant == "500":
        return JSONResponse({"message": "Terjadi kesalahan"}, 500)
    return HTMLResponse(PAGE.format(fault.variant), int(fault.variant))


async def pay_before_the_answer(project: Project, order_id: str, faults: Faults) -> None:
    """The payer is quicker than the answer: the code is paid, and word of it is out."""
    code = await project.by_order(order_id)
    if code.status == "pending" and (
        fault := faults.fires("notice_before_answer", "create", order_id)
    ):
        await project.pay(code)
        # A sender that posts in the background gets this long.
        await asyncio.sleep(fault.seconds)


def fields_of(said: dict[str, Any]) -> dict[str, Any]:
    """The fields themselves, which version 1 wraps."""
    inner: dict[str, Any] = said.get("payment") or said.get("transaction") or said
    return inner


def body_of(said: dict[str, Any], kind: Call, order_id: str, faults: Faults) -> bytes:
    """The answer, or what is none."""
    among = {"truncated", "html", "array", "empty"}
    fields = fields_of(said)
    if "order_id" in fields:
        among.add("other_order")
    # A status over another amount is a kind of fault by itself: it parses, and needs a person.
    if kind == "create" and "amount" in fields:
        among.add("other_amount")
    fault = faults.fires("wrong_body", kind, order_id, among)
    if fault is None:
        return msgspec.json.encode(said)
    if fault.variant == "other_order":
        fields |= {"order_id": f"{order_id}-lain"}
        fields |= {"txn_id": "sim_lain"} if "txn_id" in fields else {}
    elif fault.variant == "other_amount":
        name = "qr_string" if "qr_string" in fields else "payment_number"
        total = int(fields["total_payment"]) + 1000
        fields |= {"amount": int(fields["amount"]) + 1000, "total_payment": total}
        fields[name] = payload("lain", total)
    body = msgspec.json.encode(said)
    return {
        "truncated": body[: len(body) // 2],
        "html": PAGE.format("200").encode(),
        "array": b"[" + body + b"]",
        "empty": b"",
    }.get(fault.variant, body)


def dripping(body: bytes, seconds: float) -> Response:
    """Byte after byte, in so many seconds altogether."""

    async def drops() -> AsyncIterator[bytes]:
        for byte in body:
            await asyncio.sleep(seconds / len(body))
            yield bytes([byte])

    return StreamingResponse(
        drops(), media_type="application/json", headers={"Content-Length": str(len(body))}
    )
