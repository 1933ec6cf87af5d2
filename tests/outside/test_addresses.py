"""What may be connected to: by its text, and by the address that a socket would reach."""

from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network

import aiohttp
import pytest
from AntiSSRF import IPAddressRanges

from payment_service.kit.errors import Invalid
from payment_service.outside.addresses import DENIED, check_url, denied, parse_targets
from payment_service.outside.session import GuardedSession
from tests.outside.parties import FixedResolver, Receiver

NOTHING = parse_targets("")
FOREIGN = [ip_network(network) for network in IPAddressRanges.recommended_latest]

LOOPBACKS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7F.1",
    "0x7f.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "0",
    "0.0.0.0",
    "127.0.0.1.",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
]


def ends(network: str) -> list[str]:
    addresses = ip_network(network)
    return [str(addresses[0]), str(addresses[addresses.num_addresses // 2]), str(addresses[-1])]


@pytest.fixture
async def session() -> AsyncIterator[GuardedSession]:
    one = GuardedSession(NOTHING)
    yield one
    await one.close()


async def reaches(session: GuardedSession, url: str) -> bool:
    try:
        async with session.get().get(url, timeout=aiohttp.ClientTimeout(total=3)):
            return True
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False


@pytest.mark.parametrize("host", LOOPBACKS)
async def test_no_spelling_of_the_loopback_is_connected_to(
    session: GuardedSession, receiver: Receiver, host: str
) -> None:
    assert not await reaches(session, f"http://{host}:{receiver.port}/")
    assert receiver.heard == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_listed_loopback_is_connected_to(receiver: Receiver, host: str) -> None:
    session = GuardedSession(parse_targets(f"localhost:{receiver.port}"))

    assert await reaches(session, f"http://{host}:{receiver.port}/")
    await session.close()


async def test_another_port_of_a_listed_host_is_not(receiver: Receiver) -> None:
    session = GuardedSession(parse_targets(f"localhost:{receiver.port + 1}"))

    assert not await reaches(session, f"http://127.0.0.1:{receiver.port}/")
    assert receiver.heard == []
    await session.close()


async def test_a_name_that_leads_to_the_loopback_gains_nothing(receiver: Receiver) -> None:
    session = GuardedSession(NOTHING, FixedResolver("127.0.0.1"))

    assert not await reaches(session, f"http://rebound.example:{receiver.port}/")
    assert receiver.heard == []
    await session.close()


async def test_each_connection_is_judged_by_where_it_goes_itself(receiver: Receiver) -> None:
    resolver = FixedResolver("127.0.0.1", "127.0.0.2")
    targets = parse_targets(f"127.0.0.1:{receiver.port}")
    first, second = GuardedSession(targets, resolver), GuardedSession(targets, resolver)

    assert await reaches(first, f"http://rebound.example:{receiver.port}/")
    assert not await reaches(second, f"http://rebound.example:{receiver.port}/")
    assert resolver.asked == 2
    await first.close()
    await second.close()


async def test_a_listed_name_may_lead_to_a_private_address(receiver: Receiver) -> None:
    session = GuardedSession(
        parse_targets(f"bukubengkel:{receiver.port}"), FixedResolver("127.0.0.1")
    )

    assert await reaches(session, f"http://bukubengkel:{receiver.port}/")
    assert not await reaches(session, f"http://127.0.0.2:{receiver.port}/")
    await session.close()


async def test_the_environments_proxy_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", receiver.url)
    monkeypatch.setenv("HTTP_PROXY", receiver.url)
    session = GuardedSession(parse_targets(f"127.0.0.1:{receiver.port}"))

    assert not await reaches(session, "http://127.0.0.2:8080/")
    assert receiver.heard == []
    await session.close()


@pytest.mark.parametrize("network", [str(network) for network in DENIED])
def test_every_denied_network_is_denied_to_its_ends(network: str) -> None:
    for address in ends(network):
        assert denied(ip_address(address))


@pytest.mark.parametrize("network", FOREIGN, ids=str)
def test_nothing_is_missing_that_a_foreign_list_denies(network: object) -> None:
    for address in ends(str(network)):
        assert denied(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "36.66.1.1", "172.15.255.255", "172.32.0.0", "100.128.0.0", "2606:4700::1111"],
)
def test_public_addresses_are_not(address: str) -> None:
    assert not denied(ip_address(address))


@pytest.mark.parametrize(
    "address", ["::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"]
)
def test_an_address_within_an_address_is_denied(address: str) -> None:
    assert denied(ip_address(address))


@pytest.mark.parametrize(
    "setting", ["127.0.0.1", "localhost:0", "localhost:70000", "::1:80", "a b:80", "http://x:80"]
)
def test_a_bad_setting_is_told_with_an_example(setting: str) -> None:
    with pytest.raises(ValueError, match=r"not host:port.*127\.0\.0\.1:3000"):
        parse_targets(f"127.0.0.1:3000, {setting}")


def test_targets_have_one_spelling() -> None:
    targets = parse_targets(" LOCALHOST.:3001 , [0:0::1]:80,[::ffff:10.0.0.7]:81,App.Internal:82,")

    assert targets == {
        ("localhost", 3001),
        ("127.0.0.1", 3001),
        ("::1", 3001),
        ("::1", 80),
        ("10.0.0.7", 81),
        ("app.internal", 82),
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:443/hook?a=1",
        "https://example.com:8443/",
        "http://127.0.0.1:3000/hook",
        "http://localhost:3001",
        "https://localhost:3001",
        "http://[::1]:3001/",
        "http://kasir.internal:80/",
    ],
)
def test_these_urls_may_be_posted_to(url: str) -> None:
    check_url(url, parse_targets("127.0.0.1:3000,localhost:3001,kasir.internal:80"))


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://example.com/", "Use https, or .* add example.com:80 to"),
        ("http://127.0.0.1:3001/", "add 127.0.0.1:3001 to PAYMENT_SERVICE_PRIVATE_TARGETS"),
        ("https://localhost/", "public https URL, or .* add localhost:443"),
        ("https://shop.localhost/", "private"),
        ("https://10.0.0.1/", "private"),
        ("https://[::1]/", r"add \[::1\]:443"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://[fe80::1%25eth0]/", "private"),
        ("https://user@example.com/", "Leave user name and password out"),
        ("https://user:secret@example.com/", "Leave user name and password out"),
        ("https://example.com:22/", "port 443 or one from 1024"),
        ("https://example.com:80/", "port 443 or one from 1024"),
        ("https://example.com:99999/", "not a URL"),
        ("ftp://example.com/", "not a web address"),
        ("file:///etc/passwd", "not a web address"),
        ("example.com/hook", "not a web address"),
        ("https:///hook", "not a web address"),
        ("https://exa mple.com/", "not a web address"),
        ("https://example.com/\u200b", "not a web address"),
        ("https://example.com/\n", "not a web address"),
        ("https://@example.com/", "Leave user name and password out"),
        ("https://example.com/#top", "Leave out the #"),
        ("https://example.com/#", "Leave out the #"),
        ("https://127.0.0.1./", "private"),
        ("https://[64:ff9b::7f00:1]/", "private"),
        ("https://2130706433/", "no name"),
        ("https://0x7f000001/", "no name"),
        ("https://0177.0.0.1/", "no name"),
        ("https://127.1/", "no name"),
        ("https://%31%32%37.0.0.1/", "no name"),
        ("https://a..b/", "no name"),
        ("https://.example.com/", "no name"),
        ("https://-a.example.com/", "no name"),
        ("https://a-.example.com/", "no name"),
        ("https://" + "a" * 64 + ".com/", "no name"),
        ("https://" + "a." * 127 + "com/", "no name"),
        ("https://example.com:0/", "port 443 or one from 1024"),
        ("https://example.com\\@10.0.0.1/", "not a"),
        ("", "not a web address"),
    ],
)
def test_these_urls_are_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(Invalid, match=advice) as refusal:
        check_url(url, parse_targets("127.0.0.1:3000"))
    assert refusal.value.code == "url_not_allowed"
    assert "secret" not in refusal.value.detail


@pytest.mark.parametrize("url", ["https://8.8.8.8/hook", "https://[2606:4700::1111]/hook"])
def test_where_only_names_are_taken_an_address_is_refused_unless_it_is_listed(url: str) -> None:
    check_url(url, NOTHING)
    with pytest.raises(Invalid, match="Use a name that has a certificate"):
        check_url(url, NOTHING, names_only=True)
    listed = parse_targets("8.8.8.8:443,[2606:4700::1111]:443")
    check_url(url, listed, names_only=True)
    check_url("https://bücher.example/hook", NOTHING, names_only=True)
