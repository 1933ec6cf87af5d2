"""Calls to a gateway's API: one deadline each, and every way to fail told as a GatewayError."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from urllib.parse import quote, quote_plus

import aiohttp
import msgspec
from yarl import URL

from payment_service.kit.clock import Clock, monotonic
from payment_service.kit.errors import Invalid
from payment_service.kit.metrics import Count
from payment_service.outside.addresses import AddressNotAllowed, check_url
from payment_service.outside.call_limit import CallLimit
from payment_service.outside.call_pace import Kind, Said
from payment_service.outside.gateway import GatewayError
from payment_service.outside.session import CONNECT_SECONDS, GuardedSession, read_at_most
from payment_service.outside.session import retry_after as seconds_to_wait

READ_BYTES = 64 * 1024
TURN_SHARE = 0.8
"""How much of its time a call may wait for its turn; the rest is for the gateway."""
NO_SUCH_ORDER = re.compile(
    r"\b(transaksi|transaction|order)\b.*(tidak ditemukan|tidak ada|not found|unknown)",
    re.IGNORECASE,
)
T = TypeVar("T")
CALLS = Count(
    "gateway_calls_total",
    "Calls to gateways: answered, or unreachable, busy, refused, unknown_order or nonsense.",
    "outcome",
)


class NoAnswer(GatewayError):
    """The call may have been heard, and nobody knows what became of it."""

    def __init__(self, message: str) -> None:
        super().__init__("unreachable", message, retry=True)


@dataclass(frozen=True)
class Call:
    """One request. Any part of it may hold the key, so that none of them shows."""

    method: str = field(repr=False)
    path: str = field(repr=False)
    """Quoted, with its query."""
    body: object = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    paced: Kind = "other"


class Answer(NamedTuple):
    """What came back, its body cut at READ_BYTES."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class GatewayCalls:
    """Calls below one origin. `secret` never shows in an error, nor do the URLs of calls."""

    def __init__(
        self,
        session: GuardedSession,
        clock: Clock,
        origin: str,
        *,
        secret: str,
        limit: CallLimit | None,
    ) -> None:
        self._session = session
        self._clock = clock
        self._origin = origin.rstrip("/")
        self._limit = limit
        forms = {form for form in (secret, quote(secret), quote(secret, safe="")) if form}
        forms |= {quote_plus(secret)} - {""}
        longest_first = sorted(forms, key=len, reverse=True)
        # Quoted bytes may be spelled with small letters.
        self._secret = (
            re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if forms else None
        )

    async def ask(self, call: Call, kind: type[T], ends: float, share: float = 1) -> T:
        """The JSON of a 2xx answer as a `kind`. Raises GatewayError.

        `ends` is the monotonic instant at which it gives up, `share` how much of the time that is
        left after its turn has come the gateway may use.
        """
        return self._decoded(await self.send(call, ends, share), kind)

    async def send(self, call: Call, ends: float, share: float = 1) -> bytes:
        """The same without looking into the body."""
        answer = await self._answer(call, ends, share)
        if isinstance(answer, GatewayError):
            CALLS.add(answer.fault)
            # Raised here, where no other error is being handled: aiohttp's know the URL, and in
            # version 1 of Pakasir's API that one holds the key.
            raise answer
        if 200 <= answer.status < 300:
            CALLS.add("answered")
            return answer.body
        refusal = self._refusal(answer)
        CALLS.add(refusal.fault)
        raise refusal

    async def _answer(self, call: Call, ends: float, share: float) -> Answer | GatewayError:
        try:
            origin = check_url(self._origin, self._session.targets).origin()
        except Invalid as wrong:
            return GatewayError("refused", wrong.detail, retry=False)
        turn = None
        if self._limit is not None:
            turn = await self._limit.enter(call.paced, (ends - monotonic()) * TURN_SHARE)
        said: Said = "nothing"
        try:
            async with asyncio.timeout((ends - monotonic()) * share):
                answer = await self._request(call, URL(f"{origin}{call.path}", encoded=True))
            if answer.status == 429:
                said = "too_much"
            elif answer.status < 500:
                said = "well"
            return answer
        except TimeoutError:
            return NoAnswer("the gateway did not answer in time")
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, AddressNotAllowed):
                message = "the gateway's name leads to an address that is not allowed"
                return GatewayError("refused", message, retry=False)
            return GatewayError("unreachable", "no connection", retry=True)
        except (aiohttp.ClientError, OSError) as error:
            return NoAnswer(f"the connection broke ({type(error).__name__})")
        except ValueError:  # a line break in the key, for one
            return GatewayError("refused", "the call cannot be written down", retry=False)
        finally:
            if self._limit is not None and turn is not None:
                self._limit.leave(turn, said)

    async def _request(self, call: Call, url: URL) -> Answer:
        headers = {**call.headers, "Accept": "application/json"}
        data = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            data = msgspec.json.encode(call.body)
        async with self._session.get().request(
            call.method,
            url,
            data=data,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
        ) as response:
            body = await read_at_most(response, READ_BYTES)
            return Answer(response.status, response.headers, body)

    def _decoded(self, body: bytes, kind: type[T]) -> T:
        decoded = decode(body, kind)
        if isinstance(decoded, Unfit):
            # A captive portal or a maintenance page: gone at the next call, perhaps.
            message = "the gateway's answer is not what was agreed"
            raise GatewayError("nonsense", message, retry=True)
        return decoded

    def _said(self, body: bytes) -> str:
        """The gateway's own words, short and without the secret."""
        told = decode(body, dict[str, object])
        message = "" if isinstance(told, Unfit) else told.get("message", "")
        said = message if isinstance(message, str) else ""
        return (self._secret.sub("***", said) if self._secret else said)[:200]

    def _refusal(self, answer: Answer) -> GatewayError:
        status, said = answer.status, self._said(answer.body)
        text = f"the gateway answered {status}" + (f": {said}" if said else "")
        wait = seconds_to_wait(answer.headers, self._clock.now())
        if status in (425, 429):
            return GatewayError("busy", text, retry=True, retry_after=wait)
        if status in (401, 403):
            return GatewayError("refused", text, retry=False)
        if NO_SUCH_ORDER.search(said) or (status == 404 and "proyek" not in said.lower()):
            return GatewayError("unknown_order", text, retry=False)
        if status == 408 or status >= 500:
            return GatewayError("unreachable", text, retry=True, retry_after=wait)
        if status >= 400:
            return GatewayError("refused", text, retry=False)
        return GatewayError("nonsense", text, retry=False)


class Unfit:
    """What `decode` gives for a body that is not JSON of the kind that was asked for."""


def decode(body: bytes, kind: type[T]) -> T | Unfit:
    """The body as a `kind`; never raises, so that no error holds the body either."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (ValueError, OverflowError, RecursionError):  # msgspec's own are ValueErrors
        return Unfit()
