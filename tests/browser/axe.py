"""axe-core, run over a page as it stands in the browser."""

from functools import cache
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.missing import not_tested_here

AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
BAD = ("moderate", "serious", "critical")
RUN = """async () => {
    const found = await axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map((one) => [one.impact, one.id, one.nodes.map((n) => n.html)]);
}"""


@cache
def _source() -> str:
    if not AXE.exists():
        not_tested_here(
            "no axe-core; `make setup` installs it where there is npm", required_by="REQUIRE_NODE"
        )
    return AXE.read_text()


def comes_with_axe(context: BrowserContext) -> None:
    """Each page has it from the start: sent to hundreds of them, its half a megabyte is slow."""
    context.add_init_script(_source())


def everything_found(page: Page) -> list[tuple[str, str, list[str]]]:
    """Of every impact, down to what is only good practice."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    return [(impact, name, where) for impact, name, where in page.evaluate(RUN)]


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What keeps somebody out or astray: all but the minor ones."""
    return [found for found in everything_found(page) if found[0] in BAD]
