"""Somebody who types the guide's commands in order, with the ids and secrets that came before."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

IDS = re.compile(r"\b([a-z]+)_[0-9a-z]{26}\b")
SECRETS = re.compile(r"\b(psk_test|psk_live|whsec)_[\w+/=]+")
OMITTED = re.compile(r"\b([a-z]+(?:_test|_live)?)_…")


class Typist:
    """A shell that remembers: what was exported, and the first id of each kind in each answer."""

    def __init__(
        self,
        folder: Path,
        settings: dict[str, str],
        replaced: dict[str, str],
        serves: Callable[[], None],
    ) -> None:
        """`replaced` is what stands in the guide, and what it is on this machine; `serves` starts
        the service in the shell's environment."""
        self.folder = folder
        self.known: dict[str, str] = {}
        self.answers: list[Any] = []
        """What the last block printed: JSON documents, or text."""
        self.environment = settings
        self.serves = serves
        self._replaced = replaced

    def types(self, block: str) -> None:
        """Every command must succeed; `answers` is then what they printed."""
        self.answers = []
        for written in commands_of(block):
            typed = self._as_typed(written)
            if typed == "payment-service serve":
                self.serves()
                continue
            printed = self._run(typed)
            self._remembers(printed)
            self.answers += list(_documents(printed)) or [printed]

    def asks(self, path: str) -> None:
        """A call that the guide tells in words."""
        self.types(f'curl "$URL{path}" -H "Authorization: Bearer $KEY"')

    def _run(self, typed: str) -> str:
        done = subprocess.run(
            ["bash", "-c", f"set -e\n{typed}\nexport -p > exported\n"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{typed}\n{done.stdout}{done.stderr}"
        exported = (self.folder / "exported").read_text()
        for name, text in re.findall(r'^declare -x (\w+)="(.*)"$', exported, re.M):
            self.environment[name] = text
        return done.stdout

    def _as_typed(self, block: str) -> str:
        for told, here in self._replaced.items():
            block = block.replace(told, here)
        return OMITTED.sub(lambda found: self.known[found[1]], block)

    def _remembers(self, printed: str) -> None:
        seen: dict[str, str] = {}
        for pattern in (IDS, SECRETS):
            for found in pattern.finditer(printed):
                seen.setdefault(found[1], found[0])
        self.known |= seen


def commands_of(block: str) -> Iterator[str]:
    """Each with the lines that it goes on in."""
    command = ""
    for line in block.splitlines():
        command = f"{command}\n{line}" if command else line
        if not line.endswith("\\") and command.count("'") % 2 == 0:
            yield command
            command = ""
    assert not command, f"no end: {command}"


def _documents(printed: str) -> Iterator[Any]:
    """Answers of several calls stand behind one another."""
    decoder, at = json.JSONDecoder(), printed.find("{")
    while at >= 0:
        try:
            document, at = decoder.raw_decode(printed, at)
        except ValueError:
            return
        yield document
        at = printed.find("{", at)


def lacks(shown: Any, real: Any, path: str = "") -> list[str]:
    """Where what is shown is not part of what is: by names and types, not by values."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return [
            one
            for name, value in shown.items()
            for one in (
                lacks(value, real[name], f"{path}.{name}") if name in real else [f"{path}.{name}"]
            )
        ]
    return [] if type(shown) is type(real) else [path]
