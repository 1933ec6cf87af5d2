"""Pay links that lead nowhere, and many people at one's page at the same time."""

import asyncio

import msgspec
import pytest

from payment_service.kit.ids import new_token
from payment_service.kit.statements import Transaction, save
from payment_service.model.subscription import SUBSCRIPTION
from tests.invariants import row_counts
from tests.service import Service
from tests.story import App
from tests.web.test_pay import next_state

BY_A_BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
NOWHERE = (
    "0" * 26,
    "a",
    "x" * 4_000,
    "%F0%9F%98%80" * 50,
    "%D8%B9%D8%B1%D8%A8%D9%8A",
    "..%2F..%2Fetc%2Fpasswd",
    "%27%20OR%20%271%27=%271",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "%FF%FE",
)


async def pay_path(app: App) -> str:
    url: str = (await app.subscribes("tenant-1", "bulanan")).json["pay_url"]
    return url.removeprefix(app.service.origin)


@pytest.mark.parametrize("token", NOWHERE, ids=lambda token: str(token)[:20])
async def test_a_wrong_link_is_a_kind_page_and_nothing_else(
    app: App, service: Service, database_url: str, token: str
) -> None:
    await pay_path(app)
    before = row_counts(database_url)
    for method, rest in (("GET", ""), ("GET", "/history"), ("POST", "/code"), ("POST", "/check")):
        answer = await service.ask(method, f"/pay/{token}{rest}", headers=BY_A_BROWSER)
        if "%2F" in token:  # a slash of the path: no route takes it
            assert answer.status in (404, 405)
            continue
        assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Tautan ini tidak berlaku" in answer.body.decode()
        assert len(answer.body) < 3_000  # what was asked for is not said again
    assert row_counts(database_url) == before


def roll_link(tx: Transaction, subscription_id: str) -> None:
    subscription = tx.one(SUBSCRIPTION, id=subscription_id)
    assert subscription
    save(tx, subscription, msgspec.structs.replace(subscription, pay_token=new_token()))


async def test_a_link_that_was_rolled_says_so_in_the_readers_language(
    app: App, service: Service
) -> None:
    made = (await app.subscribes("tenant-1", "bulanan")).json
    await service.runtime.db.write(roll_link, made["id"])
    headers = {**BY_A_BROWSER, "Accept-Language": "en"}
    answer = await service.ask("POST", made["pay_url"] + "/code", headers=headers)
    assert answer.status == 404
    assert "This link does not work" in answer.body.decode()


async def test_a_page_that_is_open_while_its_link_is_rolled_hears_of_it(
    app: App, service: Service
) -> None:
    made = (await app.subscribes("tenant-1", "bulanan")).json
    headers = {"Accept": "text/event-stream"}
    async with service.http.get(f"{made['pay_url']}/status", headers=headers) as stream:
        assert await next_state(stream) == "no_code"
        await service.runtime.db.write(roll_link, made["id"])
        assert await next_state(stream) == "missing"


async def test_many_who_open_one_page_at_once_all_see_it(
    app: App, service: Service, database_url: str
) -> None:
    path = await pay_path(app)
    await service.ask("POST", f"{path}/code")
    asked = [path, f"{path}?lang=en", f"{path}/qr.svg", f"{path}/picture.png", f"{path}/status"]
    answers = await asyncio.gather(*(service.ask("GET", one) for one in asked * 40))
    assert {answer.status for answer in answers} == {200}
    assert row_counts(database_url)["charges"] == 1


async def test_many_who_press_i_have_paid_at_once_ask_the_gateway_once(
    app: App, service: Service, database_url: str
) -> None:
    path = await pay_path(app)
    await service.ask("POST", f"{path}/code")
    before = row_counts(database_url)
    answers = await asyncio.gather(*(service.ask("POST", f"{path}/check") for _ in range(40)))
    await service.rest()
    assert {(one.status, one.headers["Location"]) for one in answers} == {
        (303, f"{path}?checking=1")
    }
    assert row_counts(database_url) == before
