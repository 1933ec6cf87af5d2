"""What may be connected to: the public internet over https, and the private targets listed."""

import re
import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from payment_service.kit.errors import Invalid

SETTING = "PAYMENT_SERVICE_PRIVATE_TARGETS"
Targets = frozenset[tuple[str, int]]
"""Host or address, and port; `localhost` stands there with both loopback addresses."""

Address = IPv4Address | IPv6Address

# `is_global` alone calls many of these public, and changes with the version of Python. Outside
# 2000::/3 no IPv6 address is a public host: that covers ::/96, NAT64, link and site local,
# unique local, multicast, SRv6.
DENIED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, reachable from every guest
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/3",
        "4000::/2",
        "8000::/1",
        "2001::/23",  # Teredo, ORCHID and others: addresses within addresses
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)

# A name whose last part is a number is read as an address by whoever resolves it: 127.1, 0x7f.1.
NAME = re.compile(
    r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-|[0-9]+$|0x[0-9a-f]*$)[a-z0-9_-]{1,63}(?<!-)"
)


class AddressNotAllowed(OSError):
    """The name led to an address that may not be connected to; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("the address is not allowed")


def parse_targets(setting: str) -> Targets:
    """`127.0.0.1:3000,localhost:3001,[::1]:80`. Raises ValueError with a sentence."""
    targets: set[tuple[str, int]] = set()
    for part in filter(None, (part.strip() for part in setting.split(","))):
        found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z._-]+)):([0-9]{1,5})", part)
        if found is None or not 1 <= int(found[3]) <= 65535:
            raise ValueError(
                f"{part!r} is not host:port; write for example "
                "127.0.0.1:3000,localhost:3001,[::1]:3002"
            )
        host, port = plain(found[1] or found[2]), int(found[3])
        targets.add((host, port))
        if host == "localhost":
            targets |= {("127.0.0.1", port), ("::1", port)}
    return frozenset(targets)


@lru_cache(maxsize=10_000)
def check_url(url: str, targets: Targets, *, names_only: bool = False) -> URL:
    """The URL, when it may be posted to. Raises Invalid with a sentence that says what to do.

    Where its name leads is checked on every connection; here only what the text shows. With
    `names_only` an address in the place of a name is refused, unless it is a listed target.
    """
    found = re.match(r"https?://([^/?]+)", url, re.IGNORECASE)
    if found is None or not all(letter.isprintable() and letter not in " \\" for letter in url):
        raise refused("This is not a web address; write it like https://example.com/webhook.")
    if "#" in url:
        raise refused("Leave out the # and what follows it; that is never sent.")
    if "@" in found[1]:
        raise refused("Leave user name and password out of the URL; the signature is the proof.")
    try:
        parsed = URL(url)
        host, port = plain(parsed.raw_host or ""), parsed.port or 0
    except ValueError:
        raise refused("This is not a URL; write it like https://example.com/webhook.") from None
    if (host, port) in targets:
        return parsed
    address = literal(host)
    if address is None and not NAME.fullmatch(host):
        raise refused("The host is no name; write the URL like https://example.com/webhook.")
    listing = f"or have the operator add {shown(host, port)} to {SETTING}."
    if host == "localhost" or host.endswith(".localhost") or denied(address):
        raise refused(f"This address is private. Use a public https URL, {listing}")
    if names_only and address is not None:
        raise refused(f"Use a name that has a certificate, not an address, {listing}")
    if parsed.scheme != "https":
        raise refused(f"Use https, {listing}")
    if port != 443 and port < 1024:
        raise refused(f"Use port 443 or one from 1024 up, {listing}")
    return parsed


def refused(detail: str) -> Invalid:
    return Invalid("url_not_allowed", detail)


def plain(host: str) -> str:
    """One spelling of a host: lower case, no final dot, addresses in their short form."""
    host = host.lower().removesuffix(".")
    address = literal(host)
    return host if address is None else str(address)


def shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def literal(host: str) -> Address | None:
    """The address, when the text is one; its scope (`%eth0`) does not count."""
    try:
        return unwrapped(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside ::ffff:0:0/96, which is what the socket would reach."""
    return getattr(address, "ipv4_mapped", None) or address


def denied(address: Address | None) -> bool:
    return address is not None and (
        not address.is_global or any(address in network for network in DENIED)
    )


def guarded_connector(
    targets: Targets, names: "ListedNames", *, keeps_alive: bool = True
) -> aiohttp.TCPConnector:
    """A connector that looks at the address of every socket before it connects.

    The name was resolved before, once, by whoever answers for it; the check is on the result, so
    an answer that changes between two questions gains nothing. Needs a running loop; closing it
    does not close `names`.
    """

    def open_socket(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, where = info
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise AddressNotAllowed
        address, port = literal(str(where[0])), int(where[1])
        listed = (str(address), port) in targets or (str(address), port) in names.addresses
        if address is None or (denied(address) and not listed):
            raise AddressNotAllowed
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        resolver=names,
        socket_factory=open_socket,
        limit=512,
        limit_per_host=0,
        force_close=not keeps_alive,
    )


class ListedNames(AbstractResolver):
    """Resolves, and remembers where the listed names led: their addresses may be private."""

    def __init__(self, targets: Targets, resolver: AbstractResolver) -> None:
        self._targets = targets
        self._resolver = resolver
        self._led_to: dict[tuple[str, int], frozenset[tuple[str, int]]] = {}
        self.addresses: frozenset[tuple[str, int]] = frozenset()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        name = (plain(host), port)
        if name in self._targets and name[0] != "localhost":
            self._led_to[name] = frozenset((plain(one["host"]), port) for one in found)
            self.addresses = frozenset().union(*self._led_to.values())
        return found

    async def close(self) -> None:
        await self._resolver.close()
