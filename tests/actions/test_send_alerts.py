"""Sending alerts: once, then daily, by each way on its own, and never after they are cleared."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import web
from pydantic import SecretStr
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from payment_service.actions.add_channel import NewChannel, add_channel
from payment_service.actions.clear_alert import clear_alert
from payment_service.actions.see_alert import see_alert
from payment_service.actions.send_alerts import send_alerts, try_channels
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import SystemClock
from payment_service.kit.crypto import new_key, new_webhook_secret
from payment_service.kit.errors import Conflict, Invalid, NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.alert import OPEN_ALERTS, Alert, Kind, alert_by_id, raise_alert
from payment_service.model.audit import By
from payment_service.model.channel import CHANNELS, Channel
from payment_service.runtime import Runtime
from tests.clocks import HandClock
from tests.outside.mail_server import MailServer
from tests.outside.parties import Receiver

KEY = new_key()
SECRET = new_webhook_secret()
PASSWORD = "kata-sandi-surat"
DAY = timedelta(days=1)


def by(note: str, at: datetime) -> By:
    return By("command line", note, at)


class Owner:
    """Hears by webhook and by mail."""

    def __init__(self, url: str, clock: HandClock, receiver: Receiver, mail: MailServer) -> None:
        self.url = url
        self.clock = clock
        self.receiver = receiver
        self.mail = mail

    @asynccontextmanager
    async def worker(self, *ways: str) -> AsyncIterator[Runtime]:
        """A process with these ways set."""
        settings = Settings(
            database_url=self.url,
            secret_key=SecretStr(KEY),
            private_targets=f"127.0.0.1:{self.receiver.port},127.0.0.1:{self.mail.port}",
        )
        if "webhook" in ways:
            settings.alert_webhook_url = SecretStr(self.receiver.url)
            settings.alert_webhook_secret = SecretStr(SECRET)
        if "mail" in ways:
            settings.smtp_url = SecretStr(f"smtp://u:{PASSWORD}@127.0.0.1:{self.mail.port}")
            settings.alert_mail_from, settings.alert_mail_to = "a@toko.id", "b@toko.id"
        runtime = await open_runtime(settings, clock=self.clock, make_schema=True)
        try:
            yield runtime
        finally:
            await runtime.close()

    def heard(self) -> tuple[int, int]:
        """How many messages came by webhook, and how many by mail."""
        return len(self.receiver.heard), len(self.mail.mails)

    def told(self, number: int = -1) -> Any:
        return json.loads(self.receiver.heard[number].body)

    def alerts(self, number: int) -> list[Any]:
        alerts: list[Any] = self.told(number)["data"]["alerts"]
        return alerts


@pytest.fixture
async def owner(database_url: str, clock: HandClock) -> AsyncIterator[Owner]:
    async with Receiver() as receiver, MailServer(password=PASSWORD) as mail:
        yield Owner(database_url, clock, receiver, mail)


async def raised(runtime: Runtime, subject: str = "one", kind: Kind = "endpoint_off") -> Alert:
    def unit(tx: Transaction) -> Alert:
        raise_alert(
            tx, app_id=None, kind=kind, subject_id=subject,
            message=f"About {subject}\r\nBcc: x", now=runtime.clock.now(),
        )  # fmt: skip
        return next(one for one in tx.all(OPEN_ALERTS) if one.subject_id == subject)

    return await runtime.db.write(unit)


async def added(runtime: Runtime, wanted: NewChannel) -> Channel:
    by = By("command line", "for the test", runtime.clock.now())
    return await runtime.db.write(add_channel, wanted, runtime.secrets, runtime.targets, by)


async def read(runtime: Runtime, alert: Alert) -> Alert:
    return await runtime.db.read(alert_by_id, alert.id)


async def test_an_alert_is_told_once_then_daily_and_never_after_it_is_cleared(
    owner: Owner, clock: HandClock
) -> None:
    async with owner.worker("webhook", "mail") as runtime:
        alert = await raised(runtime)
        assert await send_alerts(runtime)
        assert not await send_alerts(runtime)
        assert owner.heard() == (1, 1)
        for days in (1, 2):
            clock.advance(timedelta(hours=22))
            assert not await send_alerts(runtime)
            clock.advance(timedelta(hours=2))
            assert await send_alerts(runtime)
            assert owner.heard() == (1 + days, 1 + days)
        await runtime.db.write(see_alert, alert.id, clock.now())
        await runtime.db.write(clear_alert, alert.id, by("mended", clock.now()))
        clock.advance(DAY)
        assert not await send_alerts(runtime)
        assert owner.heard() == (3, 3)
        cleared = await read(runtime, alert)
        assert (cleared.send_at, cleared.note) == (None, "mended")


async def test_the_webhook_is_signed_and_readable(owner: Owner) -> None:
    owner.clock.set(SystemClock().now())
    async with owner.worker("webhook") as runtime:
        alert = await raised(runtime)
        await send_alerts(runtime)
    (heard,) = owner.receiver.heard
    Webhook(SECRET).verify(heard.body, dict(heard.headers))
    told = owner.told()
    assert told["type"] == "alert.raised"
    assert [one["id"] for one in told["data"]["alerts"]] == [alert.id]
    assert told["text"].startswith("[Payment Service] 1 hal perlu perhatian")
    assert "1 thing needs attention" in told["text"]


async def test_several_workers_tell_it_once(owner: Owner) -> None:
    async with owner.worker("webhook") as one, owner.worker("webhook") as other:
        for number in range(20):
            await raised(one, f"subject {number}")
        await asyncio.gather(*(send_alerts(runtime) for runtime in (one, other) * 3))
    told = [one["id"] for number in range(owner.heard()[0]) for one in owner.alerts(number)]
    assert len(told) == len(set(told)) == 20


@pytest.mark.parametrize("broken", ["webhook", "mail"])
async def test_a_way_that_fails_is_tried_again_without_the_one_that_works(
    owner: Owner, clock: HandClock, broken: str
) -> None:
    def breaks() -> None:
        owner.receiver.answers = [web.Response(status=500)] if broken == "webhook" else []
        owner.mail.data_reply = b"451 later" if broken == "mail" else b"250 ok"

    async with owner.worker("webhook", "mail") as runtime:
        alert = await raised(runtime)
        breaks()
        assert await send_alerts(runtime)
        first = await read(runtime, alert)
        why = "status 500" if broken == "webhook" else "status 451"
        assert first.note == f"try 1 failed: {broken} ({why})"
        assert first.sent_at == clock.now()
        for minutes, tries in ((1, 2), (5, 3), (30, 4)):
            breaks()
            clock.advance(timedelta(minutes=minutes, seconds=-1))
            assert not await send_alerts(runtime)
            clock.advance(timedelta(seconds=1))
            assert await send_alerts(runtime)
            assert (await read(runtime, alert)).note == f"try {tries} failed: {broken} ({why})"
        worked = owner.heard()[1 if broken == "webhook" else 0]
        assert worked == 1
        owner.receiver.answers, owner.mail.data_reply = [], b"250 ok"
        clock.advance(DAY)
        assert await send_alerts(runtime)
        assert (await read(runtime, alert)).note is None
        assert owner.heard()[1 if broken == "webhook" else 0] == 2


async def test_a_way_that_recovers_hears_it_and_the_other_does_not_hear_it_again(
    owner: Owner, clock: HandClock
) -> None:
    async with owner.worker("webhook", "mail") as runtime:
        alert = await raised(runtime)
        owner.mail.data_reply = b"451 later"
        await send_alerts(runtime)
        owner.mail.data_reply = b"250 ok"
        clock.advance(timedelta(minutes=1))
        await send_alerts(runtime)
        assert owner.heard() == (1, 1)
        assert (await read(runtime, alert)).note is None


async def test_many_that_are_due_go_in_one_message_of_fifty_lines(owner: Owner) -> None:
    async with owner.worker("webhook", "mail") as runtime:
        for number in range(60):
            await raised(runtime, f"subject {number}")
        assert await send_alerts(runtime)
        assert not await send_alerts(runtime)
    assert owner.heard() == (1, 1)
    text = owner.mail.mails[0].message.get_content()
    assert sum(line.startswith("- ") for line in text.splitlines()) == 100
    assert "dan 10 lagi" in text
    assert len(owner.told()["data"]["alerts"]) == 50
    assert owner.mail.mails[0].message["Subject"] == "[Payment Service] 60 hal perlu perhatian"
    assert owner.mail.mails[0].message["Bcc"] is None


async def test_what_is_raised_just_after_a_message_waits_for_company(
    owner: Owner, clock: HandClock
) -> None:
    async with owner.worker("webhook") as runtime:
        await raised(runtime)
        await send_alerts(runtime)
        for number in range(5):
            clock.advance(timedelta(minutes=1))
            await raised(runtime, f"subject {number}")
            await send_alerts(runtime)
    assert [len(owner.alerts(number)) for number in range(owner.heard()[0])] == [1, 5]


async def test_without_a_way_nothing_is_touched(owner: Owner) -> None:
    async with owner.worker() as runtime:
        alert = await raised(runtime)
        assert not await send_alerts(runtime)
        assert await read(runtime, alert) == alert


async def test_what_a_dead_process_had_leased_is_told_by_another(
    owner: Owner, clock: HandClock
) -> None:
    class Dies:
        name = "webhook"

        async def send(self, message: object) -> str | None:
            raise asyncio.CancelledError

    async with owner.worker("webhook") as runtime:
        await raised(runtime)
        dying = msgspec.structs.replace(runtime, alert_channels=(Dies(),))
        with pytest.raises(asyncio.CancelledError):
            await send_alerts(dying)
        assert not await send_alerts(runtime)
        clock.advance(timedelta(minutes=2))
        assert await send_alerts(runtime)
    assert owner.heard() == (1, 0)


async def test_an_alert_cleared_while_it_is_sent_stays_cleared(owner: Owner) -> None:
    async with owner.worker("webhook") as runtime:
        alert = await raised(runtime)

        class Clears:
            name = "webhook"

            async def send(self, message: object) -> str | None:
                await runtime.db.write(clear_alert, alert.id, by("mended", owner.clock.now()))
                return "timeout"

        await send_alerts(msgspec.structs.replace(runtime, alert_channels=(Clears(),)))
        cleared = await read(runtime, alert)
        assert (cleared.note, cleared.send_at) == ("mended", None)


async def test_no_secret_stands_in_the_log(owner: Owner) -> None:
    owner.receiver.answers = [web.Response(status=500)]
    owner.mail.data_reply = f"554 {PASSWORD}".encode()
    with capture_logs() as logs:
        async with owner.worker("webhook", "mail") as runtime:
            await raised(runtime)
            await send_alerts(runtime)
    assert [one["event"] for one in logs] == ["alerts_not_sent"] * 2
    assert not [word for word in (PASSWORD, SECRET, owner.receiver.url) if word in str(logs)]


async def test_a_test_message_says_how_each_way_went(owner: Owner) -> None:
    owner.mail.data_reply = b"554 no"
    async with owner.worker("webhook", "mail") as runtime:
        assert await try_channels(runtime) == {"webhook": None, "mail": "status 554"}
    assert owner.told()["type"] == "alert.test"


async def test_a_payment_in_review_is_not_cleared_by_hand(owner: Owner) -> None:
    async with owner.worker() as runtime:
        alert = await raised(runtime, "pay_1", "payment_needs_review")
        with pytest.raises(Conflict, match="review"):
            await runtime.db.write(clear_alert, alert.id, by("done", owner.clock.now()))
        assert await read(runtime, alert) == alert


async def test_seeing_and_clearing_twice_changes_nothing(owner: Owner, clock: HandClock) -> None:
    async with owner.worker() as runtime:
        write = runtime.db.write
        alert = await raised(runtime)
        seen = await write(see_alert, alert.id, clock.now())
        assert seen.seen_at == clock.now()
        assert await write(see_alert, alert.id, clock.advance(DAY)) == seen
        for note in ("", "  ", "x" * 501, "a\0b"):
            with pytest.raises(Invalid):
                await write(clear_alert, alert.id, by(note, clock.now()))
        cleared = await write(clear_alert, alert.id, by(" mended ", clock.now()))
        assert cleared.note == "mended"
        assert await write(clear_alert, alert.id, by("again", clock.advance(DAY))) == cleared
        with pytest.raises(NotFound):
            await write(see_alert, "alr_x", clock.now())
        with pytest.raises(NotFound):
            await write(clear_alert, "alr_x", by("note", clock.now()))


async def test_a_channel_of_the_database_is_told_beside_those_of_the_environment(
    owner: Owner, clock: HandClock
) -> None:
    async with owner.worker("webhook") as runtime:
        kept = await added(runtime, NewChannel("webhook", owner.receiver.url, SECRET))
        await raised(runtime)
        assert await send_alerts(runtime)
        assert owner.heard() == (2, 0)
        first, second = owner.receiver.heard
        assert first.body == second.body
        assert "webhook-signature" in second.headers
        (channel,) = await runtime.db.read(lambda tx: tx.all(CHANNELS))
        assert (channel.id, channel.tried_at, channel.trouble) == (kept.id, clock.now(), None)


async def test_only_the_channel_that_failed_is_tried_again(owner: Owner, clock: HandClock) -> None:
    async with owner.worker() as runtime:
        assert not await send_alerts(runtime)
        await added(runtime, NewChannel("webhook", f"http://127.0.0.1:{owner.receiver.port}/a"))
        await added(runtime, NewChannel("webhook", f"http://127.0.0.1:{owner.receiver.port}/b"))
        owner.receiver.answers.append(web.Response(status=500))
        await raised(runtime)
        assert await send_alerts(runtime)
        assert owner.heard() == (2, 0)
        kept = await runtime.db.read(lambda tx: tx.all(CHANNELS))
        assert sorted(one.trouble or "" for one in kept) == ["", "status 500"]
        clock.advance(timedelta(minutes=1))
        assert await send_alerts(runtime)
        assert owner.heard() == (3, 0)
        kept = await runtime.db.read(lambda tx: tx.all(CHANNELS))
        assert [one.trouble for one in kept] == [None, None]


async def test_mail_of_the_database_goes_by_the_server_of_the_environment(
    owner: Owner, clock: HandClock
) -> None:
    async with owner.worker("mail") as runtime:
        await added(runtime, NewChannel("mail", "Sari@Toko.id"))
        await raised(runtime)
        assert await send_alerts(runtime)
        assert sorted(mail.recipients for mail in owner.mail.mails) == [
            ["b@toko.id"],
            ["sari@toko.id"],
        ]
    async with owner.worker() as runtime:
        clock.advance(DAY)
        assert not await send_alerts(runtime)
        assert await try_channels(runtime) == {}
