"""The figures of a run, the goals they are held against, and how both are printed."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table


class Figures(msgspec.Struct, frozen=True):
    """One scenario. Shares are of one core; `others_share` is what strangers took of both."""

    name: str
    samples: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_us: float
    """CPU time of the server process for each operation, in microseconds."""
    server_share: float
    client_share: float
    others_share: float

    @property
    def limit(self) -> str:
        """What the scenario ran into: somebody's full core, strangers on it, or mere waiting."""
        if self.client_share > 0.9 and self.client_share > self.server_share:
            return "client"
        if self.server_share > 0.75:
            return "server"
        return "others" if self.others_share > 0.25 else "waiting"


class Confirmation(msgspec.Struct, frozen=True):
    """The scenario's figures, and how the server put its writes together."""

    figures: Figures
    commits: int
    units_per_commit: float
    seen_late_p99_ms: float
    """The gap between two looks for settlements: included in p50 and p99."""


class Bare(msgspec.Struct, frozen=True):
    """The limit: a confirmation's write statements and nothing else."""

    per_second: float
    statements: int
    units_per_commit: int


class Goal(msgspec.Struct, frozen=True):
    name: str
    found: float
    wanted: float
    unit: str
    at_least: bool

    @property
    def reached(self) -> bool:
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted


class Report(msgspec.Struct, frozen=True):
    """A run. `mismatches` are sentences; with any of them the figures are worth nothing."""

    confirmation: Confirmation
    create: Figures
    read: Figures
    bare: Bare
    rss_mb: float
    peak_mb: float
    start_seconds: float
    cores: int
    shuffled: bool
    """Whether invoices were paid in no order."""
    mismatches: list[str]

    @property
    def scenarios(self) -> tuple[Figures, ...]:
        return self.confirmation.figures, self.create, self.read

    @property
    def share_of_bare(self) -> float:
        """Confirmations as a percentage of the bare loop."""
        return self.confirmation.figures.per_second / self.bare.per_second * 100

    @property
    def exit_code(self) -> int:
        """A goal that is missed fails nothing; rows that are missing do."""
        return 1 if self.mismatches else 0


def goals(report: Report) -> list[Goal]:
    confirmation, create, _ = report.scenarios
    slowest = max(figures.p99_ms for figures in report.scenarios)
    return [
        Goal("confirmation", confirmation.per_second, 1500, "/s", at_least=True),
        Goal("create subscription", create.per_second, 1000, "/s", at_least=True),
        Goal("p99, the slowest scenario", slowest, 60, "ms", at_least=False),
        Goal("memory at its peak", report.peak_mb, 110, "MB", at_least=False),
        Goal("start to ready", report.start_seconds, 2, "s", at_least=False),
        Goal("confirmation / bare loop", report.share_of_bare, 10, "%", at_least=True),
    ]


def percentile(in_order: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    return in_order[min(len(in_order) - 1, int(len(in_order) * share))]


def show(report: Report) -> None:
    """For people."""
    console = Console(width=100, highlight=False)
    console.print(_scenarios(report), _goals(report))
    console.print(
        f"bare loop {report.bare.per_second:,.0f}/s: {report.bare.statements} statements in two "
        f"transactions, {report.bare.units_per_commit} units a commit; the server put "
        f"{report.confirmation.units_per_commit:.1f} units in each of its "
        f"{report.confirmation.commits:,} commits"
    )
    order = "in no order" if report.shuffled else "in the order of issue"
    console.print(
        f"memory {report.rss_mb:.0f} MB, peak {report.peak_mb:.0f} MB; {report.cores} cores; "
        f"invoices paid {order}; "
        f"settlements seen up to {report.confirmation.seen_late_p99_ms:.1f} ms late (p99)"
    )
    for mismatch in report.mismatches:
        console.print(f"[bold red]rows do not add up:[/] {mismatch}")
    if not report.mismatches:
        console.print("rows add up")


def as_json(report: Report) -> str:
    """One document, with what is worked out from the figures beside them."""
    worked_out = {
        "share_of_bare": report.share_of_bare,
        "goals": [msgspec.to_builtins(goal) | {"reached": goal.reached} for goal in goals(report)],
        "limits": {figures.name: figures.limit for figures in report.scenarios},
    }
    return msgspec.json.encode(msgspec.to_builtins(report) | worked_out).decode()


def _scenarios(report: Report) -> Table:
    table = Table("scenario", box=None, pad_edge=False, header_style="bold")
    for name in ("samples", "per s", "p50 ms", "p99 ms", "server µs", "server", "client", "others"):
        table.add_column(name, justify="right")
    table.add_column("limit")
    for each in report.scenarios:
        table.add_row(
            each.name,
            f"{each.samples:,}",
            f"{each.per_second:,.0f}",
            f"{each.p50_ms:.1f}",
            f"{each.p99_ms:.1f}",
            f"{each.server_us:.0f}",
            f"{each.server_share:.0%}",
            f"{each.client_share:.0%}",
            f"{each.others_share:.0%}",
            each.limit,
        )
    return table


def _goals(report: Report) -> Table:
    table = Table("goal", box=None, pad_edge=False, header_style="bold")
    table.add_column("found", justify="right")
    table.add_column("wanted", justify="right")
    table.add_column("")
    for goal in goals(report):
        table.add_row(
            goal.name,
            f"{goal.found:,.{0 if goal.found >= 1000 else 1}f} {goal.unit}",
            f"{'≥' if goal.at_least else '≤'} {goal.wanted:,.0f} {goal.unit}",
            "[green]reached[/]" if goal.reached else "[red]not reached[/]",
        )
    return table
