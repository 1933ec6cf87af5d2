"""A busy time with every kind of trouble; then the log, the answers that refuse and the metrics are
searched for every secret that there was."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from sqlalchemy import select, text

from payment_service.actions.add_channel import NewChannel, add_channel
from payment_service.actions.send_alerts import send_alerts
from payment_service.cli.log import configure_log
from payment_service.kit.crypto import new_webhook_secret
from payment_service.kit.masking import masked
from payment_service.kit.statements import Statement, Transaction, value
from payment_service.migrations.upgrade import connected
from payment_service.model.alert import raise_alert
from payment_service.model.audit import By
from payment_service.model.invoice import invoices
from payment_service.model.subscription import subscriptions
from tests.busy import busy
from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.service import API_KEY, KEY, NOTICE_SECRET
from tests.story import App, Story
from tests.web.dashboard.people import PASSWORD, Browser, Person, person, quick_passwords

CHANNEL_TOKEN = "T0KEN-of-the-chat-service"
WRONG_PASSWORD = "kuda baterai stapler salah"
TOKENS = [value(select(table.c.pay_token), str) for table in (subscriptions, invoices)]
AN_OPEN_INVOICE = Statement(
    select(invoices.c.id, invoices.c.pay_token).where(invoices.c.status == "open").limit(1),
    lambda invoice_id, token: (invoice_id, token),
)
MALFORMED = "psk_live_" + "x" * 38


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """Every line, written as `serve` writes it."""
    kept = logging.root.handlers[:]
    lines = io.BytesIO()
    configure_log(to=lines)
    yield lines
    structlog.reset_defaults()
    logging.root.handlers[:] = kept


@pytest.fixture
async def story(sqlite_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Story]:
    async with told_story(
        sqlite_url, clock, tmp_path, passwords=quick_passwords(), host="localhost"
    ) as story:
        yield story


async def test_no_log_line_no_refusal_and_no_metric_shows_a_secret(
    story: Story, log: io.BytesIO, clock: HandClock, sqlite_url: str
) -> None:
    db = story.service.runtime.db
    owner = await person(story.service, clock, "owner")
    found = await busy(story)
    app = story.the_app
    assert app is not None
    signing = new_webhook_secret()
    channel = NewChannel("webhook", f"{story.receiver.url}/{CHANNEL_TOKEN}", signing, "obrolan")
    await db.write(_alert_by, channel, story)
    told = [
        *await knocks(app),
        *await pays(story, app, found.ids["invoices"]),
        *await signs_in(owner, story, clock),
        *await gateway_troubles(story),
    ]
    story.receiver.answers = [web.Response(status=500, text=signing)]
    await send_alerts(story.service.runtime)
    tokens = await db.read(_tokens)
    told += await breaks(story, app, sqlite_url)
    told.append((await story.service.ask("GET", "/metrics")).body)
    for _ in range(500):  # the HTTP server logs a fault after it has been answered
        if log.getvalue().count(b"library_warned") == 2:
            break
        await asyncio.sleep(0.02)

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    events = {line["event"] for line in lines}
    assert {
        "key_refused", "notice_with_wrong_secret", "status_call_failed", "request_failed",
        "delivery_failed", "alerts_not_sent", "payment", "library_warned",
    } <= events  # fmt: skip
    secrets = [
        app.api_key, app.webhook_secret, MALFORMED, API_KEY, NOTICE_SECRET, KEY, PASSWORD,
        WRONG_PASSWORD, signing, CHANNEL_TOKEN, owner.seed, *owner.recovery_codes, *tokens,
        *owner.browser.cookies.values(),
    ]  # fmt: skip
    assert len(secrets) > 30
    out = log.getvalue() + b"\n".join(told)
    for secret in secrets:
        assert secret.encode() not in out, [line for line in lines if secret in json.dumps(line)]


def _tokens(tx: Transaction) -> list[str]:
    return [token for statement in TOKENS for token in tx.all(statement)]


def _alert_by(tx: Transaction, channel: NewChannel, story: Story) -> None:
    runtime = story.service.runtime
    now = runtime.clock.now()
    by = By("command line", "for the test", now)
    add_channel(tx, channel, runtime.secrets, runtime.targets, by)
    raise_alert(tx, app_id=None, kind="wrong_secret", subject_id="x", message="m", now=now)


async def knocks(app: App) -> list[bytes]:
    """With keys that are wrong, nearly right, or in the wrong place."""
    near = app.api_key[:-1] + ("x" if app.api_key[-1] != "x" else "y")
    answers = [
        await app.asks(method, path, body, authorization=sent)
        for sent in (f"Bearer {near}", f"Bearer {MALFORMED}", f"Basic {app.api_key}", app.api_key)
        for method, path, body in (
            ("GET", "/v1/plans", None),
            ("POST", "/v1/subscriptions", {"key": app.api_key}),
        )
    ]
    answers += [
        await app.asks("POST", "/v1/subscriptions", {"plan": app.api_key}),
        await app.asks("GET", f"/v1/plans/{app.webhook_secret}"),
        await app.asks("GET", f"/v1/{app.api_key}"),
    ]
    # A field's own name is told back, its value never.
    assert all(answer.status >= 400 for answer in answers)
    return [answer.body for answer in answers]


async def pays(story: Story, app: App, invoice_id: str) -> list[bytes]:
    invoice = (await app.asks("GET", f"/v1/invoices/{invoice_id}")).json
    path = invoice["pay_url"].removeprefix(story.service.origin)
    answers = [
        await story.service.ask("GET", f"{path}x"),
        await story.service.ask("DELETE", path),
        await story.service.ask("GET", f"{path}/nothing"),
        await story.service.ask("POST", f"{path}/code", data=b"x" * 70_000),
    ]
    return [answer.body for answer in answers if answer.status >= 400]


async def signs_in(owner: Person, story: Story, clock: HandClock) -> list[bytes]:
    await owner.signs_in(owner.browser, clock)
    pages = []
    for _ in range(25):
        stranger = Browser(story.service, "203.0.113.8")
        pages.append(
            await stranger.sends("/dashboard/sign-in", email=owner.email, password=WRONG_PASSWORD)
        )
    return [page.answer.body for page in pages]


async def gateway_troubles(story: Story) -> list[bytes]:
    tenant = await story.subscribe("Bengkel Terakhir", "bulanan")
    code = await tenant.asks_for_code()
    notice: Any = await tenant.pays_without_notice(code)
    for _ in range(4):
        await story.notice_comes(notice, secret=NOTICE_SECRET + "x")
    await story.pakasir.stop()
    await story.notice_comes(notice)
    await story.minutes_pass(2)
    refused = await (await story.subscribe("Bengkel Sial", "bulanan")).tries_for_code()
    return [refused.body]


async def breaks(story: Story, app: App, url: str) -> list[bytes]:
    """Faults of ours, with tracebacks, where a secret is in the address or in the header."""
    [(invoice_id, token)] = await story.service.runtime.db.read(lambda tx: tx.all(AN_OPEN_INVOICE))
    with connected(url) as connection:
        connection.execute(text("ALTER TABLE charges RENAME TO gone"))
    try:
        answers = [
            await story.service.ask("GET", f"/pay/{token}"),
            await app.asks("GET", f"/v1/invoices/{invoice_id}/charges"),
        ]
    finally:
        with connected(url) as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO charges"))
    assert [answer.status for answer in answers] == [500, 500]
    return [answer.body for answer in answers]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("the key psk_live_abcdefgh12345 was", "the key psk_live_abcd… was"),
        ('"Authorization":"Bearer abcdefghij"', '"Authorization":"Bearer abcd…"'),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ…"),
        ("/pay/0123456789abcdefghjkmnpqrs/qr.png", "/pay/0123…/qr.png"),
        (
            "smtp://me:pass word@x smtps://me:pass@mail.id",
            "smtp://me:pass word@x smtps://me:…@mail.id",
        ),
        ("https://example.com:8080/pay/ and ok", "https://example.com:8080/pay/ and ok"),
    ],
)
def test_what_nobody_thought_of_is_masked(line: str, shown: str) -> None:
    assert masked(line.encode()).decode() == shown
