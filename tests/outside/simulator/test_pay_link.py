"""Version 1's payment link: it opens its order, shows the way back, and leads to the button."""

import re

import pytest

from tests.outside.parties import PROJECT
from tests.outside.simulator.conftest import Simulate

LINK = f"/pay/{PROJECT}/99000?order_id=pesanan-1"


@pytest.mark.parametrize(
    "link", [LINK, LINK.replace("?", "/?"), LINK + "&redirect=null&qris_only=1"]
)
async def test_the_link_opens_its_order_and_its_button_pays_it(
    simulate: Simulate, link: str
) -> None:
    at = await simulate()

    async with at.http.get(at.origin + link) as answer:
        html, address = await answer.text(), answer.url
    form = re.search(r'action="([^"]+)"', html)
    sheet = re.search(r'href="([^"]+\.css)"', html)
    assert form is not None
    assert sheet is not None
    async with at.http.get(address.join(type(address)(sheet[1]))) as styles:
        assert styles.content_type == "text/css"
    async with at.http.post(address.join(type(address)(form[1]))) as pressed:
        after = await pressed.text()

    assert "Rp100.003" in html
    assert 'class="back"' not in html
    assert "Lunas" in after
    (notice,) = at.heard
    assert (notice["order_id"], notice["status"]) == ("pesanan-1", "completed")
    assert (await at.create("pesanan-1")).json["txn_id"] == notice["txn_id"]


async def test_the_way_back_is_a_link_before_and_after_paying(simulate: Simulate) -> None:
    at = await simulate()

    async with at.http.get(
        at.origin + LINK,
        params={"order_id": "pesanan-1", "redirect": "https://toko.example/x?a=1&b"},
    ) as answer:
        html, address = await answer.text(), answer.url
    form = re.search(r'action="([^"]+)"', html)
    assert form is not None
    async with at.http.post(address.join(type(address)(form[1], encoded=True))) as pressed:
        after = await pressed.text()

    for text in (html, after):
        assert 'href="https://toko.example/x?a=1&amp;b"' in text
        assert "Kembali ke toko.example" in text
    assert "Lunas" in after


@pytest.mark.parametrize(
    "redirect",
    ["null", "", "javascript:alert(1)", "//jahat.example", "/x", "data:text/html,x", "https://",
     "http://[", "ftp://a.example/", "https://jahat.example\\@toko.example/"],
)  # fmt: skip
async def test_anything_but_a_web_address_is_no_way_back(simulate: Simulate, redirect: str) -> None:
    at = await simulate()

    async with at.http.get(
        at.origin + LINK, params={"order_id": "pesanan-1", "redirect": redirect}
    ) as answer:
        assert answer.status == 200
        assert 'class="back"' not in await answer.text()


@pytest.mark.parametrize(
    "link",
    [
        "/pay/lain/99000?order_id=pesanan-1",
        f"/pay/{PROJECT}/98000?order_id=pesanan-1",
        f"/pay/{PROJECT}/499?order_id=pesanan-2",
        f"/pay/{PROJECT}/10000001?order_id=pesanan-2&qris_only=1",
        f"/pay/{PROJECT}/99000",
    ],
)
async def test_a_link_to_nothing_is_not_found(simulate: Simulate, link: str) -> None:
    at = await simulate()
    await at.ask("GET", LINK)

    said = await at.ask("GET", link)

    assert said.status == 404
    assert "Transaksi ini tidak ada" in said.body.decode()


async def test_a_live_page_says_that_it_is_a_simulator_and_a_sellers_fee_is_not_shown(
    simulate: Simulate,
) -> None:
    at = await simulate(sandbox=False, fees="seller")

    indonesian = (await at.ask("GET", LINK)).body.decode()
    english = (await at.ask("GET", LINK, headers={"Accept-Language": "en"})).body.decode()

    assert "Simulator live, bukan uang sungguhan" in indonesian
    assert "Live simulator, not real money" in english
    assert "Rp99.000" in indonesian
    assert 'class="parts"' not in indonesian
