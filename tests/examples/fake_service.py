"""The other party of BukuBengkel: as much of Payment Service's API as one tenant app meets."""

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

API_KEY = "psk_test_of_the_example"
WEBHOOK_SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSBleGFtcGxl" * 2
FEE = 1_003

PLANS = [
    {"id": "plan_1", "code": "bulanan", "name": "Bulanan", "price": 99_000, "months": 1},
    {"id": "plan_2", "code": "tahunan", "name": "Tahunan", "price": 990_000, "months": 12},
]


class FakeService:
    """Listens on `port` of loopback.

    `down` answers 503 to everything, `lifetime` is that of a code, `credit` leaves no code.
    """

    def __init__(self, now: Callable[[], datetime], port: int) -> None:
        self.now = now
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        # One BukuBengkel outlives many fakes: their ids must not meet in its database.
        self._run = secrets.token_hex(4)
        self.down = False
        self.credit = False
        self.lifetime = timedelta(minutes=15)
        self.plans: list[dict[str, Any]] = [{**plan, "currency": "IDR"} for plan in PLANS]
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.keys: dict[str, str] = {}

    async def start(self) -> None:
        app = web.Application(middlewares=[self._door])
        app.router.add_get("/v1/plans", self._list_plans)
        app.router.add_post("/v1/subscriptions", self._subscribe)
        app.router.add_get("/v1/subscriptions/{id}", self._show)
        app.router.add_post("/v1/invoices/{id}/qris", self._code)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    def subscription_of(self, name: str) -> dict[str, Any]:
        return next(s for s in self.subscriptions.values() if s["customer"]["name"] == name)

    def move(self, subscription: dict[str, Any], **changes: Any) -> None:
        """As after one subscription event: the changes, and a `seq` that is one higher."""
        subscription.update(changes, seq=subscription["seq"] + 1)

    def pay(self, subscription: dict[str, Any]) -> None:
        self.move(
            subscription, status="active", access=True, open_invoice=None, paid_through="2026-12-22"
        )

    def webhook(
        self,
        event_id: str,
        kind: str,
        data: dict[str, Any],
        secret: str = WEBHOOK_SECRET,
        at: datetime | None = None,
    ) -> tuple[str, dict[str, str]]:
        """Body and headers of a delivery, signed."""
        sent, event_id = at or self.now(), f"{self._run}-{event_id}"
        body = json.dumps({"type": kind, "timestamp": sent.isoformat(), "data": data})
        return body, {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": Webhook(secret).sign(event_id, sent, body),
        }

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        if self.down:
            return _problem(503, "unavailable")
        if request.headers.get("Authorization") != f"Bearer {API_KEY}":
            return _problem(401, "unauthorized")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _list_plans(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": self.plans, "has_more": False})

    async def _subscribe(self, request: web.Request) -> web.Response:
        wish, key = await request.json(), request.headers["Idempotency-Key"]
        if key in self.keys:
            return web.json_response(self.subscriptions[self.keys[key]], status=201)
        plan = next((plan for plan in self.plans if plan["code"] == wish["plan"]), None)
        if plan is None:
            return _problem(422, "plan_unknown")
        number = len(self.subscriptions) + 1
        subscription = self._pending(number, wish["customer"], plan)
        self.subscriptions[subscription["id"]] = subscription
        if plan["price"] == 0:
            self.move(subscription, status="active", access=True, open_invoice=None)
        self.keys[key] = subscription["id"]
        return web.json_response(subscription, status=201)

    def _pending(
        self, number: int, customer: dict[str, str], plan: dict[str, Any]
    ) -> dict[str, Any]:
        pay_url = f"{self.url}/pay/{number:032x}"
        return {
            "id": f"sub_{self._run}_{number:04d}",
            "status": "pending",
            "access": False,
            "seq": 1,
            "reason": None,
            "paid_through": None,
            "grace_until": None,
            "customer": customer,
            "plan": plan["code"],
            "pay_url": pay_url,
            "open_invoice": {
                "id": f"inv_{self._run}_{number:04d}",
                "number": f"BB-2026-{number:06d}",
                "total": plan["price"],
                "currency": "IDR",
                "due_on": "2026-11-25",
                "pay_url": pay_url,
            },
        }

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self.subscriptions[request.match_info["id"]])

    async def _code(self, request: web.Request) -> web.Response:
        owing = next(
            (
                subscription
                for subscription in self.subscriptions.values()
                if (subscription["open_invoice"] or {}).get("id") == request.match_info["id"]
            ),
            None,
        )
        if owing is None:
            return _problem(409, "invoice_not_open")
        if self.credit:
            self.pay(owing)
            return web.json_response({"qr_string": None, "amount": 0, "fee": 0, "total": 0})
        amount = owing["open_invoice"]["total"]
        answer = {
            "qr_string": qris_text(amount + FEE),
            "amount": amount,
            "fee": FEE,
            "total": amount + FEE,
            "expires_at": (self.now() + self.lifetime).isoformat(),
            "qr_svg_url": f"{owing['pay_url']}/qr.svg",
            "qr_png_url": f"{owing['pay_url']}/qr.png",
        }
        return web.json_response(answer)


def qris_text(amount: int) -> str:
    """As long and as dense as a real one; its checksum is made up."""
    merchant = _tlv("00", "ID.CO.QRIS.WWW") + _tlv("02", "ID0000000000000") + _tlv("03", "UMI")
    return (
        _tlv("00", "01")
        + _tlv("01", "12")
        + _tlv("51", merchant)
        + _tlv("52", "7399")
        + _tlv("53", "360")
        + _tlv("54", str(amount))
        + _tlv("58", "ID")
        + _tlv("59", "TEST JANGAN DIBAYAR")
        + _tlv("60", "JAKARTA")
        + _tlv("61", "10110")
        + _tlv("62", _tlv("01", "chg_01J9Z3K7Q4W8X2"))
        + _tlv("63", "ABCD")
    )


def _tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def _problem(status: int, code: str) -> web.Response:
    body = {"type": "about:blank", "status": status, "code": code, "detail": f"<b>{code}</b>"}
    return web.json_response(body, status=status, content_type="application/problem+json")
