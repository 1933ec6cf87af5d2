"""A figure beside what is wanted of it and beside its limits, and how such are printed."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec
from rich.box import MARKDOWN
from rich.table import Table

LimitName = Literal["bare loop", "bare HTTP", "wire"]
LIMITS: tuple[LimitName, ...] = ("bare loop", "bare HTTP", "wire")


class Limit(msgspec.Struct, frozen=True):
    """What the same machine does in the same run with nothing of the service around it, in the
    figure's own unit."""

    name: LimitName
    found: float


class Finding(msgspec.Struct, frozen=True):
    """`wanted` is None for what is only told."""

    name: str
    found: float
    wanted: float | None
    unit: str
    at_least: bool
    limits: tuple[Limit, ...] = ()

    @property
    def reached(self) -> bool | None:
        if self.wanted is None:
            return None
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted

    def share_of(self, name: LimitName) -> float | None:
        """Percent of that limit, where there is one."""
        return next((self.found / one.found * 100 for one in self.limits if one.name == name), None)


class Measured(Protocol):
    """What every part of the benchmark gives: a struct of figures, and what they come to."""

    @property
    def findings(self) -> list[Finding]: ...

    @property
    def exit_code(self) -> int:
        """1 where something is missing or wrong, whatever the figures say."""


def told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """As they go into a document."""
    return [msgspec.to_builtins(one) | {"reached": one.reached} for one in findings]


def as_json(report: Measured) -> str:
    """One document: its figures, with its findings beside them."""
    document = {**msgspec.to_builtins(report), "findings": told(report.findings)}
    return msgspec.json.encode(document).decode()


def findings_table(findings: Sequence[Finding]) -> Table:
    """One row each; a column for each limit that any of them has."""
    return sections_table([("", findings)])


def sections_table(
    sections: Sequence[tuple[str, Sequence[Finding]]], *, markdown: bool = False
) -> Table:
    """The same with a title above each section that has one."""
    every = [one for _, findings in sections for one in findings]
    shown = [name for name in LIMITS if any(one.share_of(name) for one in every)]
    table = Table(box=MARKDOWN if markdown else None, pad_edge=markdown, header_style="bold")
    table.add_column("figure", no_wrap=True)
    for name in ("found", "wanted"):
        table.add_column(name, justify="right")
    table.add_column("")
    for limit in shown:
        table.add_column(f"of the {limit}", justify="right")
    for title, findings in sections:
        if title:
            table.add_row(f"**{title}**" if markdown else f"[bold]{title}[/]")
        for one in findings:
            table.add_row(
                one.name,
                f"{_number(one.found)} {one.unit}".strip(),
                "" if one.wanted is None else _wanted(one),
                {None: "", True: "[green]reached[/]", False: "[red]not reached[/]"}[one.reached],
                *(_share(one, limit) for limit in shown),
            )
    return table


def _wanted(one: Finding) -> str:
    return f"{'≥' if one.at_least else '≤'} {_number(one.wanted or 0)} {one.unit}".strip()


def _number(value: float) -> str:
    return f"{value:,.{0 if value >= 1000 or value == int(value) else 1}f}"


def _share(one: Finding, name: LimitName) -> str:
    share = one.share_of(name)
    (found,) = [limit.found for limit in one.limits if limit.name == name] or [0]
    return "" if share is None else f"{share:.0f} % of {_number(found)}"
