"""How long the dashboard takes, on books of a size at which nothing may be looked through."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench.crowd import prepare_crowd
from bench.databases import Kind, postgres_or_sqlite
from bench.finding import Finding
from bench.past import Past, fill_past
from bench.questions import Question, questions
from bench.report import percentile
from bench.run import Stage
from bench.stencil import sink_of
from payment_service.actions.export_list import INVOICES, export_list
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from payment_service.model.invoice_list import InvoiceFilter
from payment_service.model.listed import list_invoices
from payment_service.runtime import Runtime

SAMPLES = 40
INVOICES_EACH = 10
EXPORTED = 10_000


class Measured(msgspec.Struct, frozen=True):
    """Milliseconds of one question, and how many rows the largest answer had."""

    name: str
    goal_ms: float
    p50_ms: float
    p95_ms: float
    max_ms: float
    rows: int


class DashboardReport(msgspec.Struct, frozen=True):
    """`exported` are rows a second."""

    database: str
    subscriptions: int
    invoices: int
    measured: list[Measured]
    exported: float

    @property
    def slow(self) -> list[str]:
        return [one.name for one in self.measured if one.p95_ms > one.goal_ms]

    @property
    def exit_code(self) -> int:
        return int(bool(self.slow))

    @property
    def findings(self) -> list[Finding]:
        """Of the slowest question with each goal."""
        slowest = {
            one.goal_ms: one for one in sorted(self.measured, key=lambda one: one.p95_ms)
        }.values()
        return [
            Finding(f"{one.name}, p95, the slowest", one.p95_ms, one.goal_ms, "ms", at_least=False)
            for one in slowest
        ]


def run_dashboard(
    folder: Path, kind: Kind, subscriptions: int, stage: Stage, *, samples: int = SAMPLES
) -> DashboardReport:
    """Measure in this folder, which must be on a disk."""
    with postgres_or_sqlite(kind, folder) as settings:
        with stage("a crowd", 1):
            crowd = asyncio.run(prepare_crowd(settings, subscriptions, "https://bench.example/"))
        with stage("its past", subscriptions * (INVOICES_EACH - 1)) as progress:
            sink = sink_of(settings.database_url)
            past = fill_past(sink, crowd, INVOICES_EACH - 1, progress)
            sink.close()
        return asyncio.run(_measure(settings, kind, past, crowd.day, stage, samples))


async def _measure(
    settings: Settings, kind: Kind, past: Past, day: date, stage: Stage, samples: int
) -> DashboardReport:
    runtime = await open_runtime(settings)
    try:
        asked = await questions(runtime, past, day)
        measured = []
        with stage("ask", len(asked)) as progress:
            for place, question in enumerate(asked):
                measured.append(await _timed(question, samples))
                progress(place + 1)
        with stage("export", 1):
            rows = await _exported(runtime, past)
        invoices = len(past.whose) * INVOICES_EACH
        return DashboardReport(kind, len(past.whose), invoices, measured, rows)
    finally:
        await runtime.close()


async def _timed(question: Question, samples: int) -> Measured:
    ask = question.ask
    await ask()  # what is asked first has to be compiled and read from the disk
    took, rows = [], 0
    for _ in range(samples):
        begun = monotonic()
        answer = await ask()
        took.append(1000 * (monotonic() - begun))
        is_many = isinstance(answer, Sequence) and not isinstance(answer, bytes)
        rows = max(rows, len(answer) if is_many else 1)
    took.sort()
    p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
    return Measured(question.name, 1000 * question.goal, p50, p95, took[-1], rows)


async def _exported(runtime: Runtime, past: Past) -> float:
    listing = list_invoices({past.app.id: InvoiceFilter()})
    rows, begun = 0, monotonic()
    zones = {past.app.id: past.app.zone}
    async for piece in export_list(runtime.db, listing, INVOICES, zones=zones):
        rows += piece.count(b"\r\n")
        if rows > EXPORTED:
            break
    return rows / (monotonic() - begun)


def show_dashboard(report: DashboardReport) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("question", "p50 ms", "p95 ms", "max ms", "rows"):
        table.add_column(name, justify="left" if name == "question" else "right")
    for one in report.measured:
        figures = (one.p50_ms, one.p95_ms, one.max_ms)
        table.add_row(one.name, *(f"{figure:.1f}" for figure in figures), str(one.rows))
    Console(width=100, highlight=False).print(table)
    sys.stdout.write(
        f"{report.subscriptions:,} subscriptions, {report.invoices:,} invoices, "
        f"{report.database}; export {report.exported:,.0f} rows/s; over their goals: "
        f"{', '.join(report.slow) or 'none'}\n"
    )
