"""What needs somebody: each thing once, the gravest first, read, dealt with, released; by whom."""

import asyncio
from datetime import timedelta
from typing import get_args

from payment_service.actions.run_billing import run_billing
from payment_service.kit.statements import Transaction
from payment_service.model.alert import OPEN_ALERTS, Kind, alert_by_id
from payment_service.model.app import app_by_id
from payment_service.model.billing_run import RUN, wants_run
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.overview.conftest import Desk
from tests.web.dashboard.people import Person, person

HERE = "/dashboard/attention"


async def test_nothing_needs_anybody_at_first(owner: Person) -> None:
    page = await owner.browser.sees(HERE)
    assert "Semua beres Tidak ada yang perlu tangan Anda." in page.text


async def test_the_gravest_stands_first_with_what_it_means_and_whose_it_is(
    desk: Desk, owner: Person
) -> None:
    app = await desk.app()
    await desk.alert("gateway_unreachable", app.id, app, "HTTP 502")
    await desk.alert("gateway_refused", app.id, app, "HTTP 401 <script>alert(1)</script>")
    page = await owner.browser.sees(HERE)
    refused = page.text.index("Penyedia QRIS menolak permintaan BukuBengkel")
    silent = page.text.index("Penyedia QRIS BukuBengkel tidak menjawab")
    assert refused < silent
    assert "Periksa proyek dan kunci API di pengaturan aplikasi." in page.text
    assert "HTTP 401 <script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.html
    assert "2 hal, yang paling genting di atas" in page.text


async def test_every_kind_of_alert_has_words_of_its_own(place: BusyPlace) -> None:
    browser, desk = place.owner.browser, Desk(place.story.service, place.story.clock)
    app = await place.story.admin()
    subjects = {
        "paid_while_suspended": "subscriptions", "paid_after_cancel": "subscriptions",
        "billing_failed": "subscriptions", "suspensions_held": "apps", "books_differ": "apps",
        "gateway_refused": "apps", "gateway_unknown_order": "apps", "gateway_nonsense": "apps",
        "gateway_unreachable": "apps", "wrong_secret": "apps", "paid_then_canceled": "charges",
        "code_refused": "charges", "delivery_failing": "webhooks", "delivery_failed": "webhooks",
        "endpoint_off": "webhooks",
    }  # fmt: skip
    for kind, noun in subjects.items():
        await desk.alert(kind, place.ids[noun], app, "secret details")  # type: ignore[arg-type]
    for kind in set(get_args(Kind)) - {*subjects, "payment_needs_review"}:
        await desk.alert(kind, "machine", None, "secret details")
        subjects[kind] = "machine"
    page = await browser.sees(HERE)
    for kind in subjects:
        assert kind not in page.text.replace("secret details", ""), kind
    assert page.text.count("secret details") == len(subjects)
    assert "Kode QRIS BB-2026-" in page.text
    assert "Uang masuk Rp1.000.000 , tidak sama dengan kodenya" in page.text
    english = await browser.ask("GET", HERE, Accept_Language="en")
    assert "The QRIS provider refuses BukuBengkel" in english.text


async def test_who_has_read_it_says_so_and_it_stays(desk: Desk, owner: Person) -> None:
    app = await desk.app()
    alert = await desk.alert("gateway_refused", app.id, app)
    for _ in range(2):
        page = await owner.browser.sends(f"/dashboard/alerts/{alert}/see")
        page = await owner.browser.follows(page)
        assert "Ditandai sudah dibaca." in page.text
        assert "· sudah dibaca Periksa pengaturan Tandai beres" in page.text


async def test_what_is_dealt_with_leaves_the_list_and_stands_in_the_log(
    desk: Desk, owner: Person
) -> None:
    app = await desk.app()
    alert = await desk.alert("gateway_refused", app.id, app)
    note = {f"note_{alert}": "kunci API baru <b>"}
    page = await owner.browser.sends(f"/dashboard/alerts/{alert}/clear", **note)
    page = await owner.browser.follows(page)
    assert "Beres. Tercatat di jejak audit." in page.text
    assert "Semua beres" in page.text
    log = await owner.browser.sees("/dashboard/audit")
    assert "Menandai beres" in log.text
    assert "kunci API baru <b>" in log.text


async def test_a_note_that_says_nothing_is_told_at_its_field(desk: Desk, owner: Person) -> None:
    app = await desk.app()
    alert = await desk.alert("gateway_refused", app.id, app)
    for note in ("", "   ", "x" * 10_000):
        page = await owner.browser.sends(
            f"/dashboard/alerts/{alert}/clear", **{f"note_{alert}": note}
        )
        assert page.status == 422
        assert "Tulis bagaimana dibereskan, 1 sampai 500 huruf." in page.text
        assert 'aria-invalid="true"' in page.html
    assert (await desk.db.read(alert_by_id, alert)).cleared_at is None


