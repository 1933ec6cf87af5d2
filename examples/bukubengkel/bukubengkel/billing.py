"""Payment Service, as this app calls it: plans, a subscription, the code of an invoice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import aiohttp

LONGEST_ANSWER = 1_000_000


class Refused(Exception):
    """The service said no (RFC 9457): `code` is for programs, `detail` a sentence."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class Unreachable(Exception):
    """No answer, or none that can be read. The same request may be sent again."""


@dataclass(frozen=True)
class Plan:
    """`price` in rupiah for `months` months."""

    code: str
    name: str
    price: int
    months: int


@dataclass(frozen=True)
class OpenInvoice:
    """`total` in rupiah, `due_on` a local date."""

    id: str
    number: str
    total: int
    pay_url: str
    due_on: date | None


@dataclass(frozen=True)
class Subscription:
    """`paid_through` and `grace_until` are the last local days that count; `body` is the
    JSON text it was read from."""

    id: str
    reference: str
    status: str
    access: bool
    seq: int
    reason: str | None
    paid_through: date | None
    grace_until: date | None
    pay_url: str
    open_invoice: OpenInvoice | None
    body: str


@dataclass(frozen=True)
class Code:
    """A QRIS code of an invoice. The payer is debited `total` = `amount` + `fee` rupiah;
    `expires_at` is a UTC instant."""

    invoice: str
    number: str
    qr_string: str
    amount: int
    fee: int
    total: int
    expires_at: datetime
    pay_url: str


class Billing:
    """Every call raises Refused or Unreachable."""

    def __init__(self, service_url: str, api_key: str, return_url: str | None) -> None:
        self._url = service_url
        self._return_url = return_url
        self._http = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=aiohttp.ClientTimeout(total=10),
            # Shorter than the 5 s after which servers commonly hang up: a POST sent into a
            # connection that is just being closed fails, and is not repeated by itself.
            connector=aiohttp.TCPConnector(keepalive_timeout=3),
        )

    async def close(self) -> None:
        await self._http.close()

    async def plans(self) -> list[Plan]:
        answer = await self._ask("GET", "/v1/plans?limit=100")
        try:
            return [
                Plan(str(plan["code"]), str(plan["name"]), int(plan["price"]), int(plan["months"]))
                for plan in answer["data"]
            ]
        except (KeyError, TypeError, ValueError) as problem:
            raise Unreachable(f"unreadable plans: {problem!r}") from problem

    async def subscribe(self, reference: str, name: str, plan: str, key: str) -> Subscription:
        """Sent again with the same `key`, it gives the same subscription and no second one."""
        wish: dict[str, Any] = {"customer": {"reference": reference, "name": name}, "plan": plan}
        if self._return_url is not None:
            wish["return_url"] = self._return_url
        answer = await self._ask("POST", "/v1/subscriptions", wish, {"Idempotency-Key": key})
        return _readable_subscription(answer)

    async def subscription(self, subscription_id: str) -> Subscription:
        return _readable_subscription(
            await self._ask("GET", f"/v1/subscriptions/{subscription_id}")
        )

    async def code(self, invoice: OpenInvoice) -> Code | None:
        """None when nothing is left to pay: the customer's credit covered the invoice.

        It needs no idempotency key: the service hands out the one open code of an invoice.
        """
        answer = await self._ask("POST", f"/v1/invoices/{invoice.id}/qris")
        if not answer.get("qr_string"):
            return None
        try:
            return Code(
                invoice=invoice.id,
                number=invoice.number,
                qr_string=str(answer["qr_string"]),
                amount=int(answer["amount"]),
                fee=int(answer["fee"]),
                total=int(answer["total"]),
                expires_at=_instant(answer["expires_at"]),
                pay_url=invoice.pay_url,
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise Unreachable(f"unreadable code: {problem!r}") from problem

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            async with self._http.request(
                method, self._url + path, json=body, headers=headers, allow_redirects=False
            ) as response:
                status, raw = response.status, await _read(response)
        except (TimeoutError, aiohttp.ClientError) as problem:
            raise Unreachable(f"{method} {path}: {problem!r}") from problem
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        if status in (200, 201) and isinstance(answer, dict):
            return answer
        if 400 <= status < 500 and isinstance(answer, dict):
            code, detail = str(answer.get("code")), str(answer.get("detail"))
            raise Refused(status, code, detail)
        raise Unreachable(f"{method} {path} was answered {status}")


def parse_subscription(data: Any) -> Subscription:
    """From the object that answers and webhooks share. Raises KeyError, TypeError, ValueError."""
    if not isinstance(data["access"], bool):
        raise TypeError("access is not true or false")
    invoice = data.get("open_invoice")
    return Subscription(
        id=str(data["id"]),
        reference=str(data["customer"]["reference"]),
        status=str(data["status"]),
        access=data["access"],
        seq=int(data["seq"]),
        reason=data.get("reason"),
        paid_through=_day(data.get("paid_through")),
        grace_until=_day(data.get("grace_until")),
        pay_url=str(data["pay_url"]),
        open_invoice=_open_invoice(invoice) if invoice else None,
        body=json.dumps(data),
    )


def _readable_subscription(answer: Mapping[str, Any]) -> Subscription:
    try:
        return parse_subscription(answer)
    except (KeyError, TypeError, ValueError) as problem:
        raise Unreachable(f"unreadable subscription: {problem!r}") from problem


def _open_invoice(data: Mapping[str, Any]) -> OpenInvoice:
    return OpenInvoice(
        id=str(data["id"]),
        number=str(data["number"]),
        total=int(data["total"]),
        pay_url=str(data["pay_url"]),
        due_on=_day(data.get("due_on")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a zone: {text}")
    return instant


async def _read(response: aiohttp.ClientResponse) -> bytes:
    raw = b""
    async for chunk in response.content.iter_chunked(65_536):
        raw += chunk
        if len(raw) > LONGEST_ANSWER:
            raise aiohttp.ClientPayloadError("the answer is too long")
    return raw
