"""The calls of a process in the order in which strace saw them, and what they did to which file.

Each call has two places: the line where it began and the line where it had ended. What one thread
did because of another's call comes after that call's end.
"""

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

CALLS = (
    "openat", "pwrite64", "ftruncate", "fsync", "fdatasync", "unlink", "unlinkat", "write",
    "writev", "sendto", "sendmsg",
)  # fmt: skip
RECORDING = (
    "strace", "-D", "-f", "-q", "-y", "-xx", "-s", "4000000", "--seccomp-bpf",
    "-e", f"trace={','.join(CALLS)}", "-o",
)  # fmt: skip
"""-D: it is the process itself that was started, and strace that looks on."""
LINE = re.compile(r"(\d+) +(?:(\w+)\((.*)|<\.\.\. \w+ resumed>(.*)|\+\+\+ (.*))", re.DOTALL)
ENDED = re.compile(r"\) += (-?\d+)")
PLACE = re.compile(r"(\d+)$")


class Kind(Enum):
    """What a call did."""

    MADE = "made"
    WROTE = "wrote"
    CUT = "cut"
    SYNCED = "synced"
    REMOVED = "removed"
    SAID = "said"


class Deed(NamedTuple):
    """One call. `place` is where in the file it wrote, or the length to which it cut it."""

    began: int
    ended: int
    kind: Kind
    path: str
    place: int = 0
    data: bytes = b""


class _Call(NamedTuple):
    began: int
    ended: int
    name: str
    args: str
    result: int


def deeds(record: Path) -> Iterator[Deed]:
    """In the order of their ends. Failed calls did nothing; what had no end is not among them."""
    for call in _calls(record):
        if call.result >= 0 and (deed := _deed(call)) is not None:
            yield deed


def _calls(record: Path) -> Iterator[_Call]:
    under_way: dict[str, tuple[int, str, str]] = {}
    with record.open(encoding="ascii") as lines:
        for number, line in enumerate(lines):
            if (found := LINE.match(line)) is None:
                continue
            thread, name, args, rest, _ = found.groups()
            began = number
            if name is not None and args.endswith("<unfinished ...>\n"):
                under_way[thread] = number, name, args.removesuffix(" <unfinished ...>\n")
                continue
            if rest is not None:
                began, name, args = under_way.pop(thread)
                args += rest
            if name is None:
                continue
            end = args.rfind(") ")
            if (result := ENDED.match(args, end)) is not None:
                yield _Call(began, number, name, args[:end], int(result[1]))


def _deed(call: _Call) -> Deed | None:
    when = call.began, call.ended
    on = _on(call.args)
    texts = call.args.split('"')[1::2]  # every character of them is told by its number
    if call.name in ("write", "writev", "sendto", "sendmsg"):
        if not on.startswith("socket:"):
            return None
        return Deed(*when, Kind.SAID, "", data=b"".join(map(_bytes, texts)))
    if call.name == "openat":
        path = _bytes(texts[0]).decode()
        return Deed(*when, Kind.MADE, path) if "O_CREAT" in call.args else None
    if call.name in ("unlink", "unlinkat"):
        return Deed(*when, Kind.REMOVED, _bytes(texts[0]).decode())
    if call.name == "pwrite64":
        # As much as was written: a full disk takes a part.
        return Deed(*when, Kind.WROTE, on, _place(call.args), _bytes(texts[0])[: call.result])
    if call.name == "ftruncate":
        return Deed(*when, Kind.CUT, on, _place(call.args))
    return Deed(*when, Kind.SYNCED, on)


def _on(args: str) -> str:
    """What the call's first argument, a descriptor, stands for."""
    number, _, rest = args[:4000].partition("<")
    return _bytes(rest.partition(">")[0]).decode() if number.isdecimal() else ""


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _place(args: str) -> int:
    found = PLACE.search(args, len(args) - 20)
    assert found is not None, args[-80:]
    return int(found[1])
