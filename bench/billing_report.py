"""The figures of a billing run, the goals they are held against, and how both are printed."""

import msgspec
from rich.console import Console
from rich.table import Table

from bench.finding import Finding, findings_table

LARGEST_DRIFT = 30
"""Percent by which the cost of a change may differ between the smallest size and the largest."""


class Alone(msgspec.Struct, frozen=True):
    """A run beside which nothing else ran. With mismatches its figures are worth nothing."""

    database: str
    subscriptions: int
    changes: int
    seconds: float
    cpu: float
    """Seconds that the run's own process computed; the rest is the disk, or the server."""
    peak_mb: float
    mismatches: list[str]

    @property
    def cost_us(self) -> float:
        """Of one change."""
        return self.seconds / self.changes * 1e6


class BillingReport(msgspec.Struct, frozen=True):
    alone: list[Alone]
    cores: int

    @property
    def exit_code(self) -> int:
        """A goal that is missed fails nothing; rows that are missing do."""
        return 1 if any(one.mismatches for one in self.alone) else 0

    @property
    def findings(self) -> list[Finding]:
        told = []
        for database in dict.fromkeys(one.database for one in self.alone):
            runs = [one for one in self.alone if one.database == database]
            largest, costs = max(runs, key=lambda one: one.subscriptions), [r.cost_us for r in runs]
            drift = (max(costs) / min(costs) - 1) * 100
            told += [
                Finding(
                    f"{database}: subscriptions",
                    largest.subscriptions / largest.seconds,
                    250_000,
                    "/s",
                    at_least=True,
                ),
                Finding(
                    f"{database}: changes",
                    largest.changes / largest.seconds,
                    12_000,
                    "/s",
                    at_least=True,
                ),
                Finding(
                    f"{database}: memory at its peak", largest.peak_mb, 150, "MB", at_least=False
                ),
                Finding(
                    f"{database}: drift of the cost", drift, LARGEST_DRIFT, "%", at_least=False
                ),
            ]
        return told


def show(report: BillingReport) -> None:
    """For people."""
    console = Console(width=100, highlight=False)
    console.print(_runs(report), findings_table(report.findings))
    for one in report.alone:
        for mismatch in one.mismatches:
            console.print(f"[bold red]rows do not add up:[/] {one.database}: {mismatch}")
    if not report.exit_code:
        console.print("rows add up")


def _runs(report: BillingReport) -> Table:
    table = Table("run alone", box=None, pad_edge=False, header_style="bold")
    for name in ("subscriptions", "changes", "s", "CPU s", "µs a change", "peak MB"):
        table.add_column(name, justify="right")
    for one in report.alone:
        table.add_row(
            one.database,
            f"{one.subscriptions:,}",
            f"{one.changes:,}",
            f"{one.seconds:.2f}",
            f"{one.cpu:.2f}",
            f"{one.cost_us:.0f}",
            f"{one.peak_mb:.0f}",
        )
    return table
