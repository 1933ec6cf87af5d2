"""Every part of the benchmark, one after the other, and all that they found in one table."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console

from bench.beside import run_beside
from bench.billing import run_billing_bench
from bench.dashboard import run_dashboard
from bench.databases import Kind
from bench.finding import Finding, Measured, sections_table, told
from bench.flood import run_flood
from bench.growth import QUICK_SAMPLES as GROWTH_QUICK
from bench.growth import QUICK_SIZES, SIZES, run_growth
from bench.growth import SAMPLES as GROWTH_SAMPLES
from bench.profile import QUICK_SAMPLES as PROFILE_QUICK
from bench.profile import SAMPLES as PROFILE_SAMPLES
from bench.profile import ProfileReport, floors_table, run_profile
from bench.restore import run_restore
from bench.run import FULL, FULL_ON_POSTGRES, QUICK, Counts, Stage, run
from bench.slow_disk import QUICK_SAMPLES as SLOW_QUICK
from bench.slow_disk import SAMPLES as SLOW_SAMPLES
from bench.slow_disk import run_slow_disk
from bench.webhooks import run_webhooks
from bench.year import run_year
from payment_service.kit.clock import monotonic
from payment_service.kit.errors import CannotStart

FIGURES = Path(__file__).with_name("figures.json")
PROFILE = "profile"
Measure = Callable[[Path, Stage, bool], Measured]


class Part(NamedTuple):
    """`measure` is given a folder of its own, and whether only to show that it works. `size` is of
    how many subscriptions, where that matters."""

    name: str
    measure: Measure
    size: str = ""

    @property
    def title(self) -> str:
        return f"{self.name}, {self.size}" if self.size else self.name


def _one_core(kind: Kind, counts: Counts) -> Measure:
    return lambda folder, stage, quick: run(folder, QUICK if quick else counts, stage, kind=kind)


def _growth(kind: Kind, sizes: tuple[int, ...]) -> Measure:
    return lambda folder, stage, quick: run_growth(
        folder,
        kind,
        QUICK_SIZES if quick else sizes,
        GROWTH_QUICK if quick else GROWTH_SAMPLES,
        stage,
    )


def _billing(kind: Kind, sizes: tuple[int, ...]) -> Measure:
    return lambda folder, stage, quick: run_billing_bench(
        folder, (kind,), (1_000,) if quick else sizes, stage
    )


def _beside(kind: Kind, size: int) -> Measure:
    return lambda folder, stage, quick: (
        run_beside(folder, kind, 5_000, 1, stage, quiet=1.0)
        if quick
        else run_beside(folder, kind, size, 3, stage)
    )


def _webhooks(kind: Kind) -> Measure:
    return lambda folder, stage, quick: run_webhooks(
        folder, kind, 2_000 if quick else 100_000, 2 if quick else 30, stage
    )


PARTS = (
    Part("one core, SQLite", _one_core("sqlite", FULL)),
    Part("one core, PostgreSQL", _one_core("postgresql", FULL_ON_POSTGRES)),
    Part(
        "slow disk",
        lambda folder, stage, quick: run_slow_disk(
            folder, SLOW_QUICK if quick else SLOW_SAMPLES, stage
        ),
    ),
    Part("growth, SQLite", _growth("sqlite", SIZES)),
    Part("growth, PostgreSQL", _growth("postgresql", SIZES[:-1])),
    Part(
        PROFILE,
        lambda folder, stage, quick: run_profile(
            folder, PROFILE_QUICK if quick else PROFILE_SAMPLES, stage
        ),
    ),
    Part("flood", lambda folder, stage, quick: run_flood(folder, 1 if quick else 10, stage)),
    Part("billing run, SQLite", _billing("sqlite", SIZES), "1,000,000"),
    Part("billing run, PostgreSQL", _billing("postgresql", (10_000, 100_000)), "100,000"),
    Part("beside live load, SQLite", _beside("sqlite", 200_000), "200,000"),
    Part("beside live load, PostgreSQL", _beside("postgresql", 20_000), "20,000"),
    Part("webhooks, SQLite", _webhooks("sqlite")),
    Part("webhooks, PostgreSQL", _webhooks("postgresql")),
    Part(
        "dashboard, SQLite",
        lambda folder, stage, quick: (
            run_dashboard(folder, "sqlite", 120, stage, samples=3)
            if quick
            else run_dashboard(folder, "sqlite", 20_000, stage)
        ),
        "20,000",
    ),
    Part(
        "restore, SQLite",
        lambda folder, stage, quick: run_restore(folder, "sqlite", 120 if quick else 6_000, stage),
        "6,000",
    ),
    Part(
        "a year",
        lambda folder, stage, quick: (
            run_year(folder, stage, subscriptions=6, days=70) if quick else run_year(folder, stage)
        ),
    ),
)


class Done(msgspec.Struct, frozen=True):
    """A part that was measured, with all its figures, or why it could not be."""

    name: str
    seconds: float
    findings: list[Finding]
    figures: Any
    exit_code: int
    failure: str | None = None


def chosen(names: Sequence[str]) -> list[Part]:
    """Those of these names; all where there is none. Raises CannotStart for an unknown one."""
    known = [part.name for part in PARTS]
    for name in names:
        if name not in known:
            raise CannotStart(f"there is no part “{name}”; there are: {'; '.join(known)}")
    return [part for part in PARTS if not names or part.name in names]


def run_whole(
    parts: Sequence[Part],
    folder: Path | None,
    stage: Stage,
    tell: Callable[[str], None],
    *,
    quick: bool,
) -> list[Done]:
    """Each in a folder of its own, gone afterwards; one that fails stops no other."""
    done = []
    for place, part in enumerate(parts, 1):
        tell(f"{place}/{len(parts)} {part.name}")
        one = _measured(part, folder, stage, quick)
        done.append(one)
        tell(f"{place}/{len(parts)} {part.name}: {one.failure or 'done'}, {one.seconds:.0f} s")
    return done


def _measured(part: Part, folder: Path | None, stage: Stage, quick: bool) -> Done:
    begun = monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="payment-service-bench-", dir=folder) as inside:
            report = part.measure(Path(inside), stage, quick)
    except (CannotStart, ConnectionError, RuntimeError) as error:
        return Done(part.name, monotonic() - begun, [], None, 1, f"failed: {error}")
    figures = msgspec.to_builtins(report)
    return Done(part.name, monotonic() - begun, report.findings, figures, report.exit_code)


def document_of(done: Sequence[Done]) -> bytes:
    parts = [{**msgspec.to_builtins(one), "findings": told(one.findings)} for one in done]
    return msgspec.json.format(msgspec.json.encode({"parts": parts}))


class _Document(msgspec.Struct):
    parts: list[Done]


def stored(path: Path) -> list[Done]:
    """What the last whole run found. Raises CannotStart where there was none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Document).parts
    except OSError as error:
        raise CannotStart(f"{path} is not there; `python -m bench all` writes it") from error


