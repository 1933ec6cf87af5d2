"""What a text may hold that nobody sees, and that makes it look like another one."""

import re

_UNSEEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]")
"""Control characters, ends of lines, and what turns the direction of the text around it."""


def first_unseen(text: str) -> str | None:
    """The first such letter of a text that is one line."""
    found = _UNSEEN.search(text)
    return None if found is None or found[0] in "\r\n\u2028\u2029" else found[0]


def holds_unseen(text: str) -> bool:
    return _UNSEEN.search(text) is not None
