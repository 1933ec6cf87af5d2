"""The admins page: inviting, roles, shutting out; two owners at once; names of every kind."""

import asyncio
import re

from payment_service.model.admin import ADMIN, ADMINS, Admin, admin_by_email
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import Browser, Person, person

NEW = "/dashboard/admins/new"


async def admin(service: Service, admin_id: str) -> Admin:
    found = await service.runtime.db.read(lambda tx: tx.one(ADMIN, id=admin_id))
    assert found is not None
    return found


async def test_the_code_of_an_invitation_leads_in(owner: Person, browser: Browser) -> None:
    page = await owner.browser.sends(NEW, name="Rini", email="Rini@Bengkel.id", role="finance")
    (code,) = re.findall(r'<code id="one-time-code">([^<]+)</code>', page.html)
    assert "/dashboard/first" in page.text
    page = await browser.sends("/dashboard/first", code=code)
    assert "rini@bengkel.id" in (await browser.follows(page)).text
    page = await owner.browser.sees("/dashboard/admins")
    assert "Diundang" in page.text


async def test_an_invitation_can_be_made_again_until_they_have_come_in(
    service: Service, owner: Person, browser: Browser, clock: HandClock
) -> None:
    page = await owner.browser.sends(NEW, name="Rini", email="rini@bengkel.id", role="viewer")
    (old,) = re.findall(r'<code id="one-time-code">([^<]+)</code>', page.html)
    rini = await service.runtime.db.read(admin_by_email, "rini@bengkel.id")
    page = await owner.browser.sends(f"/dashboard/admins/{rini.id}/code")
    (new,) = re.findall(r'<code id="one-time-code">([^<]+)</code>', page.html)
    assert (await browser.sends("/dashboard/first", code=old)).status == 422
    assert (await browser.sends("/dashboard/first", code=new)).status == 303
    dewi = await person(service, clock, "viewer", "Dewi")
    page = await owner.browser.sends(f"/dashboard/admins/{dewi.id}/code")
    assert page.status == 409
    assert "Kode baru hanya bisa dibuat di server." in page.text


async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(
    service: Service, owner: Person
) -> None:
    good = {"name": "Rini", "email": "rini@bengkel.id", "role": "viewer"}
    for fields, says in (
        ({"name": ""}, "Nama 1 sampai 80 huruf."),
        ({"name": "x" * 10_000}, "Nama 1 sampai 80 huruf."),
        ({"name": "\u202eiraS"}, "Ada huruf yang tidak terlihat di dalamnya."),
        ({"email": "rini"}, "Tulis email seperti"),
        ({"email": "a@b@c"}, "Tulis email seperti"),
        ({"email": "a@b"}, "Tulis email seperti"),
        ({"email": "a@b..id"}, "Tulis email seperti"),
        ({"email": "rini@x.id\u0007"}, "Tulis email seperti"),
        ({"role": "root"}, "Pilih salah satu peran."),
    ):
        page = await owner.browser.sends(NEW, **{**good, **fields})
        assert page.status == 422
        assert says in page.text, fields
    assert len(await service.runtime.db.read(lambda tx: tx.all(ADMINS))) == 1


async def test_a_strange_name_stays_a_name(owner: Person) -> None:
    names = ("<script>alert(1)</script>", "Siti 🛠️ Rahma", "شركة", 'O\'Neil "&" {{ 7*7 }}')
    for number, name in enumerate(names):
        email = f"rini{number}@bengkel.id"
        page = await owner.browser.sends(NEW, name=name, email=email, role="viewer")
        assert page.status == 200
    for path in ("/dashboard/admins", "/dashboard/audit"):
        page = await owner.browser.sees(path)
        assert all(" ".join(name.split()) in page.text for name in names), path
        assert "<script>alert" not in page.html
        # With what stands before it: the log shows the end of a hash, in which 49 may be by chance.
        assert '"&" 49' not in page.text


async def test_nul_in_a_field_is_refused(owner: Person) -> None:
    page = await owner.browser.sends(NEW, name="a\0b", email="rini@bengkel.id", role="viewer")
    assert page.status == 422
    assert "Ada huruf yang tidak bisa dibaca." in page.text


async def test_the_last_owner_stays(service: Service, owner: Person, clock: HandClock) -> None:
    await person(service, clock, "finance", "Rini")
    here = f"/dashboard/admins/{owner.id}"
    for deed, fields in (("role", {"role": "viewer", "was": "owner"}), ("disable", {})):
        page = await owner.browser.sends(f"{here}/{deed}", **fields)
        assert page.status == 409
        assert "Ini pemilik terakhir." in page.text
    assert (await admin(service, owner.id)).role == "owner"


async def test_of_two_owners_who_shut_each_other_out_one_stays(
    service: Service, owner: Person, clock: HandClock
) -> None:
    other = await person(service, clock, "owner", "Rini")
    pages = await asyncio.gather(
        owner.browser.sends(f"/dashboard/admins/{other.id}/disable"),
        other.browser.sends(f"/dashboard/admins/{owner.id}/disable"),
    )
    assert sum(page.status == 303 and "/admins/" in page.leads_to for page in pages) == 1
    left = await service.runtime.db.read(lambda tx: tx.all(ADMINS))
    assert [one.disabled_at is None for one in left].count(True) == 1


async def test_of_two_owners_who_change_the_same_role_one_is_told(
    service: Service, owner: Person, clock: HandClock
) -> None:
    other = await person(service, clock, "owner", "Rini")
    dewi = await person(service, clock, "viewer", "Dewi")
    here = f"/dashboard/admins/{dewi.id}"
    forms = [(await one.browser.sees(here)).fields(f"{here}/role") for one in (owner, other)]
    pages = await asyncio.gather(
        owner.browser.ask("POST", f"{here}/role", {**forms[0], "role": "finance"}),
        other.browser.ask("POST", f"{here}/role", {**forms[1], "role": "owner"}),
    )
    assert sorted(page.status for page in pages) == [303, 409]
    (told,) = [page for page in pages if page.status == 409]
    assert "Peran ini sudah berubah sementara Anda mengisi." in told.text


async def test_who_is_disabled_comes_back_with_what_they_had(
    service: Service, owner: Person, clock: HandClock, browser: Browser
) -> None:
    dewi = await person(service, clock, "viewer", "Dewi")
    here = f"/dashboard/admins/{dewi.id}"
    page = await owner.browser.follows(await owner.browser.sends(f"{here}/disable"))
    assert "Dewi dinonaktifkan." in page.text
    assert "Dewi dinonaktifkan." not in (await owner.browser.sees(here)).text
    assert (await owner.browser.sends(f"{here}/disable")).status == 409
    page = await owner.browser.follows(await owner.browser.sends(f"{here}/enable"))
    assert "Dewi diaktifkan lagi." in page.text
    await dewi.signs_in(browser, clock)
    assert browser.is_in


async def test_an_admin_who_is_not_there_is_told_so(owner: Person) -> None:
    for path in ("/dashboard/admins/adm_nobody", "/dashboard/admins/x'--"):
        assert (await owner.browser.sees(path)).status == 404
    assert (await owner.browser.sends("/dashboard/admins/adm_nobody/disable")).status == 404
