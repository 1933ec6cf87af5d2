"""Alert mail: handed in safely, to a checked address, within its deadline; secrets stay inside."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from payment_service.kit.clock import monotonic
from payment_service.outside.addresses import parse_targets
from payment_service.outside.alert_channel import AlertMessage
from payment_service.outside.mail import AlertMail
from payment_service.outside.smtp_url import parse_smtp_url
from tests.hearing import refusing
from tests.outside.mail_server import MailServer
from tests.outside.parties import FixedResolver
from tests.outside.test_webhook_client import self_signed

PASSWORD = "kata:sandi/@rahasia"
CODED = "kata%3Asandi%2F%40rahasia"
MESSAGE = AlertMessage(
    id="msg_1",
    type="alert.raised",
    at=datetime(2026, 1, 31, 3, 0, tzinfo=UTC),
    subject="[Payment Service] 2 hal perlu perhatian",
    text="Pembayaran perlu diperiksa ⚙\n",
    alerts=[],
)


def mail(server: MailServer, *, host: str = "localhost", login: str = "", **options: Any) -> Any:
    """To the server's port, under a name; listed unless `targets` says otherwise."""
    targets = options.pop("targets", f"localhost:{server.port}")
    url = parse_smtp_url(f"smtp://{login}{host}:{server.port}")
    to = ("a@toko.id", "b@toko.id")
    return AlertMail(url, "tagihan@toko.id", to, parse_targets(targets), **options)


async def test_a_listed_server_takes_one_mail_for_everybody() -> None:
    async with MailServer() as server:
        assert await mail(server).send(MESSAGE) is None
    (got,) = server.mails
    assert (got.sender, got.recipients) == ("tagihan@toko.id", ["a@toko.id", "b@toko.id"])
    assert got.message["Subject"] == MESSAGE.subject
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert got.message.get_content().splitlines() == MESSAGE.text.splitlines()


async def test_the_login_goes_with_it_and_a_wrong_one_tells_no_secret() -> None:
    async with MailServer(password=PASSWORD) as server:
        assert await mail(server, login=f"u:{CODED}@").send(MESSAGE) is None
        said = await mail(server, login="u:sandi-salah@").send(MESSAGE)
    assert said == "login refused, status 535"
    assert len(server.mails) == 1


async def test_starttls_is_taken_where_it_is_offered(tmp_path: Path) -> None:
    async with MailServer(tls=self_signed(tmp_path), password=PASSWORD) as server:
        assert await mail(server, login=f"u:{CODED}@").send(MESSAGE) is None
    assert server.was_encrypted


async def test_a_server_that_is_not_listed_must_show_its_certificate(tmp_path: Path) -> None:
    """Here the name is listed under its address only, so the name itself counts as public."""
    context = self_signed(tmp_path)
    async with MailServer(tls=context, password=PASSWORD) as server:
        options: dict[str, Any] = {
            "targets": f"127.0.0.1:{server.port}",
            "resolver": FixedResolver("127.0.0.1"),
        }
        stranger = mail(server, login=f"u:{CODED}@", **options)
        assert await stranger.send(MESSAGE) == "tls"
        trusting = ssl.create_default_context(cafile=str(tmp_path / "localhost.pem"))
        server.was_encrypted = False
        known = mail(server, login=f"u:{CODED}@", tls=trusting, **options)
        assert await known.send(MESSAGE) is None
    async with MailServer(password=PASSWORD) as bare:
        options["targets"] = f"127.0.0.1:{bare.port}"
        plain = mail(bare, login=f"u:{CODED}@", **options)
        assert await plain.send(MESSAGE) == "no STARTTLS or no login offered"
    assert (len(server.mails), bare.mails) == (1, [])


@pytest.mark.parametrize("host", ["127.0.0.1", "rebound.example"])
async def test_a_private_address_that_is_not_listed_is_not_connected_to(host: str) -> None:
    async with MailServer() as server:
        stranger = mail(server, host=host, targets="", resolver=FixedResolver("127.0.0.1"))
        assert await stranger.send(MESSAGE) == "address_not_allowed"
    assert server.connections == 0


async def test_silence_ends_at_the_deadline() -> None:
    async with MailServer() as server:
        server.silent = True
        began = monotonic()
        assert await mail(server, total_seconds=0.3).send(MESSAGE) == "timeout"
    assert monotonic() - began < 10


async def test_a_refusal_is_told_by_its_number_only() -> None:
    async with MailServer() as server:
        server.data_reply = b"554 spam, said kata:sandi"
        assert await mail(server).send(MESSAGE) == "status 554"


async def test_nobody_listening_is_refused() -> None:
    server = MailServer()
    with refusing() as server.port:
        assert await mail(server, host="127.0.0.1").send(MESSAGE) == "refused"


async def test_a_subject_of_two_lines_cannot_become_a_header() -> None:
    evil = AlertMessage("msg_1", "alert.raised", MESSAGE.at, "a\r\nBcc: x@evil.id", "", [])
    async with MailServer() as server:
        with pytest.raises(ValueError):
            await mail(server).send(evil)
    assert server.mails == []


@pytest.mark.parametrize(
    "url",
    ["", "http://x", "smtp://", "smtp://u@host", "smtp://h:99999", "smtp://h/path", "smtp://h:0",
     "smtp://u:kata/sandi@host", "smtp://[::1", "smtp://a b"],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_smtp_url(url)
    assert "kata" not in str(refused.value)


def test_the_ports_and_the_login_of_a_url() -> None:
    server = parse_smtp_url(f"smtps://tagihan%40toko.id:{CODED}@mail.toko.id")
    assert (server.host, server.port, server.is_tls) == ("mail.toko.id", 465, True)
    assert (server.user, server.password) == ("tagihan@toko.id", PASSWORD)
    assert PASSWORD not in repr(server)
    assert parse_smtp_url("smtp://[::1]").port == 587
