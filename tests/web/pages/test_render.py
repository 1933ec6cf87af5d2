"""Every state in every language: complete, translated, escaped, without inline style or script."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from payment_service.kit.money import Language
from payment_service.web.pages.pay_view import PayState
from payment_service.web.pages.render import STATIC, asset, page, page_headers
from tests.web.pages.pay_views import LANGUAGES, STATES, rendered, view_of

HOSTILE = """"><script>alert(1)</script><b onload='x'>&{{ 7*7 }}"""
VOID_TAGS = {"meta", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Collects tags with their attributes, and the tags that were left open."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    assert parser.open == []
    return parser


def text(html: str) -> str:
    """What can be read, without tags, spaces made plain."""
    body = re.sub(r"<[^>]+>", "", html[html.index("<main") :])
    return " ".join(body.replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_a_whole_page_that_obeys_its_own_policy(
    state: PayState, language: Language
) -> None:
    tags = outline(rendered(view_of(state, language, test_mode=True, simulator_url="/sim"))).tags
    assert ("html", {"lang": language}) in tags
    assert [tag for tag, _ in tags].count("h1") == 1
    assert "style" not in [tag for tag, _ in tags]
    for tag, attributes in tags:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert tag != "script" or attributes["src"] == asset("pay.js")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_a_hostile_name_stays_a_name(state: PayState, language: Language) -> None:
    view = view_of(
        state,
        language,
        app_name=HOSTILE,
        app_monogram=HOSTILE,
        app_color=HOSTILE,
        customer_name=HOSTILE,
        plan_name=HOSTILE,
        receiver=HOSTILE,
        invoice_number=HOSTILE,
        method=HOSTILE,
        return_host=HOSTILE,
        version=HOSTILE,
    )
    html = rendered(view)
    outline(html)
    assert "alert(1)</script>" not in html
    assert "<b onload" not in html
    assert "49" not in text(html).replace("-000412", "")


def test_the_fee_is_named_and_the_payer_compares_what_the_bank_will_show() -> None:
    html = text(rendered(view_of("waiting", total_payment=100_003, fee=1_003)))
    assert "Rp99.000 + biaya QRIS Rp1.003 = Rp100.003" in html
    assert "Cocokkan nama Pakasir dan Rp100.003, lalu bayar." in html


@pytest.mark.parametrize("state", [one for one in STATES if one not in ("void", "nothing_due")])
def test_the_large_sum_is_what_is_owed_in_every_state(state: PayState) -> None:
    """With a code there is a fee, which is named below it; before and without, there is none."""
    of_code: dict[str, Any] = (
        {} if state in ("no_code", "gateway_silent") else {"total_payment": 100_003, "fee": 1_003}
    )
    html = rendered(view_of(state, **of_code))
    assert re.findall(r'class="amount">([^<]+)<', html) == ["Rp99.000"]
    assert ("biaya QRIS Rp1.003 = Rp100.003" in text(html)) is bool(of_code)


@pytest.mark.parametrize("standing", ["paid_up", "trial", "free", "ending", "held", "ended"])
def test_only_who_pays_on_is_told_to_keep_the_page(standing: str) -> None:
    html = rendered(view_of("nothing_due", standing=standing))
    assert ("Simpan halaman ini" in html) is (standing in ("paid_up", "trial"))


def test_without_a_fee_there_is_one_sum() -> None:
    html = text(rendered(view_of("waiting")))
    assert "biaya" not in html
    assert "Cocokkan nama Pakasir dan Rp99.000, lalu bayar." in html


def test_only_notice_of_the_gateway_is_called_notice() -> None:
    assert "Kabar pembayaran diterima" not in rendered(view_of("checking", notice_at=None))
    assert "Kabar pembayaran diterima 14.32 WIB" in text(rendered(view_of("checking")))


def test_the_next_invoice_is_told_with_its_year_where_that_is_another_one() -> None:
    assert "terbit 15 Desember." in text(rendered(view_of("nothing_due")))
    far = view_of("nothing_due", next_invoice_on=date(2027, 12, 15))
    assert "terbit 15 Desember 2027." in text(rendered(far))


@pytest.mark.parametrize("state", STATES)
def test_the_way_back_to_the_app_is_a_link_that_says_where_it_leads(state: PayState) -> None:
    url = "https://bukubengkel.id/akun"
    html = rendered(view_of(state, return_url=url, return_host="bukubengkel.id"))
    assert html.count(f'href="{url}"') == 1
    assert re.search(r"Kembali ke (BukuBengkel ?)?bukubengkel.id", text(html))


def test_open_access_is_promised_only_where_there_is_access() -> None:
    assert "akses Anda tetap terbuka" in rendered(view_of("gateway_silent", access=True))
    assert "terbuka" not in rendered(view_of("gateway_silent", access=False))
    assert "Aktif sampai" not in rendered(view_of("paid", access=False))


def test_test_money_is_called_so_and_real_money_is_not() -> None:
    band = "Uji coba, bukan uang sungguhan"
    assert band in rendered(view_of("waiting", test_mode=True, simulator_url=None))
    assert band not in rendered(view_of("waiting"))


@pytest.mark.parametrize("state", STATES)
def test_a_state_that_can_still_change_loads_itself_again_without_script(state: PayState) -> None:
    changes_by_itself = state in ("waiting", "checking", "in_review", "expired", "gateway_silent")
    assert ('http-equiv="refresh"' in rendered(view_of(state))) is changes_by_itself


def test_a_page_with_nothing_but_what_it_must_have() -> None:
    for state in STATES:
        view = view_of(
            state,
            customer_name=None,
            period_start=None,
            period_end=None,
            invoice_number=None,
            due_on=None,
            receiver=None,
            expires_at=None,
            paid_through=None,
            return_url=None,
            return_host=None,
            help_url=None,
        )
        outline(rendered(view))


def test_a_name_that_is_missing_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        page("pay.html", "id")


def test_static_addresses_change_with_their_content() -> None:
    for file in STATIC.iterdir():
        assert re.fullmatch(rf"/static/{re.escape(file.name)}\?v=[0-9a-f]{{12}}", asset(file.name))


def test_no_style_sheet_or_script_fetches_from_elsewhere() -> None:
    for file in STATIC.iterdir():
        assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", file.read_text())


def test_pages_are_kept_by_nobody_and_framed_by_nobody() -> None:
    headers = page_headers("id")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in headers["Content-Security-Policy"]
    assert "X-Robots-Tag" not in page_headers("id", indexed=True)


def test_no_template_is_left_over() -> None:
    templates = Path(STATIC.parent / "templates")
    named = " ".join(file.read_text() for file in templates.rglob("*.html"))
    for file in (templates / "pay").iterdir():
        assert file.stem in STATES or f"pay/{file.name}" in named


@pytest.mark.parametrize("state", ["no_code", "gateway_silent", "expired"])
def test_the_next_code_is_for_as_many_periods_as_the_payer_chose(state: PayState) -> None:
    """A script sends these forms by itself: a silent gateway must not make a year a month."""
    kept = '<input type="hidden" name="periods" value="12">'
    assert kept in rendered(view_of(state, periods=12))
    assert 'name="periods"' not in rendered(view_of(state))
