"""Webhooks out: a signature that others verify, and an answer whatever the receiver does."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook

from payment_service.kit.crypto import new_webhook_secret
from payment_service.outside.addresses import parse_targets
from payment_service.outside.webhook_client import WebhookClient, sign
from tests.clocks import HandClock
from tests.hearing import refusing
from tests.outside.parties import FixedResolver, RawServer, Receiver

BODY = '{"type":"invoice.paid","data":{"name":"Bengkel Jaya ⚙"}}'.encode()


def targets(port: int) -> frozenset[tuple[str, int]]:
    return parse_targets(f"localhost:{port}")


@pytest.fixture
async def client(receiver: Receiver, clock: HandClock) -> AsyncIterator[WebhookClient]:
    one = WebhookClient(targets(receiver.port), clock, total_seconds=2)
    yield one
    await one.close()


async def test_what_arrives_verifies_with_either_secret(
    client: WebhookClient, receiver: Receiver
) -> None:
    newer, older, now = new_webhook_secret(), new_webhook_secret(), datetime.now(UTC)
    headers = sign([newer, older], "evt_1", now, BODY)

    answer = await client.post(receiver.url, headers, BODY)

    (heard,) = receiver.heard
    assert answer.delivered
    assert (answer.status, answer.error, answer.body_head) == (200, None, "ok")
    assert heard.body == BODY
    assert heard.headers["Content-Type"] == "application/json"
    for secret in (newer, older):
        Webhook(secret).verify(heard.body, dict(heard.headers))
    newest = headers["webhook-signature"].split(" ")[0]
    assert newest == sign([newer], "evt_1", now, BODY)["webhook-signature"]


def test_an_instant_of_another_zone_is_signed_as_the_same_instant() -> None:
    secret = new_webhook_secret()
    utc = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    jakarta = utc.astimezone(timezone(timedelta(hours=7)))

    assert sign([secret], "evt_1", jakarta, BODY) == sign([secret], "evt_1", utc, BODY)


@pytest.mark.parametrize(("status", "delivered"), [(204, True), (410, False), (500, False)])
async def test_only_a_2xx_is_delivered(
    client: WebhookClient, receiver: Receiver, status: int, delivered: bool
) -> None:
    receiver.answers = [web.Response(status=status)]

    answer = await client.post(receiver.url, {}, BODY)

    assert (answer.status, answer.delivered) == (status, delivered)


async def test_a_redirect_is_not_followed(client: WebhookClient, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=302, headers={"Location": "/elsewhere"})]

    answer = await client.post(receiver.url, {}, BODY)

    assert (answer.status, answer.delivered) == (302, False)
    assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999999999", 604_800),
        ("Sat, 31 Jan 2026 03:02:00 GMT", 120),
        ("Sat, 31 Jan 2026 02:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_retry_after_is_told_in_seconds(
    client: WebhookClient, receiver: Receiver, header: str, seconds: int | None
) -> None:
    receiver.answers = [web.Response(status=503, headers={"Retry-After": header})]

    assert (await client.post(receiver.url, {}, BODY)).retry_after == seconds


async def test_a_gigabyte_is_not_read(clock: HandClock) -> None:
    sent = 0

    async def gush(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while sent < 1_000_000_000:
            writer.write(b"\0abc" * 16_384)
            await writer.drain()
            sent += 65_536

    async with RawServer(gush) as server:
        client = WebhookClient(targets(server.port), clock)
        answer = await client.post(f"http://127.0.0.1:{server.port}/", {}, BODY)
        await client.close()

    assert answer.delivered
    assert len(answer.body_head) == 4096
    assert "\0" not in answer.body_head
    assert sent < 50_000_000


@pytest.mark.parametrize(
    "drip", [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nx", b"HTTP/1.1 200 OK\r\nX: y", b""]
)
async def test_a_drip_or_silence_ends_at_the_deadline(clock: HandClock, drip: bytes) -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(drip)
        for _ in range(400):
            await asyncio.sleep(0.02)
            writer.write(b"z" if drip else b"")
            await writer.drain()

    async with RawServer(dribble) as server:
        client = WebhookClient(targets(server.port), clock, total_seconds=0.3)
        answer = await client.post(f"http://127.0.0.1:{server.port}/", {}, BODY)
        await client.close()

    assert answer.error == "timeout"
    assert not answer.delivered
    assert 250 <= answer.milliseconds < 5000


async def test_endless_headers_end_at_once(clock: HandClock) -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(5000):
            writer.write(b"X-Filler: " + b"y" * 5000 + b"\r\n")
            await writer.drain()

    async with RawServer(chatter) as server:
        client = WebhookClient(targets(server.port), clock)
        answer = await client.post(f"http://127.0.0.1:{server.port}/", {}, BODY)
        await client.close()

    assert answer.error is not None
    assert answer.milliseconds < 5000


@pytest.mark.parametrize(
    ("sent", "error"),
    [(b"", "disconnected"), (b"SSH-2.0-OpenSSH\r\n\r\n", "not_http")],
)
async def test_a_party_that_speaks_no_http_is_told_apart(
    clock: HandClock, sent: bytes, error: str
) -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)

    async with RawServer(mumble) as server:
        client = WebhookClient(targets(server.port), clock)
        answer = await client.post(f"http://127.0.0.1:{server.port}/", {}, BODY)
        await client.close()

    assert (answer.status, answer.error) == (None, error)


async def test_nobody_listening_is_refused(clock: HandClock) -> None:
    with refusing() as port:
        client = WebhookClient(targets(port), clock)
        answer = await client.post(f"http://127.0.0.1:{port}/", {}, BODY)

    assert (answer.status, answer.error) == (None, "refused")
    await client.close()


async def test_a_name_that_leads_nowhere_is_dns(clock: HandClock) -> None:
    client = WebhookClient(frozenset(), clock, total_seconds=4)

    answer = await client.post("https://no-such-host.invalid/", {}, BODY)

    assert answer.error in ("dns", "timeout")  # a machine without a resolver only times out
    await client.close()


async def test_a_certificate_nobody_vouches_for_is_tls(clock: HandClock, tmp_path: Path) -> None:
    async def ignore(*_: object) -> None:
        return None

    async with RawServer(ignore, ssl=self_signed(tmp_path)) as server:
        client = WebhookClient(targets(server.port), clock)
        answer = await client.post(f"https://localhost:{server.port}/", {}, BODY)
        await client.close()

    assert (answer.status, answer.error) == (None, "tls")


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "http://example.com/", "nonsense", "https://"]
)
async def test_a_url_that_is_not_allowed_is_an_answer_too(client: WebhookClient, url: str) -> None:
    assert (await client.post(url, {}, BODY)).error == "address_not_allowed"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1"], ["169.254.169.254"]])
async def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    clock: HandClock, addresses: list[str]
) -> None:
    client = WebhookClient(frozenset(), clock, resolver=FixedResolver(*addresses))

    answer = await client.post("https://shop.example/", {}, BODY)

    assert (answer.status, answer.error) == (None, "address_not_allowed")
    await client.close()


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "-", "ex_ample.invalid", "..."])
async def test_a_strange_name_is_an_answer_too(clock: HandClock, host: str) -> None:
    client = WebhookClient(frozenset(), clock, total_seconds=3)

    assert (await client.post(f"https://{host}/", {}, BODY)).error is not None
    await client.close()


async def test_connections_are_kept_for_the_next_message(clock: HandClock) -> None:
    async def polite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with RawServer(polite) as server:
        client = WebhookClient(targets(server.port), clock)
        for _ in range(3):
            assert (await client.post(f"http://127.0.0.1:{server.port}/", {}, BODY)).delivered
        await client.close()
        assert server.connections == 1


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context
