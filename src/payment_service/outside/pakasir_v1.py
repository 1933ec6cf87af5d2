"""Pakasir, version 1 of its API: credentials in body or query, answers wrapped, no own ids."""

from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from payment_service.outside.gateway import CodeStatus, OpenedCode
from payment_service.outside.gateway_calls import Call
from payment_service.outside.pakasir_answers import Figure, opened, same, told
from payment_service.outside.pakasir_project import PakasirProject, quoted


class Payment(msgspec.Struct, frozen=True):
    """What create made; `payment_number` is the QR string."""

    order_id: str
    amount: Figure
    payment_number: str
    project: str | None = None
    fee: Figure = None
    total_payment: Figure = None
    expired_at: Any = None
    expires_at: Any = None
    is_sandbox: Any = None


class Created(msgspec.Struct, frozen=True):
    payment: Payment


class Transaction(msgspec.Struct, frozen=True):
    """What detail knows."""

    order_id: str
    amount: Figure
    status: str
    project: str | None = None
    completed_at: Any = None
    is_sandbox: Any = None


class Detail(msgspec.Struct, frozen=True):
    transaction: Transaction


class PakasirV1Gateway(PakasirProject):
    """The reference of a transaction is its order id: this version gives no other."""

    async def open(self, order_id: str, amount: int) -> OpenedCode:
        call = Call(
            "POST", "/api/transactioncreate/qris", self._fields(order_id, amount), paced="create"
        )
        made = (await self._find_or_create(call, Created)).payment
        same("project", made.project or self._project, self._project)
        same("order", made.order_id, order_id)
        return opened(
            order_id,
            amount,
            reference=order_id,
            amount=made.amount,
            fee=made.fee,
            total=made.total_payment,
            qr_string=made.payment_number,
            ends=(made.expires_at, made.expired_at),
            sandbox=made.is_sandbox,
        )

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        # The documented call wants the key in the URL; nothing below shows a call's URL.
        query = urlencode(self._fields(order_id, amount), quote_via=quote, safe="")
        call = Call("GET", f"/api/transactiondetail?{query}")
        said = (await self._calls.ask(call, Detail, self._ends())).transaction
        same("project", said.project or self._project, self._project)
        same("order", said.order_id, order_id)
        return told(
            order_id,
            reference,
            amount=said.amount,
            status=said.status,
            completed_at=said.completed_at,
            sandbox=said.is_sandbox,
        )

    async def cancel(self, order_id: str, reference: str, amount: int) -> None:
        fields = self._fields(order_id, amount)
        await self._cancel(Call("POST", "/api/transactioncancel", fields, paced="cancel"))

    async def payment_link(self, order_id: str, amount: int) -> str:
        self._check_link_amount(amount)
        place = f"{self._origin}/pay/{quoted(self._project)}/{amount}"
        return f"{place}?order_id={quoted(order_id)}&qris_only=1"

    def _fields(self, order_id: str, amount: int) -> dict[str, str | int]:
        return {
            "project": self._project,
            "order_id": order_id,
            "amount": amount,
            "api_key": self._api_key,
        }
