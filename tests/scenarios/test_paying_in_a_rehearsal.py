"""`POST /v1/test/invoices/{id}/pay`: what a tester asks for is what is paid."""

from typing import Any

import pytest

from tests.invariants import row_counts
from tests.story import App, Story


async def begun(story: Story) -> tuple[App, dict[str, Any]]:
    app = await story.app(simulated=True)
    return app, (await app.subscribes("Bengkel Jaya", "bulanan")).json


async def paid_through(app: App, subscription: dict[str, Any]) -> str:
    found = await app.asks("GET", f"/v1/subscriptions/{subscription['id']}")
    return str(found.json["paid_through"])


@pytest.mark.parametrize(
    ("body", "through"),
    [
        (None, "2026-02-28"),
        ({}, "2026-02-28"),
        ({"periods": 1}, "2026-02-28"),
        ({"periods": 12}, "2027-01-31"),
    ],
)
async def test_it_pays_as_many_periods_as_it_is_asked_to(
    story: Story, body: Any, through: str
) -> None:
    app, subscription = await begun(story)
    path = f"/v1/test/invoices/{subscription['open_invoice']['id']}/pay"
    answer = await app.asks("POST", path, body)
    assert (answer.status, answer.json["status"]) == (200, "paid")
    assert await paid_through(app, subscription) == through


@pytest.mark.parametrize(
    ("body", "through"), [(None, "2026-04-30"), ({"periods": 1}, "2026-02-28")]
)
async def test_it_pays_the_code_that_is_open(story: Story, body: Any, through: str) -> None:
    app, subscription = await begun(story)
    path = f"/v1/subscriptions/{subscription['id']}/pay-ahead"
    code = (await app.asks("POST", path, {"periods": 3})).json
    answer = await app.asks("POST", f"/v1/test/invoices/{code['invoice_id']}/pay", body)
    assert answer.status == 200
    assert await paid_through(app, subscription) == through


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"junk": 1}, "invalid_request"),
        ({"periods": 12, "junk": 1}, "invalid_request"),
        ({"periods": 2}, "invalid_request"),
        ({"periods": "3"}, "invalid_request"),
        ([], "invalid_request"),
    ],
)
async def test_what_it_does_not_know_is_refused(
    story: Story, database_url: str, body: Any, code: str
) -> None:
    app, subscription = await begun(story)
    before = row_counts(database_url)
    path = f"/v1/test/invoices/{subscription['open_invoice']['id']}/pay"
    answer = await app.asks("POST", path, body)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert row_counts(database_url) == before
