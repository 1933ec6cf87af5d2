"""From the landing page to the open workshop, as a tenant goes it in a real Chromium."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from payment_service.cli.demo.ports import own_ports
from tests.browser.person import DESK, PHONE, WATCH, Person, Size, until_it_changes
from tests.browser.stage import Stage, stage
from tests.browser.words import ENGLISH, INDONESIAN, Words
from tests.counts import times

Come = Callable[..., Person]
# First of all, for without a browser nobody need come on stage.
pytestmark = pytest.mark.usefixtures("browser")
NOTICE_TO_PAID = timedelta(seconds=times(8, 2))
"""Sooner than the page looks by itself, and on a machine that does nothing else at once."""
LOOK_MS = 40_000
"""An open page looks 20 s after the code was made; then the gateway is asked and the page drawn."""
REFRESH_MS = 30_000
"""A page without script loads itself again each 4 s; a gateway asked just before gets 4 s rest."""


@pytest.mark.parametrize(("size", "words"), [(PHONE, INDONESIAN), (DESK, ENGLISH)])
def test_who_pays_sees_every_page_turn_by_itself_and_gets_in(
    parties: Stage, come: Come, size: Size, words: Words
) -> None:
    bukubengkel, workshop = parties.parties.bukubengkel, f"Bengkel Jaya {words.locale}"
    person = come(words, size, parties.origins)
    person.signs_up(bukubengkel, workshop)
    person.chooses_the_monthly_plan()
    person.sees_the_code(person.tab, words.sum_here)
    person.finds_the_workshop_locked(bukubengkel)

    pay_page = person.open_in_a_tab(person.link(words.pay_page))
    person.sees_the_code(pay_page, words.sum_there)
    until_it_changes(pay_page.get_by_role("timer").text_content, pay_page)
    pay_page.evaluate(WATCH)
    person.pays(pay_page)
    expect(pay_page.get_by_text(words.stamp, exact=True)).to_be_visible()
    assert pay_page.evaluate("window.untouched") is True
    turned_at = datetime.fromtimestamp(pay_page.evaluate("window.turnedAt") / 1000, UTC)
    noticed_at = parties.noticed_at(workshop)
    assert noticed_at
    assert turned_at - noticed_at <= NOTICE_TO_PAID

    expect(person.tab.get_by_text(words.stamp, exact=True)).to_be_visible()
    person.finds_the_workshop_open()


def test_without_script_the_route_is_the_same(parties: Stage, come: Come) -> None:
    words = INDONESIAN
    person = come(words, PHONE, parties.origins, java_script_enabled=False)
    person.signs_up(parties.parties.bukubengkel, "Bengkel Tanpa Skrip")
    person.chooses_the_monthly_plan()
    expect(person.tab.get_by_role("img", name=words.total)).to_be_visible()
    person.finds_the_workshop_locked(parties.parties.bukubengkel)

    pay_page = person.open_in_a_tab(person.link(words.pay_page))
    expect(pay_page.get_by_role("img", name=words.total)).to_be_visible()
    person.press(words.i_have_paid, pay_page)
    expect(pay_page.locator("main[data-state=checking]")).to_be_visible()
    person.pays(pay_page)
    for tab in (person.tab, pay_page):
        stamp = tab.get_by_text(words.stamp, exact=True)
        expect(stamp).to_be_visible(timeout=REFRESH_MS)
    person.finds_the_workshop_open()


@pytest.fixture
def lossy(tmp_path: Path) -> Iterator[Stage]:
    """A stage on which no notice arrives: nobody listens where the gateway sends them."""
    with own_ports() as closed, stage(tmp_path, f"http://127.0.0.1:{closed.service}/") as built:
        yield built


def test_a_payer_at_the_page_is_found_when_the_notice_gets_lost(lossy: Stage, come: Come) -> None:
    words, workshop = INDONESIAN, "Bengkel Kabar Hilang"
    person = come(words, PHONE, lossy.origins)
    person.signs_up(lossy.parties.bukubengkel, workshop)
    person.chooses_the_monthly_plan()
    pay_page = person.open_in_a_tab(person.link(words.pay_page))
    pay_page.evaluate(WATCH)
    person.pays(pay_page)
    stamp = pay_page.get_by_text(words.stamp, exact=True)
    expect(stamp).to_be_visible(timeout=LOOK_MS)
    assert pay_page.evaluate("window.untouched") is True
    assert lossy.noticed_at(workshop) is None
