"""The pay page in a real Chromium: it fits, it turns by itself, it works without script."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from payment_service.web.pages.pay_view import PayState
from tests.web.pages.conftest import Stage
from tests.web.pages.pay_views import NOW, STATES, view_of

LONG = "Bengkel Las Bubut dan Perbaikan Mesin Diesel Putra Mandiri Jaya Abadi Kebumen " * 2


COUNTS_WHAT_IT_HEARS = """
    window.heardOfState = 0;
    const listen = EventSource.prototype.addEventListener;
    EventSource.prototype.addEventListener = function (name, hear) {
        listen.call(this, name, (event) => { hear(event); window.heardOfState += 1; });
    };"""


class Phone:
    """One browser context and what its console complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Phone]:
    """A phone of 390 by 844; its console must have stayed silent, also about the policy."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="id-ID")
    phone = Phone(context)
    yield phone
    context.close()
    assert phone.complaints == []


def mark(page: Page) -> None:
    """Leave something that a reload would take away."""
    page.evaluate("window.untouched = true")


def untouched(page: Page) -> bool:
    return page.evaluate("window.untouched") is True


def state(page: Page, name: str, within: float = 5) -> None:
    expect(page.locator(f"main[data-state={name}]")).to_be_visible(timeout=within * 1000)


def test_no_state_scrolls_sideways_at_any_width(stage: Stage, phone: Phone) -> None:
    for name in STATES:
        stage.view = view_of(name, customer_name=LONG, plan_name=LONG, test_mode=True)
        # Anything left to the script would move on by itself before it is measured.
        phone.page.route("**/pay.js*", lambda route: route.fulfill(content_type="text/javascript"))
        phone.page.goto(f"{stage.address}/pay/t")
        for width in (320, 390, 768, 1280):
            phone.page.set_viewport_size({"width": width, "height": 844})
            assert phone.page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize(
    ("name", "button"),
    [
        ("no_code", "Buat kode QRIS"),
        ("waiting", "Saya sudah bayar"),
        ("checking", "Periksa lagi sekarang"),
        ("in_review", "Muat ulang"),
        ("expired", "Buat kode baru"),
        ("gateway_silent", "Coba sekarang"),
    ],
)
def test_where_its_script_does_not_come_a_button_does(
    stage: Stage, browser: Browser, name: PayState, button: str
) -> None:
    """On a bad line the page may arrive and the script not; `noscript` is of no help then."""
    stage.view, stage.after_post = view_of(name), view_of("paid")
    page = browser.new_page(locale="id-ID", reduced_motion="reduce")
    page.route("**/pay.js*", lambda route: route.abort())
    page.goto(f"{stage.address}/pay/t")
    expect(page.locator("main")).not_to_contain_text("berganti sendiri", use_inner_text=True)
    expect(page.locator("main")).not_to_contain_text("mencoba lagi sendiri", use_inner_text=True)
    expect(page.get_by_role("timer")).not_to_be_visible()
    stage.view = view_of("paid")
    wanted = page.locator(".slip").get_by_text(button, exact=True)
    expect(wanted).to_be_visible(timeout=20_000)
    wanted.click()
    state(page, "paid")
    page.close()


def test_code_and_save_button_are_in_the_first_screenful(stage: Stage, phone: Phone) -> None:
    phone.page.goto(f"{stage.address}/pay/t")
    code = phone.page.get_by_role("img", name="Kode QRIS untuk membayar Rp99.000 kepada Pakasir")
    for part in (code, phone.page.get_by_role("link", name="Simpan gambar kode")):
        box = part.bounding_box()
        assert box
        assert box["y"] + box["height"] <= 844


def test_waiting_turns_to_paid_without_a_reload(stage: Stage, phone: Phone) -> None:
    phone.page.goto(f"{stage.address}/pay/t")
    mark(phone.page)
    stage.view = view_of("paid")
    state(phone.page, "paid", within=4)  # where the stream is silent it asks after 5.5 s
    assert untouched(phone.page)
    expect(phone.page).to_have_title("Lunas · BukuBengkel")
    expect(phone.page.get_by_role("status")).to_have_text(
        re.compile(r"Lunas\.\s+Aktif sampai 22.Desember.2026\.")
    )


def test_a_state_that_only_time_changed_is_shown_too(stage: Stage, phone: Phone) -> None:
    phone.page.add_init_script(COUNTS_WHAT_IT_HEARS)
    phone.page.goto(f"{stage.address}/pay/t")
    while not phone.page.evaluate("window.heardOfState"):
        phone.page.wait_for_timeout(20)
    stage.view = view_of("expired", version=stage.view.version)
    state(phone.page, "expired", within=4)


def test_who_asked_for_the_code_again_is_left_with_it(stage: Stage, phone: Phone) -> None:
    phone.page.goto(f"{stage.address}/pay/t")
    phone.page.evaluate("document.querySelector('main').dataset.state = 'checking'")
    mark(phone.page)
    phone.page.wait_for_timeout(400)
    state(phone.page, "checking")
    assert stage.shown == 1


def test_it_turns_all_the_same_when_the_stream_is_refused(stage: Stage, browser: Browser) -> None:
    stage.streaming = False
    page = browser.new_page()
    page.goto(f"{stage.address}/pay/t")
    mark(page)
    stage.view = view_of("paid")
    state(page, "paid", within=5)  # 5.5 s where it had waited for the stream first
    assert untouched(page)
    page.close()


def test_a_page_without_a_code_asks_for_one_by_itself_and_once(stage: Stage, phone: Phone) -> None:
    stage.view, stage.after_post = view_of("no_code"), view_of("waiting")
    phone.page.goto(f"{stage.address}/pay/t")
    state(phone.page, "waiting")
    assert stage.posts == ["code"]


def test_saying_i_have_paid_shows_that_it_is_checked(stage: Stage, phone: Phone) -> None:
    stage.after_post = view_of("checking", notice_at=None)
    phone.page.goto(f"{stage.address}/pay/t")
    mark(phone.page)
    phone.page.get_by_role("button", name="Saya sudah bayar").click()
    state(phone.page, "checking")
    expect(phone.page.get_by_text("Jangan bayar dua kali.", exact=True)).to_be_visible()
    assert stage.posts == ["check"]
    assert untouched(phone.page)


def test_a_turn_that_is_told_while_a_form_is_under_way_does_not_undo_it(
    stage: Stage, phone: Phone
) -> None:
    """The answer has an address of its own, which a page fetched meanwhile does not know."""
    stage.after_post, stage.lands_at = view_of("checking", notice_at=None), "/pay/t?checking=1"
    phone.page.goto(f"{stage.address}/pay/t")
    phone.page.wait_for_timeout(200)
    stage.slow_post, stage.slow_page = 0.4, 0.3
    phone.page.get_by_role("button", name="Saya sudah bayar").click()
    stage.view = view_of("waiting", version="chg_1:shown again")
    state(phone.page, "checking")
    phone.page.wait_for_timeout(900)
    state(phone.page, "checking")


def test_the_chosen_months_are_asked_for(stage: Stage, phone: Phone) -> None:
    stage.view, stage.after_post = view_of("nothing_due"), view_of("waiting")
    phone.page.goto(f"{stage.address}/pay/t")
    phone.page.get_by_role("radio", name="3 bulan").check()
    phone.page.get_by_role("button", name="Buat kode QRIS").click()
    state(phone.page, "waiting")
    assert stage.posts == ["code periods=3"]


def test_the_countdown_runs_and_its_end_shows_the_expired_page(stage: Stage, phone: Phone) -> None:
    stage.view = view_of("waiting", expires_at=NOW + timedelta(seconds=2))
    phone.page.goto(f"{stage.address}/pay/t")
    expect(phone.page.get_by_role("timer")).to_have_text(re.compile("00:0[01]"))
    stage.view = view_of("expired", version=stage.view.version)
    state(phone.page, "expired")


def test_coming_back_from_the_banks_app_asks_at_once(stage: Stage, phone: Phone) -> None:
    phone.page.goto(f"{stage.address}/pay/t")
    stage.mute = True
    stage.view = view_of("paid")
    phone.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    state(phone.page, "paid", within=4)


def test_the_picture_is_saved_under_the_invoices_number(stage: Stage, phone: Phone) -> None:
    phone.page.goto(f"{stage.address}/pay/t")
    with phone.page.expect_download() as saving:
        phone.page.get_by_role("link", name="Simpan gambar kode").click()
    assert saving.value.suggested_filename == "QRIS-BB-2026-000412.png"


def test_without_script_the_forms_do_the_same(stage: Stage, browser: Browser) -> None:
    stage.view, stage.after_post = view_of("no_code"), view_of("waiting")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stage.address}/pay/t")
    page.get_by_role("button", name="Buat kode QRIS").click()
    state(page, "waiting")
    expect(page.get_by_role("timer")).not_to_be_visible()
    assert stage.posts == ["code"]
    context.close()


def test_in_the_dark_the_page_is_dark_and_the_code_on_white(stage: Stage, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{stage.address}/pay/t")
    expect(page.locator("body")).to_have_css("background-color", "rgb(12, 16, 27)")
    expect(page.locator(".card")).to_have_css("background-color", "rgb(255, 255, 255)")
    context.close()
