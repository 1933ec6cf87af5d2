"""The pay page for whoever has no mouse, no sight, no script, a small phone or a slow line."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Literal

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from payment_service.kit.money import Language
from payment_service.kit.webp import LARGEST_FILE
from payment_service.web.pages.brand import sheet
from payment_service.web.pages.pay_view import PayLine, PayState, PayView
from payment_service.web.pages.qr import qr_svg
from payment_service.web.pages.render import STATIC
from tests.browser.axe import everything_found
from tests.web.pages.conftest import Stage
from tests.web.pages.pay_views import LADDER, LANGUAGES, PAYLOAD, STATES, rendered, view_of

MOST_BYTES = 60_000
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, label')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
    .map((one) => one.outerHTML)"""
LINES = (PayLine("Tahunan", 990_000), PayLine("Sisa masa yang belum terpakai", -45_000))


def looks(state: PayState) -> dict[str, Any]:
    """What a page of that state can show besides, all of it."""
    if state in ("paid", "void", "nothing_due"):
        return {"credited": 99_000}
    return {"lines": LINES, "credit_applied": 5_000, "pay_ahead": LADDER, "periods": 3}


def still(page: Page) -> None:
    """Without its script: it would move the page on before somebody has looked at it."""
    page.route("**/pay.js*", lambda route: route.fulfill(content_type="text/javascript"))


