"""A test app's clock: years in seconds, payers with habits, and the stories that come of them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from payment_service.kit.statements import Transaction
from payment_service.model.alert import OPEN_ALERTS
from payment_service.model.billing_run import RUNS_OF_DAY
from payment_service.model.clock_advance import LEASE, begin_advance
from payment_service.model.payer import HABITS
from payment_service.rehearsal.advance_clock import go_on
from payment_service.rehearsal.pay import Tell
from payment_service.runtime import Runtime
from payment_service.web.simulated import tell_and_wait
from payment_service.worker import Worker
from tests.invariants import row_counts
from tests.service import Answer
from tests.story import OTHER_AMOUNT, App, Story

TIMELINES = Path(__file__).parents[1] / "data" / "timelines"


async def advances(app: App, day: str, answer_within: float = 300) -> Answer:
    """However slow this machine is, the answer tells of the whole."""
    await app.service.answers_advances_within(answer_within)
    return await app.asks("POST", "/v1/test/clock", {"advance_to": day})


async def subscribed(app: App, name: str, habit: str | None = None) -> dict[str, Any]:
    answer = await app.subscribes(name, "bulanan")
    assert answer.status == 201, answer.body
    if habit is not None:
        path = f"/v1/test/subscriptions/{answer.json['id']}/payer"
        assert (await app.asks("PUT", path, {"habit": habit})).status == 200
    found: dict[str, Any] = answer.json
    return found


async def text_of(app: App, subscription: dict[str, Any]) -> str:
    path = f"/v1/test/subscriptions/{subscription['id']}/timeline?format=text"
    answer = await app.asks("GET", path)
    assert answer.status == 200
    return answer.body.decode()


async def read(app: App, subscription: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await app.asks("GET", f"/v1/subscriptions/{subscription['id']}")).json
    return found


@pytest.mark.parametrize("habit", HABITS)
async def test_a_year_of_each_habit_is_the_same_story_every_time(story: Story, habit: str) -> None:
    app = await story.app(simulated=True)
    subscription = await subscribed(app, "Bengkel Jaya", habit)
    if habit == "never_pays":  # but for the first, so that there is something to take away
        invoice = subscription["open_invoice"]["id"]
        assert (await app.asks("POST", f"/v1/test/invoices/{invoice}/pay")).status == 200
    assert (await advances(app, "2027-01-31")).status == 200
    await story.service.deliver()
    told = await text_of(app, subscription)
    kept = TIMELINES / f"{habit}.txt"
    assert told == kept.read_text(), f"{kept} is another story"


async def test_who_never_pays_at_all_is_no_customer_after_three_days(story: Story) -> None:
    app = await story.app(simulated=True)
    subscription = await subscribed(app, "Bengkel Jaya", "never_pays")
    told = (await advances(app, "2026-02-10")).json
    assert (await read(app, subscription))["status"] == "expired"
    assert told["counts"]["subscription.expired"] == 1
    assert [event["type"] for event in told["events"]].count("invoice.voided") == 1


async def test_the_clock_stands_at_noon_and_runs_on(story: Story) -> None:
    app = await story.app(simulated=True)
    told = (await advances(app, "2027-11-22")).json
    assert told["clock"]["now"] == "2027-11-22T05:00:00Z"
    story.clock.advance(timedelta(hours=3))
    stood = (await app.asks("GET", "/v1/test/clock")).json["clock"]
    assert (stood["now"], stood["today"]) == ("2027-11-22T08:00:00Z", "2027-11-22")
    assert (stood["status"], stood["advance_to"]) == ("standing", "2027-11-22")
    # Again to where it stands: nothing is done, and nothing is wrong.
    again = await advances(app, "2027-11-22")
    assert (again.status, again.json["events"]) == (200, [])
    assert again.json["clock"]["now"] == "2027-11-22T08:00:00Z"


async def test_every_day_on_the_way_has_its_run(story: Story) -> None:
    app = await story.app(simulated=True)
    await advances(app, "2026-03-02")
    days = [date(2026, 1, 31) + timedelta(days=number) for number in range(31)]

    def runs(tx: Transaction) -> list[int]:
        return [len(tx.all(RUNS_OF_DAY, app_id=app.id, day=day)) for day in days]

    assert await story.service.runtime.db.read(runs) == [1] * 31


async def test_what_is_subscribed_and_read_later_lives_on_the_same_clock(story: Story) -> None:
    app = await story.app(simulated=True)
    await advances(app, "2026-06-30")
    subscription = await subscribed(app, "Bengkel Jaya")
    invoice = subscription["open_invoice"]
    assert invoice["issued_on"] == "2026-06-30"
    assert invoice["number"].startswith("BUK-2026-") or "-2026-" in invoice["number"]
    code = (await app.asks("POST", f"/v1/invoices/{invoice['id']}/qris")).json
    assert code["expires_at"].startswith("2026-06-30T05:15")
    page = (await story.service.ask("GET", subscription["pay_url"])).body.decode()
    assert 'data-now="2026-06-30T05:00' in page
    paid = await app.asks("POST", f"/v1/test/invoices/{invoice['id']}/pay")
    assert (paid.status, paid.json["status"]) == (200, "paid")
    after = await read(app, subscription)
    assert (after["status"], after["paid_through"]) == ("active", "2026-07-30")
    assert (await app.asks("POST", f"/v1/test/invoices/{invoice['id']}/pay")).status == 409


async def _presses_the_button(story: Story, pay_url: str) -> None:
    page = (await story.service.ask("GET", pay_url)).body.decode()
    reference = page.split("/pay-v2/")[1].split('"')[0]
    shown = (await story.service.ask("GET", f"/pay-v2/{reference}")).body.decode()
    assert f"{reference}/paid" in shown  # the button of a code that is alive
    await story.service.ask("POST", f"/pay-v2/{reference}/paid")
    await story.service.rest()


async def test_the_simulators_own_page_lives_on_the_apps_clock(story: Story) -> None:
    app = await story.app(simulated=True)
    await advances(app, "2026-06-30")
    invoice = (await subscribed(app, "Bengkel Jaya"))["open_invoice"]["id"]
    answer = await app.asks("POST", f"/v1/invoices/{invoice}/qris")
    await _presses_the_button(story, answer.json["pay_url"])
    assert (await app.asks("GET", f"/v1/invoices/{invoice}")).json["status"] == "paid"


async def test_a_code_left_open_is_asked_about_and_forgotten_on_the_way(story: Story) -> None:
    app = await story.app(simulated=True)
    subscription = await subscribed(app, "Bengkel Jaya")
    invoice = subscription["open_invoice"]["id"]
    await app.asks("POST", f"/v1/invoices/{invoice}/qris")
    await advances(app, "2026-02-05")
    assert (await read(app, subscription))["status"] == "expired"  # after a look at its code


async def test_webhooks_go_out_now_with_the_apps_time_in_them(story: Story) -> None:
    app = await story.app(simulated=True)
    began = story.clock.now()
    await subscribed(app, "Bengkel Jaya", "pays_on_time")
    told = (await advances(app, "2026-12-01")).json
    await story.service.deliver()
    heard = story.receiver.heard
    assert len(heard) == 2 + sum(told["counts"].values())
    assert {int(one.headers["webhook-timestamp"]) for one in heard} == {int(began.timestamp())}
    stamps = [msgspec.json.decode(one.body)["timestamp"] for one in heard]
    assert max(stamps) > "2026-11-2"
    assert datetime.fromisoformat(max(stamps)) <= datetime(2026, 12, 1, 5, tzinfo=UTC)


async def test_the_owner_is_told_of_what_happens_on_the_way_today(story: Story) -> None:
    app = await story.app(simulated=True)
    await advances(app, "2026-12-01")
    subscription = await subscribed(app, "Bengkel Jaya")
    invoice = subscription["open_invoice"]["id"]
    code = (await app.asks("POST", f"/v1/invoices/{invoice}/qris")).json
    db = story.service.runtime.db
    await db.write(lambda tx: tx.run(OTHER_AMOUNT, order=code["charge_id"], new_amount=1_000))
    await _presses_the_button(story, code["pay_url"])
    (alert,) = await db.read(lambda tx: tx.all(OPEN_ALERTS))
    assert alert.kind == "payment_needs_review"
    assert alert.raised_at == alert.send_at == story.clock.now()


async def test_an_app_in_real_time_beside_it_stays_as_it_is(story: Story) -> None:
    ahead = await story.app(name="Depan", simulated=True)
    here = await story.app(name="Sini", simulated=True)
    neighbour = await subscribed(here, "Bengkel Jaya", "pays_on_time")
    invoice = neighbour["open_invoice"]["id"]
    await here.asks("POST", f"/v1/invoices/{invoice}/qris")
    before = await text_of(here, neighbour)
    await subscribed(ahead, "Bengkel Jaya", "pays_late")
    await advances(ahead, "2027-01-31")
    assert await text_of(here, neighbour) == before
    assert (await here.asks("GET", "/v1/test/clock")).json["clock"]["today"] == "2026-01-31"
    # And the worker goes on with both, each by its own clock.
    story.clock.advance(timedelta(minutes=3))
    assert await story.service.sweep() == 1
    story.clock.advance(timedelta(seconds=4))
    assert (await here.asks("POST", f"/v1/test/invoices/{invoice}/pay")).status == 200
    assert (await read(here, neighbour))["paid_through"] == "2026-02-28"


async def test_the_worker_finds_what_an_app_ahead_is_owed(story: Story) -> None:
    app = await story.app(simulated=True)
    await advances(app, "2026-06-30")
    subscription = await subscribed(app, "Bengkel Jaya")
    await app.asks("POST", f"/v1/invoices/{subscription['open_invoice']['id']}/qris")
    assert await story.service.sweep() == 0
    story.clock.advance(timedelta(minutes=3))
    assert await story.service.sweep() == 1
    assert await story.service.sweep() == 0


async def test_a_live_app_has_no_clock_no_payers_and_no_simulator(
    live_story: Story, database_url: str
) -> None:
    app = await live_story.app(mode="live")
    subscription = await subscribed(app, "Bengkel Jaya")
    invoice = subscription["open_invoice"]["id"]
    before = row_counts(database_url)
    for method, path, body in (
        ("POST", "/v1/test/clock", {"advance_to": "2027-11-22"}),
        ("GET", "/v1/test/clock", None),
        ("PUT", f"/v1/test/subscriptions/{subscription['id']}/payer", {"habit": "pays_late"}),
        ("GET", f"/v1/test/subscriptions/{subscription['id']}/timeline", None),
        ("POST", f"/v1/test/invoices/{invoice}/pay", None),
    ):
        answer = await app.asks(method, path, body)
        assert (answer.status, answer.json["code"]) == (403, "test_only"), path
    assert row_counts(database_url) == before


async def test_a_test_app_at_a_gateway_lives_in_real_time(story: Story, database_url: str) -> None:
    app = await story.app()
    subscription = await subscribed(app, "Bengkel Jaya")
    invoice = subscription["open_invoice"]["id"]
    before = row_counts(database_url)
    for method, path, body in (
        ("POST", "/v1/test/clock", {"advance_to": "2027-11-22"}),
        ("PUT", f"/v1/test/subscriptions/{subscription['id']}/payer", {"habit": "pays_late"}),
        ("POST", f"/v1/test/invoices/{invoice}/pay", None),
    ):
        answer = await app.asks(method, path, body)
        assert (answer.status, answer.json["code"]) == (409, "simulator_needed"), path
    assert row_counts(database_url) == before


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2026-01-30", "clock_backwards"),
        ("2031-03-01", "clock_too_far"),
        ("9999-12-31", "clock_too_far"),
        ("2026-02-30", "invalid_request"),
        ("2027-13-01", "invalid_request"),
        ("tomorrow", "invalid_request"),
        ("", "invalid_request"),
        (1_800_000_000, "invalid_request"),
        (None, "invalid_request"),
    ],
)
async def test_a_day_that_is_gone_or_none_changes_nothing(
    story: Story, database_url: str, day: Any, code: str
) -> None:
    app = await story.app(simulated=True)
    before = row_counts(database_url)
    answer = await app.asks("POST", "/v1/test/clock", {"advance_to": day})
    assert (answer.status, answer.json["code"]) == (422, code)
    assert row_counts(database_url) == before
    assert (await app.asks("GET", "/v1/test/clock")).json["clock"]["offset_seconds"] == 0


async def test_another_apps_subscription_and_invoice_are_not_there(story: Story) -> None:
    mine = await story.app(name="Saya", simulated=True)
    theirs = await story.app(name="Mereka", simulated=True)
    foreign = await subscribed(theirs, "Bengkel Jaya")
    path = f"/v1/test/subscriptions/{foreign['id']}"
    invoice = foreign["open_invoice"]["id"]
    assert (await mine.asks("PUT", f"{path}/payer", {"habit": "pays_late"})).status == 404
    assert (await mine.asks("GET", f"{path}/timeline")).status == 404
    assert (await mine.asks("POST", f"/v1/test/invoices/{invoice}/pay")).status == 404
    assert (await theirs.asks("PUT", f"{path}/payer", {"habit": "pays"})).status == 422


async def test_of_two_advances_at_once_one_is_refused(story: Story) -> None:
    app = await story.app(simulated=True)
    await subscribed(app, "Bengkel Jaya", "pays_on_time")
    answers = await asyncio.gather(*(advances(app, "2026-12-31") for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.json["code"] == "clock_advancing"
    assert refused.json["advance_to"] == "2026-12-31"


async def test_a_long_advance_is_answered_at_once_and_goes_on(story: Story) -> None:
    app = await story.app(simulated=True)
    subscription = await subscribed(app, "Bengkel Jaya", "pays_on_time")
    await subscribed(app, "Bengkel Sari", "pays_on_time")
    answer = await advances(app, "2027-01-31", answer_within=0)
    assert answer.status == 202
    assert answer.json["clock"]["status"] == "advancing"
    assert (await advances(app, "2027-01-31")).status == 409
    for _ in range(600):
        stood = await app.asks("GET", "/v1/test/clock")
        if stood.json["clock"]["status"] == "standing":
            break
        await asyncio.sleep(0.1)
    assert stood.json["clock"]["today"] == "2027-01-31"
    assert (await read(app, subscription))["paid_through"] == "2027-02-28"


async def test_an_advance_that_was_killed_is_gone_on_with(story: Story) -> None:
    app = await story.app(simulated=True)
    subscription = await subscribed(app, "Bengkel Jaya", "pays_on_time")
    runtime = story.service.runtime
    begun = await runtime.db.write(begin_advance, app.id, date(2026, 8, 1), story.clock.now())

    with pytest.raises(BrokenOffError):
        await go_on(runtime, begun, _fails_at(3))
    stood = (await app.asks("GET", "/v1/test/clock")).json["clock"]
    assert stood["status"] == "stopped"
    assert "2026-02-28" < stood["today"] < "2026-08-01"
    assert (await advances(app, "2026-08-01")).status == 200
    whole = await story.app(name="Dua", simulated=True)
    other = await subscribed(whole, "Bengkel Jaya", "pays_on_time")
    assert (await advances(whole, "2026-08-01")).status == 200
    assert _days_of(await text_of(app, subscription)) == _days_of(await text_of(whole, other))


class BrokenOffError(Exception):
    """The process ends here."""


def _fails_at(notice: int) -> Tell:
    left = [notice]

    async def tell(runtime: Runtime, app: Any, reference: str) -> None:
        left[0] -= 1
        if not left[0]:
            raise BrokenOffError
        await tell_and_wait(runtime, app, reference)

    return tell


def _days_of(story: str) -> list[str]:
    """The same on the same days, whatever the hour."""
    return [f"{line[:10]}{line[16:]}" for line in story.splitlines()]


async def test_a_dead_process_holds_the_clock_until_its_lease_is_over(story: Story) -> None:
    app = await story.app(simulated=True)
    runtime = story.service.runtime
    await runtime.db.write(begin_advance, app.id, date(2026, 8, 1), story.clock.now())
    assert (await advances(app, "2026-08-01")).status == 409
    story.clock.advance(LEASE)
    assert (await advances(app, "2026-08-01")).status == 200


async def test_a_payer_without_a_habit_does_nothing(story: Story) -> None:
    app = await story.app(simulated=True)
    subscription = await subscribed(app, "Bengkel Jaya", "pays_on_time")
    path = f"/v1/test/subscriptions/{subscription['id']}/payer"
    assert (await app.asks("PUT", path, {"habit": None})).json["habit"] is None
    await advances(app, "2026-02-10")
    assert (await read(app, subscription))["status"] == "expired"


async def test_many_payers_live_a_year_beside_one_another(story: Story) -> None:
    app = await story.app(simulated=True)
    for number in range(12):
        await subscribed(app, f"Bengkel {number}", HABITS[number % len(HABITS)])
    told = (await advances(app, "2027-01-31")).json
    assert told["clock"]["today"] == "2027-01-31"
    # Two pay twice, every other invoice: the one between is paid by what was too much.
    assert told["counts"]["payment.credited"] == 2 * 7


async def test_with_the_worker_at_the_same_work_nothing_happens_twice(story: Story) -> None:
    app = await story.app(simulated=True)
    worker = Worker(story.service.runtime)
    working = asyncio.create_task(worker.run())
    try:
        subscription = await subscribed(app, "Bengkel Jaya", "pays_on_time")
        assert (await advances(app, "2027-01-31")).status == 200
    finally:
        worker.stop()
        await working
    await story.service.deliver()
    kept = (TIMELINES / "pays_on_time.txt").read_text()
    assert sorted(_days_of(await text_of(app, subscription))) == sorted(_days_of(kept))
