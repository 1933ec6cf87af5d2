"""Pakasir, version 2 of its API: one project, every call bounded, every answer checked."""

from typing import Any

import msgspec

from payment_service.outside.call_pace import Kind
from payment_service.outside.gateway import CodeStatus, OpenedCode
from payment_service.outside.gateway_calls import Call
from payment_service.outside.pakasir_answers import Figure, link_at, opened, same, told
from payment_service.outside.pakasir_project import PakasirProject, quoted


class Created(msgspec.Struct, frozen=True):
    """The answer to create. The documents say `expired_at`, the live API sends `expires_at`."""

    txn_id: str
    order_id: str
    amount: Figure
    qr_string: str
    project: str | None = None
    fee: Figure = None
    total_payment: Figure = None
    expired_at: Any = None
    expires_at: Any = None
    is_sandbox: Any = None


class Linked(msgspec.Struct, frozen=True):
    """The answer to create with the method payment_link."""

    payment_link: str


class Told(msgspec.Struct, frozen=True):
    """The answer to status."""

    order_id: str
    amount: Figure
    status: str
    txn_id: str | None = None
    project: str | None = None
    is_sandbox: Any = None
    completed_at: Any = None


class PakasirGateway(PakasirProject):
    """The key goes into a header."""

    async def open(self, order_id: str, amount: int) -> OpenedCode:
        made = await self._find_or_create(self._create(order_id, "qris", amount), Created)
        same("project", made.project or self._project, self._project)
        same("order", made.order_id, order_id)
        return opened(
            order_id,
            amount,
            reference=made.txn_id,
            amount=made.amount,
            fee=made.fee,
            total=made.total_payment,
            qr_string=made.qr_string,
            ends=(made.expires_at, made.expired_at),
            sandbox=made.is_sandbox,
        )

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        reference = await self._transaction(order_id, reference, amount)
        said = await self._calls.ask(
            self._call("GET", "transaction-status", reference), Told, self._ends()
        )
        same("transaction", said.txn_id or reference, reference)
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
        reference = await self._transaction(order_id, reference, amount)
        await self._cancel(self._call("POST", "cancel-transaction", reference, paced="cancel"))

    async def payment_link(self, order_id: str, amount: int) -> str:
        self._check_link_amount(amount)
        made = await self._find_or_create(self._create(order_id, "payment_link", amount), Linked)
        return link_at(self._origin, made.payment_link)

    async def _transaction(self, order_id: str, reference: str, amount: int) -> str:
        """Its id, which a code made by version 1 has not been given: creating finds it."""
        if reference != order_id:
            return reference
        return (await self.open(order_id, amount)).reference

    def _create(self, order_id: str, method: str, amount: int) -> Call:
        body = {"method": method, "amount": amount}
        return self._call("POST", "create-transaction", order_id, body, "create")

    def _call(
        self, method: str, name: str, last: str, body: object = None, paced: Kind = "other"
    ) -> Call:
        path = f"/api/v2/{name}/{quoted(self._project)}/{quoted(last)}"
        return Call(method, path, body, {"X-Api-Key": self._api_key}, paced)
