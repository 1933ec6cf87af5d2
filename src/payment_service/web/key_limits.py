"""How much each key may ask for, and how often an address may come with a key that is none.

Counted by this process alone: two processes allow twice as much.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial
from ipaddress import IPv6Address, ip_address
from math import ceil

import structlog
from starlette.requests import Request

from payment_service.kit.allowance import Allowance, Standing
from payment_service.kit.clock import monotonic
from payment_service.kit.errors import Refusal, TooMany, Unauthorized
from payment_service.kit.sparing_log import SparingLog
from payment_service.model.app import App
from payment_service.model.key import ApiKey
from payment_service.web.visits import visit_of

log = structlog.get_logger()

BURST_SECONDS = 4
"""For so long a key may save up what it does not ask for."""
BAD_KEYS = 10
"""An address may show so many a minute."""
REMEMBERED = 10_000


class KeyLimits:
    """Requests of each key, bad keys of each address, and which keys were good."""

    def __init__(self, bad_keys: int = BAD_KEYS, *, clock: Callable[[], float] = monotonic) -> None:
        """`bad_keys` is how many an address may show a minute; `clock` gives seconds."""
        self._clock = clock
        self._bad_keys, self._bad_rate = bad_keys, bad_keys / 60
        self._asked = Allowance()
        self._bad = Allowance()
        self._under_way: Counter[str] = Counter()
        self._good: dict[str, None] = {}
        self._log = SparingLog()

    def enter(self, request: Request, app: App, key: ApiKey) -> None:
        """Count a request of this key until its answer has been given. Raises TooMany."""
        visit = visit_of(request.scope)
        rate = app.requests_per_second
        most, at_once = rate * BURST_SECONDS, max(1, rate * 4 // 5)
        asked = self._asked.take(key.id, self._clock(), rate=rate, most=most)
        visit.headers = _told(most, asked)
        if not asked.is_taken:
            self._log.tell("rate_limited", key.id, app=app.id, key=key.id)
            raise TooMany(
                "rate_limited",
                f"A key of this app may ask {rate} times a second; ask more slowly.",
                retry_after=ceil(asked.seconds),
                limit=rate,
            )
        if self._under_way[key.id] >= at_once:
            self._log.tell("too_many_at_once", key.id, app=app.id, key=key.id)
            raise TooMany(
                "too_many_at_once",
                f"A key of this app may have {at_once} requests under way; wait for their answers.",
                retry_after=1,
                limit=at_once,
            )
        self._under_way[key.id] += 1
        visit.leaves += (partial(self._leave, key.id),)

    def check_address(self, request: Request, key_hash: str) -> None:
        """Before a key is looked up. Keys that were good before pass from any address, so that one
        app with a wrong key does not lock out its neighbours. Raises TooMany."""
        if key_hash in self._good:
            return
        address = address_of(request)
        if self._bad.is_used_up(address, self._clock(), rate=self._bad_rate, most=self._bad_keys):
            raise self._too_many(address)

    def was_good(self, key_hash: str) -> None:
        if key_hash not in self._good:
            if len(self._good) >= REMEMBERED:
                self._good.clear()
            self._good[key_hash] = None

    def was_bad(self, request: Request, why: str, key: str, refusal: Unauthorized) -> Refusal:
        """What to answer. `key` is what may be seen of it."""
        address = address_of(request)
        shown = self._bad.take(address, self._clock(), rate=self._bad_rate, most=self._bad_keys)
        if not shown.is_taken:
            return self._too_many(address)
        log.warning("key_refused", why=why, key=key, address=address)
        return refusal

    def _too_many(self, address: str) -> TooMany:
        self._log.tell("too_many_bad_keys", address, address=address)
        return TooMany(
            "too_many_bad_keys",
            "Too many keys that are not valid came from this address; wait, and check the key.",
            retry_after=ceil(1 / self._bad_rate),
        )

    def _leave(self, key_id: str) -> None:
        self._under_way[key_id] -= 1
        if not self._under_way[key_id]:
            del self._under_way[key_id]


def address_of(request: Request) -> str:
    """Who asks: of IPv6 the network, of which each has as many addresses as it likes.

    Forwarded headers count only from trusted proxies; the server has seen to that.
    """
    return _network(request.client.host) if request.client is not None else "socket"


@lru_cache(1024)
def _network(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host[:100]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64)) + "/64"
    return str(address)


def _told(most: int, asked: Standing) -> tuple[tuple[bytes, bytes], ...]:
    """The standing, in the fields of the IETF's draft."""
    standing = f'"key";r={asked.left};t={ceil(asked.seconds)}'
    return (
        (b"ratelimit-policy", f'"key";q={most};w={BURST_SECONDS}'.encode()),
        (b"ratelimit", standing.encode()),
    )
