"""The audit log for people: filters, pages, from where, the chain's verdict, and CSV."""

import csv
from datetime import timedelta
from html import unescape
from io import StringIO
from urllib.parse import quote

from sqlalchemy import delete, func, insert, select

from payment_service.kit.statements import Transaction
from payment_service.migrations.upgrade import connected
from payment_service.model.audit import By, audit_entries, record
from payment_service.model.concern import concerns
from payment_service.model.plan import PLANS_OF_APP, Plan
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Person, person

FORMULAS = ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1")


async def add(service: Service, clock: HandClock, count: int, reason: str = "because") -> None:
    def unit(tx: Transaction) -> None:
        for number in range(count):
            by = By("command line", reason, clock.now())
            record(tx, by, None, "app.set", f"app_{number}", before={"n": 1}, after={"n": number})

    await service.runtime.db.write(unit)


async def test_each_deed_says_who_what_and_from_where(owner: Person) -> None:
    page = await owner.browser.sees("/dashboard/audit")
    assert "Rantai utuh." in page.text
    assert "Sari" in page.text
    assert "Masuk" in page.text
    assert owner.browser.address in page.text
    assert "Mengundang admin" in page.text


async def test_before_and_after_are_told(service: Service, owner: Person, clock: HandClock) -> None:
    dewi = await person(service, clock, "viewer", "Dewi")
    await owner.browser.sends(f"/dashboard/admins/{dewi.id}/role", role="finance", was="viewer")
    page = await owner.browser.sees("/dashboard/audit?what=admin")
    assert "Pelihat → Keuangan" in page.text


async def test_filters_leave_what_was_asked_for(
    service: Service, owner: Person, clock: HandClock
) -> None:
    clock.advance(timedelta(days=8))
    await add(service, clock, 5)
    await owner.signs_in(owner.browser, clock)
    for query, shown, hidden in (
        ("what=sign_in", "Masuk", "Mengundang admin"),
        ("what=admin", "Mengundang admin", "app_3"),
        ("who=command+line", "app_3", "kode autentikator"),
        ("about=app_3", "app_3", "app_4"),
        ("days=7", "app_3", "Mengundang admin"),
        ("days=7&what=app&who=command+line&about=app_3", "app_3", "app_4"),
        ("who=nobody", "Tidak ada catatan", "app_3"),
        ("what=%27+OR+1%3D1--", "app_3", "Tidak ada catatan"),
        ("about=%27+OR+1%3D1--", "Tidak ada catatan", "app_3"),
        ("before=-1", "app_3", "Tidak ada catatan"),
        ("before=99999999999999999999", "app_3", "Tidak ada catatan"),
        ("before=%27+OR+1%3D1", "app_3", "Tidak ada catatan"),
    ):
        page = await owner.browser.sees(f"/dashboard/audit?{query}")
        table = page.text.partition("Saring")[2]
        assert shown in table, query
        assert hidden not in table, query


def _plans(tx: Transaction, app_id: str) -> list[Plan]:
    return tx.all(PLANS_OF_APP, app_id=app_id, before="~", limit=100)


async def test_deeds_are_told_by_names_and_in_the_words_of_the_forms(place: BusyPlace) -> None:
    browser, app_id = place.owner.browser, (await place.story.admin()).id
    every = await place.story.service.runtime.db.read(_plans, app_id)
    paid = next(one for one in every if one.price)
    plan = f"/dashboard/plans/{paid.id}"
    form = (await browser.sees(f"{plan}/price")).fields(f"{plan}/price")
    await browser.sends(
        f"{plan}/price", **{**form, "price": "109.000", "whom": "keep", "reason": "naik"}
    )
    page = await browser.sees("/dashboard/audit")
    assert f"Mengubah paket {paid.name} · BukuBengkel · naik harga" in page.text
    assert "→ Rp109.000" in page.text
    assert "None" not in page.text
    assert f'href="{plan}"' in page.html


