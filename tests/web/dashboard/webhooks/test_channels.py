"""Alert channels: added, tried, edited and removed by owners; what is secret stays so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from aiohttp import web

from payment_service.actions.send_alerts import send_alerts
from payment_service.kit.crypto import new_webhook_secret
from payment_service.kit.statements import Transaction
from payment_service.model.alert import raise_alert
from payment_service.model.channel import CHANNELS, MOST, Channel
from payment_service.runtime import Runtime
from tests.clocks import HandClock
from tests.outside.parties import Receiver
from tests.service import Service, running_service
from tests.web.dashboard.people import Person, person, quick_passwords

HERE = "/dashboard/settings/alerts"
TOKEN = "bot123456:AAH-rahasia"


@pytest.fixture
async def gateway() -> AsyncIterator[Receiver]:
    """What passes messages on to somebody's phone."""
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def reaching(
    database_url: str, clock: HandClock, gateway: Receiver
) -> AsyncIterator[Service]:
    async with running_service(
        database_url, clock, passwords=quick_passwords(), targets=[f"127.0.0.1:{gateway.port}"]
    ) as service:
        yield service


async def kept(runtime: Runtime) -> list[Channel]:
    return await runtime.db.read(lambda tx: tx.all(CHANNELS))


def url_of(gateway: Receiver) -> str:
    return f"http://127.0.0.1:{gateway.port}/{TOKEN}/send"


async def test_a_webhook_is_added_tried_and_told_of_alerts(
    reaching: Service, clock: HandClock, gateway: Receiver
) -> None:
    owner = await person(reaching, clock, "owner")
    page = await owner.browser.sees(HERE)
    assert "Peringatan hanya tampil di dashboard." in page.text
    page = await owner.browser.sends(
        f"{HERE}/webhook", target=url_of(gateway), secret=new_webhook_secret(), name="Grup WA"
    )
    page = await owner.browser.follows(page)
    assert "Grup WA ditambahkan." in page.text
    assert "ditandatangani" in page.text
    (channel,) = await kept(reaching.runtime)
    page = await owner.browser.sends(f"{HERE}/{channel.id}/test")
    assert "Uji terkirim ke Grup WA." in (await owner.browser.follows(page)).text
    (message,) = gateway.heard
    assert msgspec.json.decode(message.body)["type"] == "alert.test"
    assert message.headers["webhook-signature"].startswith("v1,")
    now = clock.now()

    def raised(tx: Transaction) -> None:
        raise_alert(tx, app_id=None, kind="books_differ", subject_id="x", message="m", now=now)

    await reaching.runtime.db.write(raised)
    assert await send_alerts(reaching.runtime)
    assert msgspec.json.decode(gateway.heard[-1].body)["type"] == "alert.raised"
    assert "Sampai 10.00 WIB" in (await owner.browser.sees(HERE)).text


async def test_what_did_not_arrive_is_told_and_kept(
    reaching: Service, clock: HandClock, gateway: Receiver
) -> None:
    owner = await person(reaching, clock, "owner")
    await owner.browser.sends(f"{HERE}/webhook", target=url_of(gateway))
    (channel,) = await kept(reaching.runtime)
    gateway.answers.append(web.Response(status=404))
    page = await owner.browser.sends(f"{HERE}/{channel.id}/test")
    assert page.status == 503
    assert "Uji tidak sampai: status 404." in page.text
    assert "Gagal 10.00 WIB: status 404" in page.text
    (channel,) = await kept(reaching.runtime)
    assert (channel.trouble, channel.tried_at) == ("status 404", clock.now())


async def test_no_page_log_or_row_has_the_url_or_the_secret(
    service: Service, owner: Person
) -> None:
    secret, url = new_webhook_secret(), f"https://api.telegram.example.com/{TOKEN}/send"
    await owner.browser.sends(f"{HERE}/webhook", target=url, secret=secret)
    (channel,) = await kept(service.runtime)
    row = repr(channel)
    pages = [await owner.browser.sees(path) for path in (HERE, "/dashboard/audit")]
    for text in (row, *(page.html for page in pages)):
        assert TOKEN not in text
        assert secret not in text
    assert "api.telegram.example.com" in pages[0].text
    assert service.runtime.secrets.open(channel.target) == url
    assert "Menambah saluran peringatan" in pages[1].text