async def test_of_two_who_deal_with_it_at_once_one_is_told(
    service: Service, desk: Desk, owner: Person, clock: HandClock
) -> None:
    app = await desk.app()
    alert = await desk.alert("gateway_refused", app.id, app)
    rini = await person(service, clock, "finance", "Rini")
    both = [
        one.browser.sends(f"/dashboard/alerts/{alert}/clear", **{f"note_{alert}": one.name})
        for one in (owner, rini)
    ]
    pages = await asyncio.gather(*both)
    assert sorted(page.status for page in pages) == [303, 409]
    (told,) = (page for page in pages if page.status == 409)
    assert "Admin lain sudah menandainya beres." in told.text


async def test_money_in_review_is_decided_and_not_ticked_off(place: BusyPlace) -> None:
    owner = place.owner.browser
    alert = await place.story.service.runtime.db.read(_review_alert)
    page = await owner.sends(f"/dashboard/alerts/{alert}/clear", **{f"note_{alert}": "ya"})
    assert page.status == 409
    assert "beres setelah diputuskan di halaman pembayarannya" in page.text


async def test_a_run_that_stopped_itself_is_released_once_and_made_again(
    service: Service, desk: Desk, owner: Person, clock: HandClock
) -> None:
    app = await desk.app()
    run = await desk.held_run(app)
    await desk.alert("suspensions_held", app.id, app)
    page = await owner.browser.sees(HERE)
    assert "Tangguhkan 12 langganan?" in page.text
    now = clock.now()
    assert not await desk.db.read(wants_run, app, now, now)
    address, reason = f"/dashboard/runs/{run.id}/release", {f"reason_{run.id}": "sudah ditelepon"}
    assert (await owner.browser.sends(address, **{f"reason_{run.id}": " "})).status == 422
    page = await owner.browser.follows(await owner.browser.sends(address, **reason))
    assert "Dilepas. 12 langganan ditangguhkan dalam satu menit." in page.text
    assert "Semua beres" in page.text
    assert await desk.db.read(wants_run, app, now, now)
    rini = await person(service, clock, "finance", "Rini")
    page = await rini.browser.sends(address, **reason)
    assert page.status == 409
    assert "Admin lain sudah melepasnya." in page.text
    log = await owner.browser.sees("/dashboard/audit")
    told = log.text.partition("Melepas penangguhan yang ditahan")[2][:80]
    assert "BukuBengkel · sudah ditelepon" in told


async def test_a_run_of_a_day_that_is_over_or_that_held_nothing_is_not_released(
    desk: Desk, owner: Person, clock: HandClock
) -> None:
    app = await desk.app()
    run = await desk.held_run(app)
    address, reason = f"/dashboard/runs/{run.id}/release", {f"reason_{run.id}": "ya"}
    clock.advance(clock.now().replace(hour=17, minute=1) - clock.now())  # midnight in Jakarta
    page = await owner.browser.sends(address, **reason)
    if page.status == 303:  # too long ago since a factor was given
        await owner.signs_in(owner.browser, clock)
        page = await owner.browser.sends(address, **reason)
    assert page.status == 409
    assert "Hari itu sudah lewat." in page.text
    found = await desk.db.read(lambda tx: tx.one(RUN, id=run.id))
    assert found is not None
    assert not found.forced


async def test_a_viewer_reads_all_of_it_and_is_offered_nothing(
    service: Service, desk: Desk, clock: HandClock
) -> None:
    app = await desk.app()
    await desk.alert("suspensions_held", app.id, app)
    await desk.held_run(app)
    viewer = await person(service, clock, "viewer", "Dewi")
    page = await viewer.browser.sees(HERE)
    assert "menahan penangguhan" in page.text
    assert "Kata layanan" not in page.text
    assert "<form" not in page.html[page.html.index("<main") :]


def _review_alert(tx: Transaction) -> str:
    return next(one.id for one in tx.all(OPEN_ALERTS) if one.kind == "payment_needs_review")


async def test_billing_that_stands_still_is_the_gravest_matter(place: BusyPlace) -> None:
    browser, clock = place.owner.browser, place.story.clock
    page = await browser.sees(HERE)
    assert "tidak jalan lagi" not in page.text
    clock.advance(timedelta(days=2))
    await place.owner.signs_in(browser, clock)
    page = await browser.sees(HERE)
    assert "Penagihan BukuBengkel tidak jalan lagi" in page.text
    runtime = place.story.service.runtime
    app = await runtime.db.read(app_by_id, (await place.story.admin()).id)
    await run_billing(runtime, app)
    page = await browser.sees(HERE)
    assert "tidak jalan lagi" not in page.text