async def test_the_log_is_searched_by_a_name_or_a_number(place: BusyPlace) -> None:
    browser = place.owner.browser
    path = f"/dashboard/subscriptions/{place.ids['subscriptions']}"
    form = (await browser.sees(f"{path}/pay-link")).fields(f"{path}/pay-link")
    await browser.sends(f"{path}/pay-link", **{**form, "reason": "bocor"})
    id_ = place.ids["subscriptions"]
    known = await place.story.service.runtime.db.read(concerns, [id_])
    name = known[id_].name or known[id_].reference
    page = await browser.sees(f"/dashboard/audit?about={quote(name)}")
    assert "Mengganti tautan bayar" in page.text.partition("Saring")[2]
    assert "Masuk" not in page.text.partition("Saring")[2]


async def test_the_pages_lead_back_one_by_one(
    service: Service, owner: Person, clock: HandClock
) -> None:
    await add(service, clock, 60)
    page = await owner.browser.sees("/dashboard/audit?what=app")
    shown: list[str] = []
    for way in ("next", "next", "prev", "prev"):
        shown.append(page.text.partition("Saring")[2])
        target = page.html.partition(f'rel="{way}"')[0].rpartition('href="')[2].partition('"')[0]
        page = await owner.browser.sees(unescape(target))
    assert page.text.partition("Saring")[2] == shown[0]
    assert shown[3] == shown[1]


async def test_entries_cut_off_at_the_end_are_noticed(
    service: Service, owner: Person, clock: HandClock, database_url: str
) -> None:
    await add(service, clock, 3)
    of = audit_entries.c
    newest = select(func.max(of.position)).scalar_subquery()
    with connected(database_url) as connection:
        kept = connection.execute(select(audit_entries).where(of.position == newest)).one()
        sqlite = connection.dialect.name == "sqlite"
        name = "audit_entries_stay_delete" if sqlite else "audit_entries_stay"
        connection.exec_driver_sql(f"DROP TRIGGER {name}{'' if sqlite else ' ON audit_entries'}")
        connection.execute(delete(audit_entries).where(of.position == newest))
    page = await owner.browser.sees("/dashboard/audit")
    assert "Rantai putus." in page.text
    with connected(database_url) as connection:  # as it was, for the check after the test
        connection.execute(insert(audit_entries), dict(kept._mapping))


async def test_older_entries_are_a_page_further(
    service: Service, owner: Person, clock: HandClock
) -> None:
    await add(service, clock, 60)
    seen: list[str] = []
    page = await owner.browser.sees("/dashboard/audit?what=app")
    for _ in range(9):
        seen += [line for line in page.text.split() if line.startswith("app_")]
        if 'rel="next"' not in page.html:
            break
        target = page.html.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        page = await owner.browser.sees(target.replace("&amp;", "&"))
    assert seen == [f"app_{number}" for number in reversed(range(60))]


async def test_the_export_holds_every_entry_and_no_formula(
    service: Service, owner: Person, clock: HandClock
) -> None:
    for reason in FORMULAS:
        await add(service, clock, 1, f"x{reason}")
    await add(service, clock, 1200)
    page = await owner.browser.sends("/dashboard/audit.csv")
    assert page.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in page.answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(page.html)))
    positions = [int(row["position"]) for row in rows]
    assert positions == list(range(positions[0], 0, -1))
    assert len(rows) > 1200
    assert not [cell for row in rows for cell in row.values() if cell.startswith(FORMULAS)]


async def test_the_export_is_not_for_viewers(service: Service, clock: HandClock) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    page = await viewer.browser.sees("/dashboard/audit")
    assert page.status == 200
    assert "audit.csv" not in page.html
    assert (await viewer.browser.sees("/dashboard/audit.csv")).status == 403
    assert (await viewer.browser.sends("/dashboard/audit.csv")).status == 403


async def test_a_broken_chain_is_told(
    service: Service, clock: HandClock, database_url: str
) -> None:
    owner = await person(service, clock, "owner")
    await add(service, clock, 3)
    with connected(database_url) as connection:
        sqlite = connection.dialect.name == "sqlite"
        on = "" if sqlite else " ON audit_entries"
        name = "audit_entries_stay_update" if sqlite else "audit_entries_stay"
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
        change = "UPDATE audit_entries SET reason = '{}' WHERE reason = '{}' AND position = 8"
        connection.exec_driver_sql(change.format("another", "because"))
    page = await owner.browser.sees("/dashboard/audit")
    assert "Rantai putus." in page.text
    with connected(database_url) as connection:  # as it was, for the check after the test
        connection.exec_driver_sql(change.format("because", "another"))
