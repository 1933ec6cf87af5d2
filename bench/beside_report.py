"""The figures of a billing run beside live load, its goals, and how both are printed."""

from statistics import median

import msgspec
from rich.console import Console
from rich.table import Table

from bench.finding import Finding, findings_table
from bench.standing import Expected

LONGEST_CHUNK = 20
GRACE_MS = 25


class Phase(msgspec.Struct, frozen=True):
    """Latency from the moment at which a request was due."""

    samples: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Repeat(msgspec.Struct, frozen=True):
    """A day: the load alone, and from the first transaction of the run to its last. Shares are of
    one core. Chunks as the service's own log tells of them, without their commits."""

    quiet_reads: Phase
    quiet_writes: Phase
    busy_reads: Phase
    busy_writes: Phase
    seconds: float
    changes: int
    server_share: float
    others_share: float
    chunks: int = 0
    chunk_ms_p50: float = 0.0
    chunk_ms_p99: float = 0.0
    chunk_ms_max: float = 0.0

    @property
    def reads(self) -> float:
        """How many times as long the slowest reads took beside the run."""
        return self.busy_reads.p99_ms / self.quiet_reads.p99_ms

    @property
    def writes_over(self) -> float:
        """Milliseconds of the slowest writes beyond twice the quiet ones."""
        return self.busy_writes.p99_ms - 2 * self.quiet_writes.p99_ms


class BesideReport(msgspec.Struct, frozen=True):
    database: str
    subscriptions: int
    repeats: list[Repeat]
    peak_mb: float
    expected: Expected

    @property
    def mismatches(self) -> list[str]:
        """Of the first day: what the others must do depends on it."""
        found, wanted = self.repeats[0].changes, self.expected.changes
        return [] if found == wanted else [f"changes: {found}, expected {wanted}"]

    @property
    def exit_code(self) -> int:
        """A goal that is missed fails nothing; steps that are missing do."""
        return 1 if self.mismatches else 0

    @property
    def findings(self) -> list[Finding]:
        """Of the repeat in the middle: other work on the machine comes and goes."""
        reads = median(one.reads for one in self.repeats)
        writes = median(one.writes_over for one in self.repeats)
        longest = median(one.chunk_ms_max for one in self.repeats)
        return [
            Finding("reads p99, times the quiet", reads, 2, "", at_least=False),
            Finding("writes p99, beyond twice the quiet", writes, GRACE_MS, "ms", at_least=False),
            Finding("the longest chunk", longest, LONGEST_CHUNK, "ms", at_least=False),
        ]


def show(report: BesideReport) -> None:
    """For people."""
    console = Console(width=100, highlight=False)
    console.print(_phases(report), _runs(report), findings_table(report.findings))
    for mismatch in report.mismatches:
        console.print(f"[bold red]the run left something out:[/] {mismatch}")


def _phases(report: BesideReport) -> Table:
    table = Table(
        f"{report.database}, {report.subscriptions:,}",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    for name in ("samples", "p50 ms", "p99 ms", "max ms"):
        table.add_column(name, justify="right")
    for day, one in enumerate(report.repeats, 1):
        for name, phase in (
            ("reads, quiet", one.quiet_reads),
            ("reads, beside the run", one.busy_reads),
            ("writes, quiet", one.quiet_writes),
            ("writes, beside the run", one.busy_writes),
        ):
            table.add_row(
                f"day {day}: {name}",
                f"{phase.samples:,}",
                f"{phase.p50_ms:.1f}",
                f"{phase.p99_ms:.1f}",
                f"{phase.max_ms:.1f}",
            )
    return table


def _runs(report: BesideReport) -> Table:
    table = Table("run", box=None, pad_edge=False, header_style="bold")
    for name in ("changes", "s", "chunks", "p50 ms", "p99 ms", "max ms", "server", "others"):
        table.add_column(name, justify="right")
    for day, one in enumerate(report.repeats, 1):
        table.add_row(
            f"day {day}",
            f"{one.changes:,}",
            f"{one.seconds:.2f}",
            f"{one.chunks:,}",
            f"{one.chunk_ms_p50:.1f}",
            f"{one.chunk_ms_p99:.1f}",
            f"{one.chunk_ms_max:.1f}",
            f"{one.server_share:.0%}",
            f"{one.others_share:.0%}",
        )
    table.add_row("peak", f"{report.peak_mb:.0f} MB")
    return table