async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(
    service: Service, owner: Person
) -> None:
    good = "https://hooks.example.com/x"
    for path, fields, says in (
        ("webhook", {"target": "http://10.0.0.1/x"}, "Pakai https dan nama"),
        ("webhook", {"target": "http://169.254.169.254/latest"}, "Pakai https dan nama"),
        ("webhook", {"target": "ftp://example.com"}, "Pakai https"),
        ("webhook", {"target": ""}, "Pakai https"),
        ("webhook", {"target": "https://example.com/" + "x" * 10_000}, "Pakai https"),
        ("webhook", {"target": good, "secret": "pendek"}, "Tulis whsec_"),
        ("webhook", {"target": good, "name": "x" * 10_000}, "paling banyak 60"),
        ("webhook", {"target": good, "name": "a\u202eb"}, "paling banyak 60"),
        ("mail", {"mail_target": "sari"}, "Tulis satu alamat email"),
        ("mail", {"mail_target": "a@toko.id\r\nBcc: b@toko.id"}, "Tulis satu alamat email"),
        ("mail", {"mail_target": "a@toko.id, b@toko.id"}, "Tulis satu alamat email"),
    ):
        page = await owner.browser.sends(f"{HERE}/{path}", **fields)
        assert page.status == 422, fields
        if path == "webhook":
            assert says in page.text, fields
    assert await kept(service.runtime) == []


async def test_edited_it_keeps_what_was_left_empty(service: Service, owner: Person) -> None:
    secret = new_webhook_secret()
    await owner.browser.sends(
        f"{HERE}/webhook", target="https://satu.example.com/x", secret=secret, name="Satu"
    )
    (before,) = await kept(service.runtime)
    here = f"{HERE}/{before.id}"
    page = await owner.browser.sends(f"{here}/edit", version=str(before.version), name="Dua")
    assert "Dua disimpan." in (await owner.browser.follows(page)).text
    (named,) = await kept(service.runtime)
    assert (named.target, named.secret, named.name) == (before.target, before.secret, "Dua")
    page = await owner.browser.sends(
        f"{here}/edit", version=str(named.version), name="Dua",
        target="https://dua.example.com/y", drops_secret="yes",
    )  # fmt: skip
    assert page.status == 303
    (moved,) = await kept(service.runtime)
    assert (moved.place, moved.secret) == ("dua.example.com", None)
    log = await owner.browser.sees("/dashboard/audit?what=channel")
    assert "target, secret" in log.text


async def test_of_two_who_change_it_at_once_one_is_told(
    service: Service, owner: Person, clock: HandClock
) -> None:
    other = await person(service, clock, "owner", "Rini")
    await owner.browser.sends(f"{HERE}/webhook", target="https://satu.example.com/x")
    (channel,) = await kept(service.runtime)
    here, version = f"{HERE}/{channel.id}", str(channel.version)
    pages = await asyncio.gather(
        owner.browser.sends(f"{here}/edit", version=version, name="Satu"),
        other.browser.sends(f"{here}/edit", version=version, name="Dua"),
    )
    assert sorted(page.status for page in pages) == [303, 409]
    (told,) = [page for page in pages if page.status == 409]
    assert "Saluran ini sudah berubah sementara Anda mengisi." in told.text
    page = await owner.browser.sends(f"{here}/remove", version=version)
    assert page.status == 409
    (channel,) = await kept(service.runtime)
    page = await owner.browser.sends(f"{here}/remove", version=str(channel.version))
    assert "dihapus" in (await owner.browser.follows(page)).text
    page = await other.browser.sends(f"{here}/remove", version=str(channel.version))
    assert page.status == 404
    assert "Saluran ini sudah dihapus." in page.text
    assert await kept(service.runtime) == []


async def test_one_place_is_told_once_and_there_are_twenty_at_most(
    service: Service, owner: Person
) -> None:
    for number in range(MOST):
        page = await owner.browser.sends(f"{HERE}/webhook", target=f"https://x.id/{number}")
        assert page.status == 303
    page = await owner.browser.sends(f"{HERE}/webhook", target="https://x.id/0")
    assert page.status == 409
    page = await owner.browser.sends(f"{HERE}/webhook", target="https://x.id/more")
    assert page.status == 409
    assert "Dua puluh saluran sudah cukup." in page.text
    assert len(await kept(service.runtime)) == MOST


async def test_only_owners_who_have_proven_themselves_change_channels(
    service: Service, owner: Person, clock: HandClock
) -> None:
    finance = await person(service, clock, "finance", "Rini")
    assert (await finance.browser.sees(HERE)).status == 403
    assert HERE not in (await finance.browser.sees("/dashboard/settings")).html
    assert HERE in (await owner.browser.sees("/dashboard/settings")).html
    clock.advance(timedelta(minutes=6))
    page = await owner.browser.sends(f"{HERE}/webhook", target="https://x.id/1")
    assert page.leads_to.startswith("/dashboard/step-up")
    assert await kept(service.runtime) == []
