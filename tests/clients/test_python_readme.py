"""The page of the Python client: what it shows is run as it stands."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clients.coming_back import comes_back
from tests.story import Story

README = Path(__file__).parents[2] / "clients" / "python" / "README.md"


async def test_what_it_shows_runs(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story.clock.set(datetime.now(UTC))  # its verifiers go by the machine's time
    app = await story.app()
    told = {
        "API_KEY": app.api_key,
        "URL": story.service.origin,
        "WEBHOOK_SECRET": app.webhook_secret,
        "APP": app.id,
    }
    for name, text in told.items():
        monkeypatch.setenv(f"PAYMENT_SERVICE_{name}", text)
    shown = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(shown) == 3
    names: dict[str, Any] = {}
    for block in shown:
        await asyncio.to_thread(exec, block, names)
    assert capsys.readouterr().out.splitlines()[0].startswith("000201")
    (subscription,) = (await app.asks("GET", "/v1/subscriptions")).json["data"]
    await story.money_arrives(await story.pakasir.only_order())
    await story.service.rest()
    await story.service.deliver()
    heard = story.receiver.heard
    assert {names["hear"](one.body, one.headers) for one in heard} == {204}
    assert names["hear"](b"{}", heard[0].headers) == 401
    assert names["is_open_to"]("tenant-42") is True
    assert names["is_open_to"]("tenant-43") is False
    fresh = (await app.asks("GET", f"/v1/subscriptions/{subscription['id']}/pass")).json["pass"]
    assert await asyncio.to_thread(names["may_come_in"], fresh) is True
    assert names["may_come_in"]("a.b.c") is False
    news = await comes_back(story, app, "tenant-42")
    for one in [*news, *reversed(news)]:
        assert names["hear"](one.body, one.headers) == 204
    assert names["is_open_to"]("tenant-42") is True
    names["billing"].close()


def test_it_is_one_screen() -> None:
    assert len(README.read_text().splitlines()) <= 80
