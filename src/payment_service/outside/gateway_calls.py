"""Calls to a gateway's API: one deadline each, and every way to fail told as a GatewayError."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from payment_service.kit.clock import Clock
from payment_service.kit.errors import Invalid
from payment_service.outside.addresses import AddressNotAllowed, check_url
from payment_service.outside.call_limit import CallLimit
from payment_service.outside.gateway import GatewayError
from payment_service.outside.session import CONNECT_SECONDS, GuardedSession, read_at_most
from payment_service.outside.session import retry_after as seconds_to_wait

READ_BYTES = 64 * 1024
T = TypeVar("T")


class NoAnswer(GatewayError):
    """The call may have been heard, and nobody knows what became of it."""

    def __init__(self, message: str) -> None:
        super().__init__("unreachable", message, retry=True)


class GatewayCalls:
    """Calls below one origin, with the same headers. `secret` never shows in an error."""

    def __init__(
        self,
        session: GuardedSession,
        clock: Clock,
        origin: str,
        headers: Mapping[str, str],
        *,
        secret: str,
        limit: CallLimit,
    ) -> None:
        self._session = session
        self._clock = clock
        self._origin = origin.rstrip("/")
        self._headers = headers
        self._secret = secret
        self._limit = limit

    async def ask(
        self, method: str, path: str, kind: type[T], seconds: float, body: object = None
    ) -> T:
        """The JSON answer as a `kind`. `path` is already quoted. Raises GatewayError."""
        try:
            url = check_url(self._origin, self._session.targets)
        except Invalid as wrong:
            raise GatewayError("refused", wrong.detail, retry=False) from wrong
        try:
            async with asyncio.timeout(seconds), self._limit:
                status, headers, text = await self._send(
                    method, URL(f"{url.origin()}{path}", encoded=True), body
                )
        except TimeoutError as error:
            raise NoAnswer("the gateway did not answer in time") from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, AddressNotAllowed):
                message = "the gateway's name leads to an address that is not allowed"
                raise GatewayError("refused", message, retry=False) from error
            raise GatewayError("unreachable", "no connection", retry=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswer(f"the connection broke ({type(error).__name__})") from error
        if 200 <= status < 300:
            return self._decoded(text, kind)
        raise self._refusal(status, headers, self._said(text))

    async def _send(
        self, method: str, url: URL, body: object
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {**self._headers, "Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = msgspec.json.encode(body)
        async with self._session.get().request(
            method,
            url,
            data=data,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
        ) as response:
            text = await read_at_most(response, READ_BYTES)
        if response.status == 429:
            self._limit.slow_down()
        elif response.status < 500:
            self._limit.went_well()
        return response.status, response.headers, text

    def _decoded(self, text: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(text, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            # A captive portal or a maintenance page: gone at the next call, perhaps.
            raise GatewayError(
                "nonsense", "the gateway's answer is not what was agreed", retry=True
            ) from error

    def _said(self, text: bytes) -> str:
        """The gateway's own words, short and without the secret."""
        try:
            message = msgspec.json.decode(text, type=dict[str, object]).get("message", "")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ""
        said = message if isinstance(message, str) else ""
        return said.replace(self._secret, "***")[:200] if self._secret else said[:200]

    def _refusal(self, status: int, headers: Mapping[str, str], said: str) -> GatewayError:
        text = f"the gateway answered {status}" + (f": {said}" if said else "")
        if status == 429:
            wait = seconds_to_wait(headers, self._clock.now())
            return GatewayError("busy", text, retry=True, retry_after=wait)
        if status >= 500:
            return GatewayError("unreachable", text, retry=True)
        if status == 404 and "proyek" not in said.lower():
            return GatewayError("unknown_order", text, retry=False)
        if status >= 400:
            return GatewayError("refused", text, retry=False)
        return GatewayError("nonsense", text, retry=False)
