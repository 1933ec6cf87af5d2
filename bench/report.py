"""The figures of a run, the goals they are held against, and how both are printed."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from bench.databases import Kind
from bench.finding import Finding, Limit, findings_table

WIDTH = 140


class Figures(msgspec.Struct, frozen=True):
    """One scenario. Shares are of one core; `others_share` is what strangers took of both. What a
    database takes that is not in the server's process is told apart."""

    name: str
    samples: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_us: float
    """CPU time of the server process for each operation, in microseconds."""
    database_us: float
    server_share: float
    database_share: float
    client_share: float
    others_share: float

    @property
    def limit(self) -> str:
        """What the scenario ran into: somebody's full core, strangers on it, or mere waiting."""
        beside = self.client_share + self.database_share
        if beside > 0.9 and beside > self.server_share:
            return "client" if self.client_share > self.database_share else "database"
        if self.server_share > 0.75:
            return "server"
        return "others" if self.others_share > 0.25 else "waiting"


class Bare(msgspec.Struct, frozen=True):
    """The limit of the database: an operation's statements and nothing else."""

    per_second: float
    statements: int
    transactions: int
    units_per_commit: int
    connections: int


class Scenario(msgspec.Struct, frozen=True):
    """Its figures, how the server put its writes together, and what limits it: its statements on
    the bare driver, and its requests answered by a bare HTTP server and by the wire. `commits` are
    counted on SQLite only; on PostgreSQL each unit has its own."""

    figures: Figures
    commits: int
    units_per_commit: float
    bare: Bare | None = None
    http: Figures | None = None
    wire: Figures | None = None

    @property
    def limits(self) -> tuple[Limit, ...]:
        found = (("bare loop", self.bare), ("bare HTTP", self.http), ("wire", self.wire))
        return tuple(Limit(name, one.per_second) for name, one in found if one is not None)  # type: ignore[arg-type]

    def finding(self, wanted: float | None, name: str = "") -> Finding:
        figures = self.figures
        return Finding(name or figures.name, figures.per_second, wanted, "/s", True, self.limits)


class Report(msgspec.Struct, frozen=True):
    """A run. `mismatches` are sentences; with any of them the figures are worth nothing."""

    database: Kind
    confirmation: Scenario
    create: Scenario
    read: Scenario
    seen_late_p99_ms: float
    """The gap between two looks for settlements: included in p50 and p99 of confirmations."""
    rss_mb: float
    peak_mb: float
    start_seconds: float
    cores: int
    shuffled: bool
    """Whether invoices were paid in no order."""
    mismatches: list[str]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        return self.confirmation, self.create, self.read

    @property
    def exit_code(self) -> int:
        """A goal that is missed fails nothing; rows that are missing do."""
        return 1 if self.mismatches else 0

    @property
    def findings(self) -> list[Finding]:
        """The goals are those of one core, SQLite, durable."""
        if self.database == "postgresql":
            return [one.finding(None, f"{one.figures.name}, PostgreSQL") for one in self.scenarios]
        slowest = max(one.figures.p99_ms for one in self.scenarios)
        share = self.confirmation.finding(None).share_of("bare loop") or 0.0
        return [
            self.confirmation.finding(3000),
            self.create.finding(2000),
            self.read.finding(5000),
            Finding("confirmation / bare loop", share, 20, "%", at_least=True),
            Finding("p99, the slowest scenario", slowest, 60, "ms", at_least=False),
            Finding("memory after load", self.rss_mb, 110, "MB", at_least=False),
            Finding("start to ready", self.start_seconds, 1.5, "s", at_least=False),
        ]


def percentile(in_order: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    return in_order[min(len(in_order) - 1, int(len(in_order) * share))]


def show(report: Report) -> None:
    """For people."""
    console = Console(width=WIDTH, highlight=False)
    console.print(scenarios_table(report.scenarios), findings_table(report.findings))
    for one in report.scenarios:
        if one.bare is not None:
            console.print(bare_line(one, one.bare))
    order = "in no order" if report.shuffled else "in the order of issue"
    console.print(
        f"memory {report.rss_mb:.0f} MB, peak {report.peak_mb:.0f} MB; {report.cores} cores; "
        f"invoices paid {order}; settlements seen up to {report.seen_late_p99_ms:.1f} ms late (p99)"
    )
    show_mismatches(console, report.mismatches)


def bare_line(one: Scenario, bare: Bare) -> str:
    put = f"; the server put {one.units_per_commit:.1f} in each of its {one.commits:,} commits"
    return (
        f"bare loop of {one.figures.name}: {bare.per_second:,.0f}/s, {bare.statements} statements "
        f"in {bare.transactions} transactions"
        + (f", {bare.units_per_commit} units a commit{put}" if one.commits else "")
        + (f", on {bare.connections} connections" if bare.connections > 1 else "")
    )


def show_mismatches(console: Console, mismatches: Sequence[str]) -> None:
    for mismatch in mismatches:
        console.print(f"[bold red]rows do not add up:[/] {mismatch}")
    if not mismatches:
        console.print("rows add up")


def scenarios_table(scenarios: Sequence[Scenario]) -> Table:
    """With the servers that limit them below each."""
    table = Table("scenario", box=None, pad_edge=False, header_style="bold")
    for name in ("samples", "per s", "p50 ms", "p99 ms", "server µs", "server", "client", "others"):
        table.add_column(name, justify="right")
    if with_database := any(one.figures.database_us for one in scenarios):
        table.add_column("database µs", justify="right")
        table.add_column("database", justify="right")
    table.add_column("limit")
    for one in scenarios:
        _add_row(table, one.figures.name, one.figures, with_database)
        for name, limit in (("  bare HTTP", one.http), ("  wire", one.wire)):
            if limit is not None:
                _add_row(table, name, limit, with_database)
    return table


def _add_row(table: Table, name: str, one: Figures, with_database: bool) -> None:
    database = (f"{one.database_us:.0f}", f"{one.database_share:.0%}") if with_database else ()
    table.add_row(
        name,
        f"{one.samples:,}",
        f"{one.per_second:,.0f}",
        f"{one.p50_ms:.1f}",
        f"{one.p99_ms:.1f}",
        f"{one.server_us:.0f}",
        f"{one.server_share:.0%}",
        f"{one.client_share:.0%}",
        f"{one.others_share:.0%}",
        *database,
        one.limit,
    )
