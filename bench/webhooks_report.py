"""The figures of webhooks, the goals they are held against, and how both are printed."""

import msgspec
from rich.console import Console
from rich.table import Table

from bench.finding import Finding, findings_table


class Backlog(msgspec.Struct, frozen=True):
    """A backlog of all apps, delivered by one worker on one core. Shares are of one core, the busy
    one of both that took part."""

    events: int
    per_second: float
    worker_us: float
    worker_share: float
    busy_share: float


class Fresh(msgspec.Struct, frozen=True):
    """From an event's commit to its arrival at the receiver, in its first attempt."""

    events: int
    events_of_dead: int
    p50_ms: float
    p99_ms: float
    slowest_ms: float


class WebhooksReport(msgspec.Struct, frozen=True):
    """`again` counts messages that arrived more than once; memory in MB (10**6 bytes)."""

    database: str
    backlog: Backlog
    quiet: Fresh
    beside: Fresh
    peak_mb: float
    verified: int
    kept: int
    again: int
    mismatches: list[str]

    @property
    def exit_code(self) -> int:
        return 1 if self.mismatches or self.verified != self.kept else 0

    @property
    def findings(self) -> list[Finding]:
        return [
            Finding("signed deliveries", self.backlog.per_second, 3_000, "/s", at_least=True),
            Finding("new events, p99", self.quiet.p99_ms, 1_000, "ms", at_least=False),
            Finding("beside dead endpoints, p99", self.beside.p99_ms, 2_000, "ms", at_least=False),
        ]


def show(report: WebhooksReport) -> None:
    """For people."""
    table = Table(box=None, header_style="bold")
    for name in (report.database, "events", "per s", "p50 ms", "p99 ms", "slowest ms"):
        table.add_column(name, justify="left" if name == report.database else "right")
    backlog = report.backlog
    table.add_row("backlog", f"{backlog.events:,}", f"{backlog.per_second:,.0f}")
    for name, one in (("new events", report.quiet), ("beside dead endpoints", report.beside)):
        figures = (f"{figure:,.0f}" for figure in (one.p50_ms, one.p99_ms, one.slowest_ms))
        table.add_row(name, f"{one.events:,}", "", *figures)
    console = Console(width=100, highlight=False)
    console.print(table, findings_table(report.findings))
    console.print(
        f"The worker: {backlog.worker_us:.0f} µs a delivery, {backlog.worker_share:.0%} of its "
        f"core, {report.peak_mb:.0f} MB at its peak. Both cores were busy {backlog.busy_share:.0%}."
        f" {report.verified} of {report.kept} messages looked at verify; {report.again} came twice."
    )
    for wrong in report.mismatches:
        console.print(f"[red]{wrong}[/red]")
