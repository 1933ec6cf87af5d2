"""The pages of apps that everybody reads: what each brings in, and whether it is well."""

from tests.clocks import HandClock
from tests.story import App, Story
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Person, person


async def test_each_app_tells_what_it_brings_in_and_how_its_webhook_fares(
    place: BusyPlace,
) -> None:
    for path in ("/dashboard/apps", f"/dashboard/apps/{place.busy.app_id}"):
        page = await place.owner.browser.sees(path)
        assert "BukuBengkel" in page.text
        assert "Rp148.000" in page.text
        assert "Gagal 2 kali" in page.text  # four, two at a time
        assert "24 kiriman terakhir: 20 sampai, 4 gagal" in page.text


async def test_a_viewer_reads_and_finds_no_way_to_what_configures(
    story: Story, shop: App, clock: HandClock
) -> None:
    viewer = await person(story.service, clock, "viewer", "Vina")
    here = f"/dashboard/apps/{shop.id}"
    for path in ("/dashboard/apps", here):
        page = await viewer.browser.sees(path)
        assert page.status == 200
        assert "Daftarkan aplikasi" not in page.text
        for closed in ("keys", "gateway", "settings", "look", "endpoints"):
            assert f"{here}/{closed}" not in page.html
    assert (await viewer.browser.sees(f"{here}/keys")).status == 403


async def test_a_gateway_that_fails_is_seen_at_once(story: Story, shop: App, owner: Person) -> None:
    assert "Terpasang" in (await owner.browser.sees("/dashboard/apps")).text
    for _ in range(3):
        await story.notice_comes({"order_id": "x"}, secret="salah")
    page = await owner.browser.sees(f"/dashboard/apps/{shop.id}")
    assert "Bermasalah" in page.text
    assert "1 hal perlu perhatian." in page.text
