"""A real Chromium for a test: found, started, ended."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from tests.missing import not_tested_here

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def chromium(subject: str) -> Iterator[Browser]:
    """Without one, what wants to test `subject` is skipped loudly, or fails where CI asks."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        not_tested_here(f"no Chromium for {subject}", required_by="REQUIRE_BROWSER")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=Path(found), args=FLAGS)
        except Error as error:
            not_tested_here(f"Chromium does not start: {error}", required_by="REQUIRE_BROWSER")
        yield browser
        browser.close()
