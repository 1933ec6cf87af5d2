"""Metrics: counted where things happen, written out as Prometheus reads them.

Counting is an addition to a dict. The library for it takes twice as long on every request, 37 ms
of the start, and four times as long on the event loop each time it is read.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from threading import Lock
from typing import Literal, NamedTuple

PREFIX = "payment_service_"
OF_THE_PROCESS = "process_"
"""What every client library calls alike has no prefix of ours."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
Labels = tuple[str, ...]
_counting = Lock()
"""SQLite's writer and PostgreSQL's threads count beside the event loop."""


class Sample(NamedTuple):
    """One line: what is added to the metric's name, its labels, its value."""

    suffix: str
    labels: dict[str, str]
    value: float


class Family(NamedTuple):
    """A metric with all its samples. Names stand without the prefix that all of them have."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    samples: Sequence[Sample]


class Count:
    """What only grows, from the start of the process. Label values come from a closed set."""

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        self.name, self.meaning, self.labels = name, meaning, labels
        self._counts: dict[Labels, int] = {}
        COUNTED[name] = self

    def add(self, *values: str, by: int = 1) -> None:
        with _counting:
            self._counts[values] = self._counts.get(values, 0) + by

    def count(self, *values: str) -> int:
        return self._counts.get(values, 0)

    def family(self) -> Family:
        counts = sorted(self._counts.items()) if self.labels else [((), self.count())]
        samples = [Sample("", named(self.labels, values), count) for values, count in counts]
        return Family(self.name, "counter", self.meaning, samples)


class Histogram:
    """How often what was measured lay under each bound, and the sum of it all."""

    def __init__(
        self, name: str, meaning: str, *labels: str, bounds: Sequence[float] = SECONDS
    ) -> None:
        self.name, self.meaning, self.labels, self.bounds = name, meaning, labels, bounds
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        COUNTED[name] = self

    def observe(self, measured: float, *values: str) -> None:
        at = bisect_left(self.bounds, measured)
        with _counting:
            counts = self._counts.get(values)
            if counts is None:
                counts = self._counts[values] = [0] * (len(self.bounds) + 1)
                self._sums[values] = 0.0
            counts[at] += 1
            self._sums[values] += measured

    def count(self, *values: str) -> int:
        return sum(self._counts.get(values, ()))

    def family(self) -> Family:
        samples = [one for values in sorted(self._counts) for one in self._samples(values)]
        return Family(self.name, "histogram", self.meaning, samples)

    def _samples(self, values: Labels) -> Iterable[Sample]:
        labels = named(self.labels, values)
        bounds = [*(f"{bound:g}" for bound in self.bounds), "+Inf"]
        totals = list(accumulate(self._counts[values]))
        for bound, total in zip(bounds, totals, strict=True):
            yield Sample("_bucket", {**labels, "le": bound}, total)
        yield Sample("_sum", labels, self._sums[values])
        yield Sample("_count", labels, totals[-1])


class Gauge:
    """One number that goes up and down."""

    def __init__(self, name: str, meaning: str) -> None:
        self.name, self.meaning = name, meaning
        self._value = 0
        COUNTED[name] = self

    def set(self, value: int) -> None:
        self._value = value

    def move(self, by: int) -> None:
        with _counting:
            self._value += by

    def family(self) -> Family:
        return gauge(self.name, self.meaning, self._value)


COUNTED: dict[str, Count | Histogram | Gauge] = {}
"""Every metric that is counted, by its name; one that is read when asked for is none of them."""


def named(labels: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    return dict(zip(labels, values, strict=True))


def gauge(name: str, meaning: str, value: float | None) -> Family:
    """One number as it is now; no sample where it is not known."""
    return Family(name, "gauge", meaning, [] if value is None else [Sample("", {}, value)])


def gauges(name: str, meaning: str, label: str, values: dict[str, int]) -> Family:
    """One number for each value of the label."""
    samples = [Sample("", {label: of}, value) for of, value in sorted(values.items())]
    return Family(name, "gauge", meaning, samples)


def exposition(families: Iterable[Family]) -> str:
    """The text format, version 0.0.4."""
    lines: list[str] = []
    for family in families:
        name = family.name if family.name.startswith(OF_THE_PROCESS) else PREFIX + family.name
        lines += (f"# HELP {name} {family.meaning}", f"# TYPE {name} {family.kind}")
        lines += (f"{name}{one.suffix}{_braced(one.labels)} {one.value:.16g}"
                  for one in family.samples)  # fmt: skip
    return "\n".join(lines) + "\n"


def _braced(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
