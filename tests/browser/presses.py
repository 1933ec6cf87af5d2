"""Which deeds of the dashboard's table a story presses: told at the story, and proven by it."""

import re

import pytest
from playwright.sync_api import Response

from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.routes import ROUTES

presses = pytest.mark.presses
POSTS = [guard.path for guard in ROUTES if guard.method == "POST"]
PATTERNS = {
    path: re.compile(re.escape(PREFIX + path).replace(r"\{id\}", "[^/]+")) for path in POSTS
}
ELSEWHERE = (f"{PREFIX}/step-up", f"{PREFIX}/sign-in")
"""Where a deed leads that was not done."""
done: set[str] = set()
"""In this story so far, by the rows of the table."""


def note(answer: Response) -> None:
    """What was pressed and done; what was refused is no deed."""
    if answer.request.method != "POST" or answer.status >= 400:
        return
    path = "/" + answer.url.split("?")[0].split("/", 3)[3]
    deed = next((deed for deed, found in PATTERNS.items() if found.fullmatch(path)), None)
    leads_to = answer.headers.get("location", "")
    asks_first = leads_to.startswith(ELSEWHERE) and not path.startswith(ELSEWHERE)
    if deed is not None and (not asks_first or deed in ("/sign-out", "/sign-out-everywhere")):
        done.add(deed)