@pytest.mark.parametrize(
    ("width", "language", "scheme"), [(390, "id", "light"), (1280, "en", "dark")]
)
def test_axe_finds_nothing_in_any_state(
    stage: Stage,
    browser: Browser,
    width: int,
    language: Language,
    scheme: Literal["light", "dark"],
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    still(page)
    for state in STATES:
        stage.view = view_of(state, language, test_mode=True, simulator_url="/sim", **looks(state))
        page.goto(f"{stage.address}/pay/t?language={language}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert everything_found(page) == [], state
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, has_touch=True, locale="id-ID"
    )
    yield context.new_page()
    context.close()


def test_on_the_smallest_phone_every_target_is_as_large_as_a_finger(
    stage: Stage, phone: Page
) -> None:
    still(phone)
    for state in STATES:
        stage.view = view_of(state, test_mode=True, simulator_url="/sim", **looks(state))
        phone.goto(f"{stage.address}/pay/t")
        assert phone.evaluate(SMALL_TARGETS) == [], state


def test_on_the_smallest_phone_the_code_scans_and_can_be_saved_without_scrolling(
    stage: Stage, phone: Page
) -> None:
    phone.goto(f"{stage.address}/pay/t")
    screen = Image.open(BytesIO(phone.screenshot()))
    assert [found.text for found in zxingcpp.read_barcodes(screen)] == [PAYLOAD]
    box = phone.get_by_role("link", name="Simpan gambar kode").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 640


def test_at_a_desk_the_code_is_as_large_as_a_hand_and_scans_from_the_dark_page(
    stage: Stage, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{stage.address}/pay/t")
    box = page.get_by_role("img", name="Kode QRIS untuk membayar").bounding_box()
    assert box
    assert box["width"] >= 330
    seen = Image.open(BytesIO(page.screenshot()))
    # Two steps away, a cheap camera sees no more of it than this.
    far = seen.resize((seen.width * 2 // 3, seen.height * 2 // 3))
    assert [found.text for found in zxingcpp.read_barcodes(far)] == [PAYLOAD]
    context.close()


def focused(page: Page) -> str:
    """What the keyboard is on, which must be seen to be."""
    name, outline = page.evaluate(
        """() => { const one = document.activeElement, at = one.matches('input')
            ? one.closest('label') : one;
            return [one.textContent.trim() || one.value, getComputedStyle(at).outlineStyle]; }"""
    )
    assert outline == "solid", name
    return " ".join(str(name).split())


def tabbed(page: Page, times: int) -> list[str]:
    found = []
    for _ in range(times):
        page.keyboard.press("Tab")
        found.append(focused(page))
    return found


def test_the_keyboard_goes_through_the_page_in_reading_order(
    stage: Stage, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{stage.address}/pay/t")
    assert tabbed(page, 6) == [
        "Simpan gambar kode",
        "Saya sudah bayar",
        "Bayar dari HP ini",
        "Di mana tombolnya?",
        "Pindai dari HP lain",
        "Sudah bayar, halaman belum berubah?",
    ]
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tekan Saya sudah bayar, lalu")).to_be_visible()
    page.close()


def test_the_keyboard_alone_chooses_how_far_ahead_and_makes_the_code(
    stage: Stage, browser: Browser
) -> None:
    stage.view, stage.after_post = view_of("nothing_due"), view_of("waiting")
    page = browser.new_page()
    page.goto(f"{stage.address}/pay/t")
    tabbed(page, 1)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="3 bulan")).to_be_checked()
    assert tabbed(page, 1) == ["Buat kode QRIS"]
    page.keyboard.press("Enter")
    expect(page.locator("main[data-state=waiting]")).to_be_visible()
    assert stage.posts == ["code periods=3"]
    page.close()


def test_a_screen_reader_is_told_of_each_turn_once_and_keeps_its_place(
    stage: Stage, browser: Browser
) -> None:
    stage.view, stage.after_post = view_of("expired"), view_of("waiting")
    page = browser.new_page()
    page.goto(f"{stage.address}/pay/t")
    said = page.get_by_role("status")
    expect(said).to_have_attribute("id", "says")
    expect(said).to_have_text("")
    page.get_by_role("button", name="Buat kode baru").press("Enter")
    expect(said).to_have_text(re.compile(r"Kode untuk Rp99\.000 siap, berlaku sampai 14\.47"))
    expect(page.locator("main")).to_be_focused()
    stage.view = view_of("checking")
    expect(said).to_have_text("Memeriksa pembayaran Anda. Jangan bayar dua kali.")
    stage.view = view_of("in_review")
    expect(said).to_have_text("Pembayaran Anda ditinjau. Jangan bayar dua kali.")
    stage.view = view_of("paid")
    expect(said).to_have_text(re.compile(r"Lunas\.\s+Aktif sampai"))
    page.close()


def test_a_link_that_is_rolled_while_the_page_is_open_says_so_and_falls_silent(
    stage: Stage, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{stage.address}/pay/t")
    stage.rolled = True
    page.get_by_role("button", name="Saya sudah bayar").click()
    expect(page.get_by_role("heading", name="Tautan ini tidak berlaku")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Tautan ini tidak berlaku")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1_600)
    assert asked == []
    page.close()


@pytest.mark.parametrize("state", STATES)
def test_without_script_every_deed_of_a_state_is_a_form_or_a_link(
    stage: Stage, browser: Browser, state: PayState
) -> None:
    stage.view, stage.after_post = view_of(state), view_of("waiting")
    context = browser.new_context(java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    page.goto(f"{stage.address}/pay/t")
    buttons = page.locator("main").get_by_role("button")
    visible = [one for one in buttons.all() if one.is_visible()]
    if state == "paid":
        assert visible == []
    else:
        visible[0].click()
        expect(page.locator("main[data-state=waiting]")).to_be_visible()
        assert len(stage.posts) == 1
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_the_page_with_all_that_it_loads_weighs_little(state: PayState, language: Language) -> None:
    """As it is, for nobody knows whether a proxy packs it; with names of two hundred letters."""
    name = "W" * 200
    view: PayView = view_of(
        state,
        language,
        test_mode=True,
        simulator_url="https://example.com/" + name,
        app_name=name,
        customer_name=name,
        plan_name=name,
        **looks(state),
    )
    files = ("base.css", "pay.css", "pay.js", "mark.svg")
    loaded = sum((STATIC / file).stat().st_size for file in files) + len(qr_svg(PAYLOAD))
    of_the_app = LARGEST_FILE + len(sheet(view.app_color))
    assert len(rendered(view).encode()) + loaded + of_the_app < MOST_BYTES
