"""The reference as people read it: whole pages, every call on them, every link to something."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest

from payment_service.web.catalogue import CODES
from payment_service.web.reference.document import OPERATIONS
from payment_service.web.reference.events import EVENTS
from payment_service.web.reference.served import DOCS
from tests.clocks import HandClock
from tests.service import Service, running_service
from tests.web.pages.test_render import Outline, outline


@pytest.fixture
async def service(sqlite_url: str, clock: HandClock) -> AsyncIterator[Service]:
    async with running_service(sqlite_url, clock) as service:
        yield service


async def pages_of(service: Service) -> dict[str, str]:
    """Every page, by its address, found by following links from the first."""
    found: dict[str, str] = {}
    waiting = [DOCS]
    while waiting:
        address = waiting.pop()
        answer = await service.ask("GET", address)
        assert answer.status == 200, address
        found[address] = answer.body.decode()
        linked = set(re.findall(rf'href="({DOCS}[^"#]*)', found[address]))
        waiting += linked - set(found) - set(waiting)
    return found


def links(page: Outline) -> Iterator[str]:
    for tag, attributes in page.tags:
        if tag == "a":
            yield attributes["href"] or ""


async def test_every_page_is_whole_and_obeys_its_own_policy(service: Service) -> None:
    for address, html in (await pages_of(service)).items():
        tags = outline(html).tags
        names = [tag for tag, _ in tags]
        assert ("html", {"lang": "en"}) in tags
        assert names.count("h1") == 1, address
        assert {"style", "script"} & set(names) == set()
        assert not [attributes for _, attributes in tags if "style" in attributes]
        sources = [a.get("src") or a.get("href") for tag, a in tags if tag in ("img", "link")]
        assert all(source and source.startswith("/static/") for source in sources)


async def test_where_it_says_that_a_refusal_changed_nothing_it_says_when_that_is_not_sure(
    service: Service,
) -> None:
    said = [page for page in (await pages_of(service)).values() if "changed nothing" in page]
    assert said
    assert all("took_too_long" in page for page in said)


async def test_a_page_carries_the_policy_of_all_pages(service: Service) -> None:
    answer = await service.ask("GET", DOCS)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = await service.ask("GET", DOCS, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


async def test_every_call_code_and_event_is_on_a_page(service: Service) -> None:
    pages = await pages_of(service)
    ids = {a["id"] for html in pages.values() for _, a in outline(html).tags if a.get("id")}
    assert ids >= {operation.id for operation in OPERATIONS.values()}
    assert ids >= set(CODES)
    assert ids >= set(EVENTS)


async def test_an_id_stands_on_a_page_once(service: Service) -> None:
    for address, html in (await pages_of(service)).items():
        ids = [a["id"] for _, a in outline(html).tags if "id" in a]
        assert len(ids) == len(set(ids)), address


async def test_every_link_leads_somewhere(service: Service) -> None:
    pages = await pages_of(service)
    anchors = {
        address: {a.get("id") for _, a in outline(html).tags} for address, html in pages.items()
    }
    for address, html in pages.items():
        for link in links(outline(html)):
            path, _, anchor = link.partition("#")
            if path.startswith("https://"):
                continue
            if path.startswith("/v1/openapi"):
                assert (await service.ask("GET", path)).status == 200
            else:
                assert not anchor or anchor in anchors[path or address], (address, link)


async def test_what_is_not_there_is_not_shown(service: Service) -> None:
    answer = await service.ask("GET", f"{DOCS}/nothing")
    assert (answer.status, answer.json["code"]) == (404, "not_found")
