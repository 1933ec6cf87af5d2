"""A page of the documentation, taken apart: its headings, and its blocks in order."""

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[2] / "docs"
FENCED = re.compile(r"^(?P<margin> *)```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.M | re.S)


class Block(NamedTuple):
    """What stands between fences, without the margin that a list gave it."""

    language: str
    text: str


class Page:
    """A file under `docs`."""

    def __init__(self, name: str) -> None:
        self.text = (DOCS / name).read_text()
        self.blocks = [
            Block(found["language"], re.sub(f"^{found['margin']}", "", found["text"], flags=re.M))
            for found in FENCED.finditer(self.text)
        ]
        self.prose = FENCED.sub("", self.text)

    @property
    def indented(self) -> list[str]:
        """Commands without a fence: they are shown, not typed."""
        return re.findall(r"(?:^ {4}payment-service .*\n)+", self.prose, re.M)

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Level and words."""
        found = re.findall(r"^(#+) (.+)$", self.prose, re.M)
        return [(len(marks), words) for marks, words in found]

    def snippet(self, language: str, mark: str) -> str:
        """The one block of a language that holds these words."""
        (text,) = [one.text for one in self.blocks if one.language == language and mark in one.text]
        return text


GUIDE = Page("integration.md")
