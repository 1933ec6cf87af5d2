"""The table guards every address: roles, where forms come from, proof, and what a GET may do."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from html import unescape
from importlib import import_module
from itertools import cycle, islice
from pkgutil import walk_packages
from typing import Any

from sqlalchemy import text

from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from payment_service.model.admin import ROLES, Role
from payment_service.model.audit import By
from payment_service.web import dashboard
from payment_service.web.app import web_app
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.guard import _record_refusal, guarded
from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.routes import ROUTES, page_of
from payment_service.web.dashboard.tried import tried
from payment_service.web.visits import Visits
from tests.clocks import HandClock
from tests.counts import times
from tests.service import Service
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Browser, Person, person

EVERYTHING = "SELECT * FROM {}"
POSTS = [guard for guard in ROUTES if guard.method == "POST"]
GETS = [guard for guard in ROUTES if guard.method == "GET"]
ON_EACH = times(0, 1, push=1)


def handlers() -> Iterator[Any]:
    """Every function of the pages that takes one request, and nothing else, and answers it."""
    for found in walk_packages(dashboard.__path__, f"{dashboard.__name__}."):
        module = import_module(found.name)
        for name, function in vars(module).items():
            if not inspect.iscoroutinefunction(function) or name.startswith("_"):
                continue
            needed = [
                parameter
                for parameter in inspect.signature(function).parameters.values()
                if parameter.default is inspect.Parameter.empty
            ]
            takes_one = len(needed) == 1 and needed[0].annotation is Ask
            if function.__module__ == module.__name__ and takes_one:
                yield function


def contents(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    with connected(url) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(text(EVERYTHING.format(table)))))
            for table in metadata.sorted_tables
        }


def path_of(guard: Guard, ids: Mapping[str, str]) -> str:
    """`ids` has one for each noun of the addresses."""
    noun = guard.path.removeprefix("/").partition("/")[0]
    return PREFIX + guard.path.replace("{id}", ids.get(noun, "none"))


def tried_on(url: str, guards: Sequence[Guard]) -> Sequence[Guard]:
    """All of them; in short each on one of the two databases."""
    return guards if ON_EACH else guards[url.startswith("sqlite") :: 2]


async def of_each_role(service: Service, clock: HandClock) -> dict[Role, Person]:
    return {role: await person(service, clock, role, f"Si {role}") for role in ROLES}


def test_every_page_and_deed_is_in_the_table() -> None:
    assert {guard.handler for guard in ROUTES} == set(handlers())


def test_no_address_is_there_twice_and_every_form_knows_its_page() -> None:
    named = [(guard.method, guard.path) for guard in ROUTES]
    assert len(named) == len(set(named))
    for guard in POSTS:
        if guard.page is not None:
            assert page_of(guard, {"id": "adm_1"}).startswith(PREFIX)


async def test_the_application_has_the_addresses_of_the_table_and_no_others(
    service: Service,
) -> None:
    routes = guarded(service.web.state, Visits()).routes
    assert [route.path for route in routes] == [  # type: ignore[attr-defined]
        PREFIX + guard.path for guard in ROUTES
    ]
    others = web_app(service.runtime).routes
    assert not [one for one in others if getattr(one, "path", "").startswith(PREFIX)]


async def test_without_a_session_there_is_only_the_way_in(
    browser: Browser, database_url: str
) -> None:
    before = contents(database_url)
    for guard in ROUTES:
        if guard.role is None:
            continue
        page = await browser.ask(guard.method, path_of(guard, {}), {"form_key": "1"})
        assert page.leads_to.startswith("/dashboard/sign-in"), guard
    assert contents(database_url) == before


ELSEWHERE: tuple[dict[str, str], ...] = (
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "", "Origin": "https://jahat.id"},
    {"Sec_Fetch_Site": "", "Origin": "null"},
    {"Sec_Fetch_Site": ""},
)
WAYS = times(2, len(ELSEWHERE), push=len(ELSEWHERE))
"""Ways in which each address is tried from elsewhere; in short two, taking turns."""


async def test_no_form_of_another_site_does_anything(owner: Person, database_url: str) -> None:
    before = contents(database_url)
    ways = cycle(ELSEWHERE)
    for guard in tried_on(database_url, POSTS):
        for headers in islice(ways, WAYS):
            page = await owner.browser.ask("POST", path_of(guard, {}), {}, **headers)
            assert page.status == 403, guard
    assert contents(database_url) == before


async def test_a_browser_that_tells_only_its_origin_is_let_through(owner: Person) -> None:
    origin = {"Sec_Fetch_Site": "", "Origin": owner.browser._service.origin}
    page = await owner.browser.ask("POST", "/dashboard/sign-out", {}, **origin)
    assert page.leads_to == "/dashboard/sign-in"


async def test_each_role_gets_what_the_table_says_and_no_more(
    service: Service, clock: HandClock, database_url: str
) -> None:
    people = await of_each_role(service, clock)
    for guard in tried_on(database_url, ROUTES):
        if guard.role is None:
            continue
        for one in people.values():
            admin_may = ROLES.index(_role(people, one)) <= ROLES.index(guard.role)
            if admin_may and guard.method == "POST":
                continue  # what the deed then does is told elsewhere
            page = await one.browser.ask(guard.method, path_of(guard, {}), {"form_key": "x"})
            assert (page.status == 403) is not admin_may, (guard, one.name)


async def test_a_deed_that_a_role_may_not_do_is_in_the_log(
    service: Service, clock: HandClock, owner: Person
) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    await viewer.browser.sends(f"/dashboard/admins/{owner.id}/disable")
    page = await owner.browser.sees("/dashboard/audit")
    assert "Ditolak: “Menonaktifkan admin” Sari · perannya Pelihat" in page.text
    found = await owner.browser.sees(f"/dashboard/audit?about={owner.id}&what=refused")
    assert "Ditolak: “Menonaktifkan admin”" in found.text, "it is found by what it was tried on"


async def test_every_deed_that_a_role_may_not_do_has_its_word_in_the_log(
    service: Service, owner: Person
) -> None:
    names = {tried(guard.path) for guard in POSTS if guard.role in ("finance", "owner")}
    for name in sorted(names):
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", name), name
        by = By(owner.id, "the role is viewer", service.runtime.clock.now())
        await service.runtime.db.write(_record_refusal, by, "x", name)
    page = await owner.browser.sees("/dashboard/audit?what=refused")
    more = re.search(r'href="([^"]*before=[^"]*)"', page.html)
    while True:
        assert not re.search(r"Ditolak: “[a-z_]+\.", page.text), page.text
        if more is None:
            break
        page = await owner.browser.sees(unescape(more[1]))
        more = re.search(r'href="([^"]*before=[^"]*)" rel="next"', page.html)


async def test_what_asks_for_proof_gets_none_done_without(
    owner: Person, clock: HandClock, database_url: str
) -> None:
    clock.advance(timedelta(minutes=5, seconds=1))
    await owner.browser.sees("/dashboard")  # the session's last minute is written down now
    before = {**contents(database_url), "drafts": []}
    for guard in ROUTES:
        if guard.step_up:
            page = await owner.browser.ask(guard.method, path_of(guard, {}), {"form_key": "y"})
            assert page.leads_to.startswith("/dashboard/step-up?next="), guard
    assert {**contents(database_url), "drafts": []} == before


async def test_every_page_shows_what_it_is_about_to_each_role_and_no_get_changes_anything(
    place: BusyPlace, clock: HandClock, database_url: str
) -> None:
    service = place.story.service
    people = {role: await person(service, clock, role, f"Si {role}") for role in ROLES}
    before = contents(database_url)
    for guard in tried_on(database_url, GETS):
        for role, one in people.items():
            page = await one.browser.sees(path_of(guard, place.ids))
            may = guard.role is None or ROLES.index(role) <= ROLES.index(guard.role)
            assert page.status in ((200, 303) if may else (403,)), (guard, role)
    assert contents(database_url) == before


async def test_every_answer_carries_the_headers(owner: Person, browser: Browser) -> None:
    for guard in ROUTES:
        for one in (owner.browser, browser):
            page = await one.ask(guard.method, path_of(guard, {}), {})
            headers = page.answer.headers
            policy = headers["Content-Security-Policy"]
            for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
                assert rule in policy, guard
            assert "unsafe" not in policy
            assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert headers["Cache-Control"] == "no-store"
            assert "Access-Control-Allow-Origin" not in headers
            assert headers["Request-Id"].startswith("req_")


async def test_an_address_that_is_not_there_is_told_so(owner: Person) -> None:
    page = await owner.browser.sees("/dashboard/nowhere")
    assert page.status == 404
    assert "Tidak ada apa-apa di alamat ini." in page.text
    assert (await owner.browser.ask("PUT", "/dashboard")).status == 405
    nul = await owner.browser.sees("/dashboard/subscriptions/%00")
    assert (nul.status, nul.html[:15]) == (404, "<!doctype html>")
    assert "Cari di semua" in (await owner.browser.sees("/dashboard/search?q=%00")).text


async def test_a_body_that_is_too_large_is_refused(owner: Person) -> None:
    page = await owner.browser.sends("/dashboard/account/password", password="x" * 70_000)
    assert page.status == 413


def _role(people: dict[Role, Person], one: Person) -> Role:
    return next(role for role, known in people.items() if known is one)
