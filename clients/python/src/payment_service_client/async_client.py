"""The face that waits: `AsyncClient`, and `AsyncPassVerifier`."""

import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import httpx

from payment_service_client.async_groups import (
    AsyncCharges,
    AsyncCustomers,
    AsyncDeliveries,
    AsyncEvents,
    AsyncInvoices,
    AsyncKeys,
    AsyncPayments,
    AsyncPlans,
    AsyncSubscriptions,
    AsyncTestApps,
    AsyncTheApp,
    AsyncWebhookEndpoints,
)
from payment_service_client.call import Call
from payment_service_client.client import key_document, unreachable
from payment_service_client.connection import MOST_BYTES, checked_origin, connection
from payment_service_client.errors import PaymentServiceError, Unreachable
from payment_service_client.passes import (
    KEYS_PATH,
    AccessPass,
    KeyCache,
    key_id_of,
    keys_of,
    verify_pass,
)
from payment_service_client.retrying import Answer, Course, Patience, read
from payment_service_client.webhooks import machine_time

T = TypeVar("T")


class AsyncClient:
    """Speaks to the service with one key, on asyncio or trio. Keep one for your process."""

    def __init__(
        self,
        api_key: str,
        base_url: str,
        *,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Raises ValueError for a key or an address that cannot be right."""
        self._at = connection(api_key, base_url)
        self._patience = patience or Patience()
        # No proxy from the environment gets to see the key of a plain http call.
        self._http = httpx.AsyncClient(transport=transport, trust_env=not self._at.is_local)
        self.plans = AsyncPlans(self)
        self.customers = AsyncCustomers(self)
        self.subscriptions = AsyncSubscriptions(self)
        self.invoices = AsyncInvoices(self)
        self.charges = AsyncCharges(self)
        self.payments = AsyncPayments(self)
        self.app = AsyncTheApp(self)
        self.keys = AsyncKeys(self)
        self.webhook_endpoints = AsyncWebhookEndpoints(self)
        self.deliveries = AsyncDeliveries(self)
        self.test = AsyncTestApps(self)
        self.events = AsyncEvents(self)

    async def send(self, call: Call[T], /) -> T:
        """Send a call until it is answered. Raises PaymentServiceError."""
        course = Course(call, self._patience, time.monotonic)
        while True:
            try:
                answer: T = read(call, await self._attempt(call, course.seconds()))
            except PaymentServiceError as error:
                wait = course.wait_after(error)
                if wait is None:
                    raise course.came_to(error) from None
            else:
                return answer
            await anyio.sleep(wait)

    async def _attempt(self, call: Call[Any], seconds: float) -> Answer:
        url, headers = self._at.base_url + call.target, self._at.headers(call)
        try:
            with anyio.fail_after(seconds):
                async with self._http.stream(
                    call.method, url, headers=headers, content=call.body, timeout=seconds
                ) as response:
                    body = bytearray()
                    async for part in response.aiter_bytes():
                        body += part
                        if len(body) > MOST_BYTES:
                            raise Unreachable("the answer has no end", may_have_happened=True)
                    return Answer(response.status_code, response.headers, bytes(body))
        except TimeoutError:
            raise Unreachable("no answer: too slow", may_have_happened=True) from None
        except httpx.RequestError as error:
            raise unreachable(error) from None

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient({self._at})"


class AsyncPassVerifier:
    """Checks access passes of one app. It looks at the issuer's keys once an hour, or when it meets
    a key it does not know; for a machine that reaches nobody give `keys`, the JWK set's text."""

    def __init__(
        self,
        app: str,
        issuer: str,
        *,
        keys: str | bytes | None = None,
        now: Callable[[], datetime] = machine_time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._app = app
        self._issuer = checked_origin(issuer)
        self._keys = None if keys is None else keys_of(keys)
        self._now = now
        self._cache = KeyCache(now)
        self._transport = transport

    async def verify(self, token: str) -> AccessPass:
        """Raises InvalidPass."""
        if self._keys is not None:
            asked = {"app": self._app, "issuer": self._issuer}
            return verify_pass(token, self._keys, now=self._now(), **asked)
        if self._cache.wants(key_id_of(token)):
            self._cache.looks()
            document = await self._fetch()
            if document is not None:
                self._cache.take(document)
        return self._cache.verify(token, app=self._app, issuer=self._issuer)

    async def _fetch(self) -> bytes | None:
        """None when they cannot be had: those that are known go on for a while."""
        try:
            async with httpx.AsyncClient(
                transport=self._transport, timeout=5, trust_env=False
            ) as http:
                answer = await http.get(self._issuer + KEYS_PATH)
        except httpx.RequestError:
            return None
        return key_document(answer)
