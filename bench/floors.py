"""On which floor of the service a sample of its stack was taken."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

FLOORS = {
    "event loop and sockets": r"/asyncio/|/uvloop/",
    "HTTP server": r"/uvicorn/|/httptools/|payment_service/kit/(bounded_http|serving)\.py",
    "framework and its layers": r"/(starlette|fastapi|pydantic|pydantic_core|anyio)/",
    "our web floor": r"payment_service/web/",
    "rules and records": (
        r"payment_service/(actions|books|model|resources|outside)/"
        r"|payment_service/(outbox|runtime)\.py"
    ),
    "statements: values in, records out": (
        r"payment_service/kit/(compiled|statements|schema|expressions|spelled_sum)\.py"
    ),
    "SQLAlchemy": r"/sqlalchemy/",
    "driver and database": (
        r"payment_service/kit/(sqlite|postgres|checkpoint)(_\w+)?\.py|/psycopg(_pool)?/"
    ),
    "log": r"/structlog/|/logging/|payment_service/(cli/log|kit/sparing_log)\.py",
    "kit: ids, signing, counts": r"payment_service/kit/",
}
"""From the socket down, the first that fits. A call into C shows no file, so that a statement that
runs is the driver's; what belongs to no floor belongs to whoever called it."""
ELSEWHERE = "elsewhere"
_PATTERNS = {name: re.compile(pattern) for name, pattern in FLOORS.items()}
_FRAME = re.compile(r"(?P<function>.+) \((?P<file>[^()]*?)(:\d+)?\)")


class Profile(NamedTuple):
    """Samples by floor, and by the function in which each was taken."""

    floors: Counter[str]
    functions: Counter[str]


def read_profile(lines: Iterable[str]) -> Profile:
    """Of stacks as py-spy writes them: frames from the outermost, `;` between, and a count."""
    floors: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [found for one in stack.split(";") if (found := _FRAME.fullmatch(one))]
        if not frames:
            continue
        floors[_floor_of([frame["file"] for frame in frames])] += int(count)
        functions[f"{_short(frames[-1]['file'])}: {frames[-1]['function']}"] += int(count)
    return Profile(floors, functions)


def _floor_of(files: list[str]) -> str:
    for file in reversed(files):
        for name, pattern in _PATTERNS.items():
            if pattern.search(file):
                return name
    return ELSEWHERE


def _short(file: str) -> str:
    return re.sub(r"^.*?/(site-packages/|src/|lib/python3\.\d+/)", "", file)