def keep(done: Sequence[Done], path: Path) -> list[Done]:
    """In the file, with what earlier runs found of other parts; all that is there then."""
    found = {one.name: one for one in stored(path)} if path.exists() else {}
    found |= {one.name: one for one in done}
    order = [part.name for part in PARTS if part.name in found]
    kept = [found[name] for name in order]
    path.write_bytes(document_of(kept))
    return kept


def show_whole(done: Sequence[Done], *, markdown: bool = False) -> None:
    """All findings in one table, part by part; then where the time goes."""
    console = Console(width=200 if markdown else 150, highlight=False)
    titles = {part.name: part.title for part in PARTS}
    sections = [
        (f"{titles.get(one.name, one.name)}; {one.seconds:.0f} s", one.findings)
        for one in done
        if one.findings
    ]
    console.print(sections_table(sections, markdown=markdown))
    for one in done:
        if one.name == PROFILE and one.figures is not None:
            profile = msgspec.convert(one.figures, ProfileReport)
            console.print("", floors_table(profile, markdown=markdown))
    for one in done:
        if one.exit_code:
            console.print(f"[bold red]{one.name}:[/] {one.failure or _wrong(one.figures)}")


def _wrong(figures: dict[str, Any]) -> str:
    return "; ".join(figures.get("mismatches", ())) or "see its figures"
