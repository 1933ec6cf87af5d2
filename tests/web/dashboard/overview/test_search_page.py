"""The one search: every way to ask, grouped, with how it stands, and whatever is typed."""

from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Person

HERE = "/dashboard/search"


async def test_before_anything_is_typed_it_says_what_can_be_found(owner: Person) -> None:
    for query in ("", "?q=", "?q=+++", "?q=a"):
        page = await owner.browser.sees(HERE + query)
        assert "Satu kotak untuk semuanya" in page.text, query


async def test_everything_is_found_by_what_people_know_of_it_with_how_it_stands(
    place: BusyPlace,
) -> None:
    browser = place.owner.browser
    invoice, payment = place.busy.by_state["invoices"], place.busy.by_state["payments"]
    for query, shown in (
        ("bengkel fitri", "Pelanggan 1"),
        ("bengkel fitri", "Ditangguhkan"),
        ("BB-2026-000001", "Tagihan 1"),
        ("000001", "BB-2026-000001"),
        (invoice["void"], "Dibatalkan"),
        (payment["needs_review"], "Perlu diperiksa"),
        (place.ids["subscriptions"], "Langganan 1"),
        (place.ids["charges"], "Kode QRIS 1"),
        ("zzzz", "Tidak ketemu"),
    ):
        page = await browser.sees(f"{HERE}?q={query.replace(' ', '+')}")
        assert shown in page.text, (query, page.text)


async def test_whatever_is_typed_stays_text(owner: Person) -> None:
    for typed, told in (
        ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "<script>alert(1)</script>"),
        ("%27+OR+1%3D1--", "' OR 1=1--"),
        ("%25%25", "%%"),
        ("%E2%80%AEabc", "abc"),
        ("x" * 10_000, "x" * 200),
    ):
        page = await owner.browser.sees(f"{HERE}?q={typed}")
        assert page.status == 200, typed
        assert told in page.text
        assert "x" * 201 not in page.text
        assert "<script>alert" not in page.html
