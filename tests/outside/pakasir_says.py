"""Answers of Pakasir, as the documents of both versions show them, and ways to bend them."""

from typing import Any

from aiohttp import web

from payment_service.outside.simulator.codes import payload

KEY = "kunci-yang-tidak-boleh-bocor"
QR = payload("sim_01m82hkc9r8q41m62rp25s2wse", 100_003)
CREATED: dict[str, Any] = {
    "txn_id": "vwiqpcriq",
    "project": "toko",
    "order_id": "chg_1",
    "amount": 99_000,
    "fee": 1_003,
    "total_payment": 100_003,
    "payment_method": "qris",
    "qr_string": QR,
    "va_number": "",
    "expired_at": "2026-09-19T01:18:49.678622564Z",
    "is_sandbox": False,
    "status": "pending",
    "completed_at": None,
}
TOLD: dict[str, Any] = {
    "txn_id": "vwiqpcriq",
    "order_id": "chg_1",
    "amount": 99_000,
    "is_sandbox": False,
    "status": "completed",
    "completed_at": "2026-09-19T08:10:07.819+07:00",
}
V1_CREATED: dict[str, Any] = {
    "project": "toko",
    "order_id": "chg_1",
    "amount": 99_000,
    "fee": 1_003,
    "total_payment": 100_003,
    "payment_method": "qris",
    "payment_number": QR,
    "expired_at": "2026-09-19T01:18:49.678622564Z",
}
V1_TOLD: dict[str, Any] = {
    "amount": 99_000,
    "order_id": "chg_1",
    "project": "toko",
    "status": "completed",
    "payment_method": "qris",
    "completed_at": "2026-09-19T08:10:07.819+07:00",
}


def without(answer: dict[str, Any], *names: str, **changed: Any) -> web.Response:
    left = {name: value for name, value in answer.items() if name not in names} | changed
    return web.json_response(left)


def wrapped(name: str, answer: dict[str, Any], *missing: str, **changed: Any) -> web.Response:
    """The same, as version 1 wraps it."""
    left = {field: value for field, value in answer.items() if field not in missing} | changed
    return web.json_response({name: left})
