"""The blocking face: `Client`, and `PassVerifier`."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from payment_service_client.call import Call
from payment_service_client.connection import MOST_BYTES, checked_origin, connection
from payment_service_client.errors import PaymentServiceError, Unreachable
from payment_service_client.groups import (
    Charges,
    Customers,
    Deliveries,
    Events,
    Invoices,
    Keys,
    Payments,
    Plans,
    Subscriptions,
    TestApps,
    TheApp,
    WebhookEndpoints,
)
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
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Client:
    """Speaks to the service with one key. Keep one for your process: it holds connections, and may
    be used by several threads."""

    def __init__(
        self,
        api_key: str,
        base_url: str,
        *,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Raises ValueError for a key or an address that cannot be right."""
        self._at = connection(api_key, base_url)
        self._patience = patience or Patience()
        # No proxy from the environment gets to see the key of a plain http call.
        self._http = httpx.Client(transport=transport, trust_env=not self._at.is_local)
        self.plans = Plans(self)
        self.customers = Customers(self)
        self.subscriptions = Subscriptions(self)
        self.invoices = Invoices(self)
        self.charges = Charges(self)
        self.payments = Payments(self)
        self.app = TheApp(self)
        self.keys = Keys(self)
        self.webhook_endpoints = WebhookEndpoints(self)
        self.deliveries = Deliveries(self)
        self.test = TestApps(self)
        self.events = Events(self)

    def send(self, call: Call[T], /, stop: threading.Event | None = None) -> T:
        """Send a call until it is answered, or until no more attempts are wanted. Raises
        PaymentServiceError."""
        stop = stop or threading.Event()
        course = Course(call, self._patience, time.monotonic)
        while True:
            try:
                answer: T = read(call, self._attempt(call, course.seconds()))
            except PaymentServiceError as error:
                wait = course.wait_after(error)
                if wait is None or stop.wait(wait):
                    raise course.came_to(error) from None
            else:
                return answer

    def _attempt(self, call: Call[Any], seconds: float) -> Answer:
        ends = time.monotonic() + seconds
        url, headers = self._at.base_url + call.target, self._at.headers(call)
        try:
            with self._http.stream(
                call.method, url, headers=headers, content=call.body, timeout=seconds
            ) as response:
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    # A timeout of httpx is for each part; drop by drop an answer has no end.
                    if time.monotonic() > ends or len(body) > MOST_BYTES:
                        raise Unreachable("the answer has no end", may_have_happened=True)
                return Answer(response.status_code, response.headers, bytes(body))
        except httpx.RequestError as error:
            raise unreachable(error) from None

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._at})"


class PassVerifier:
    """Checks access passes of one app. It looks at the issuer's keys once an hour, or when it meets
    a key it does not know; for a machine that reaches nobody give `keys`, the JWK set's text."""

    def __init__(
        self,
        app: str,
        issuer: str,
        *,
        keys: str | bytes | None = None,
        now: Callable[[], datetime] = machine_time,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._app = app
        self._issuer = checked_origin(issuer)
        self._keys = None if keys is None else keys_of(keys)
        self._now = now
        self._cache = KeyCache(now)
        self._transport = transport

    def verify(self, token: str) -> AccessPass:
        """Raises InvalidPass."""
        if self._keys is not None:
            asked = {"app": self._app, "issuer": self._issuer}
            return verify_pass(token, self._keys, now=self._now(), **asked)
        if self._cache.wants(key_id_of(token)):
            self._cache.looks()
            document = self._fetch()
            if document is not None:
                self._cache.take(document)
        return self._cache.verify(token, app=self._app, issuer=self._issuer)

    def _fetch(self) -> bytes | None:
        """None when they cannot be had: those that are known go on for a while."""
        try:
            with httpx.Client(transport=self._transport, timeout=5, trust_env=False) as http:
                answer = http.get(self._issuer + KEYS_PATH)
        except httpx.RequestError:
            return None
        return key_document(answer)


def unreachable(error: httpx.RequestError) -> Unreachable:
    """Its words hold no header; the error itself, which holds the request, is left behind."""
    sent = not isinstance(error, NOT_SENT)
    return Unreachable(f"no answer: {type(error).__name__}", may_have_happened=sent)


def key_document(answer: httpx.Response) -> bytes | None:
    """Where it is one; what else answers there must not take the known keys away."""
    try:
        found = keys_of(answer.content) if answer.status_code == 200 else {}
    except ValueError:
        return None
    return answer.content if found else None
