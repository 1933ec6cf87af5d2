"""A disk whose power fails: what may be on it at any place of a record of deeds.

Only a sync that has ended makes a write durable, and only of what was written before it began; the
sync of a folder does so for names. Everything else may be there, or not, or in part.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from tests.faults.record import Deed, Kind

KEPT = ("", "-wal", "-journal")
"""What a database consists of; the shared memory beside the log is made anew after a restart."""
SECTOR = 512
SHARES = (0.0, 0.2, 0.5, 0.8, 1.0)
"""How much of what is not durable is there all the same."""


class Content:
    """What a file holds for sure, and what was done to it since."""

    def __init__(self, durable: bytes = b"") -> None:
        self.durable = bytearray(durable)
        self.loose: dict[int, Deed] = {}
        """By the place where they began."""

    def whole(self) -> bytearray:
        """What is in it while nothing fails."""
        found = bytearray(self.durable)
        for deed in self.loose.values():
            _do(found, deed)
        return found

    def survives(self, rng: Random) -> bytearray:
        """What may be found in it afterwards."""
        found, loose = bytearray(self.durable), list(self.loose.values())
        if rng.random() < 0.3:  # a disk that keeps the order stops amidst one write
            at = rng.randint(0, len(loose))
            for deed in loose[:at]:
                _do(found, deed)
            for deed in loose[at : at + 1]:
                _do_in_part(found, deed, rng)
            return found
        share = rng.choice(SHARES)
        for deed in loose:
            if rng.random() < share:
                _do(found, deed)
            elif rng.random() < 0.5:
                _do_in_part(found, deed, rng)
        return found


class Disk:
    """A database's files, as the deeds come: the file itself, its log, its journal."""

    def __init__(self, database: Path, files: dict[str, bytes]) -> None:
        """`files` are durable, by path."""
        self._folder = str(database.parent)
        self._mine = {f"{database}{kind}" for kind in KEPT}
        self._now = {path: Content(held) for path, held in files.items()}
        self._durable = dict(self._now)
        self._changes: list[tuple[str, Content | None]] = []
        """Of names, since the folder was synced."""
        self._covered: dict[int, tuple[Content, list[int]]] = {}
        self._named: dict[int, int] = {}
        """What is covered by the syncs that are under way, by the place where they began."""

    def begins(self, deed: Deed) -> None:
        """From here on it may have been done."""
        if deed.kind is Kind.SYNCED and deed.path == self._folder:
            self._named[deed.began] = len(self._changes)
        elif deed.path not in self._mine:
            return
        elif deed.kind is Kind.MADE and deed.path not in self._now:
            self._change(deed.path, Content())
        elif deed.path not in self._now:
            return
        elif deed.kind is Kind.REMOVED:
            self._change(deed.path, None)
        elif deed.kind in (Kind.WROTE, Kind.CUT):
            self._now[deed.path].loose[deed.began] = deed
        elif deed.kind is Kind.SYNCED:
            content = self._now[deed.path]
            before = [began for began, one in content.loose.items() if one.ended < deed.began]
            self._covered[deed.began] = content, before

    def ends(self, deed: Deed) -> None:
        """What a sync covers is there for sure."""
        if deed.began in self._covered:
            content, before = self._covered.pop(deed.began)
            for began in before:
                if (done := content.loose.pop(began, None)) is not None:
                    _do(content.durable, done)
        if deed.began in self._named:
            durable = self._named.pop(deed.began)
            for path, content_or_none in self._changes[:durable]:
                _name(self._durable, path, content_or_none)
            del self._changes[:durable]

    def whole(self) -> dict[str, bytearray]:
        """What is there while nothing fails, by path."""
        return {path: content.whole() for path, content in self._now.items()}

    def survives(self, rng: Random) -> dict[str, bytearray]:
        """What may be found afterwards, by path. Names change in their order."""
        names = dict(self._durable)
        for path, content in self._changes[: rng.randint(0, len(self._changes))]:
            _name(names, path, content)
        return {path: content.survives(rng) for path, content in names.items()}

    def loose(self) -> int:
        """Writes that are not durable."""
        return sum(len(content.loose) for content in self._now.values())

    def _change(self, path: str, content: Content | None) -> None:
        _name(self._now, path, content)
        self._changes.append((path, content))


def moments(done: Iterable[Deed]) -> Iterator[tuple[int, bool, Deed]]:
    """Where each deed begins, and where it has ended (True), in order."""
    both = [(at, is_end, deed) for deed in done for at, is_end in _ends(deed)]
    yield from sorted(both, key=lambda moment: moment[:2])


def _ends(deed: Deed) -> tuple[tuple[int, bool], tuple[int, bool]]:
    return (deed.began, False), (deed.ended, True)


def _do(content: bytearray, deed: Deed) -> None:
    if deed.kind is Kind.CUT:
        del content[deed.place :]
        content.extend(bytes(deed.place - len(content)))
        return
    _put(content, deed.place, deed.data)


def _do_in_part(content: bytearray, deed: Deed, rng: Random) -> None:
    """Its first half, or some of the sectors that it touches."""
    if deed.kind is Kind.CUT:
        return
    if rng.random() < 0.5:
        _put(content, deed.place, deed.data[: len(deed.data) // 2])
        return
    start, end = deed.place, deed.place + len(deed.data)
    while start < end:
        next_sector = min(end, (start // SECTOR + 1) * SECTOR)
        if rng.random() < 0.5:
            _put(content, start, deed.data[start - deed.place : next_sector - deed.place])
        start = next_sector


def _put(content: bytearray, place: int, data: bytes) -> None:
    if len(content) < place:
        content.extend(bytes(place - len(content)))
    content[place : place + len(data)] = data


def _name(names: dict[str, Content], path: str, content: Content | None) -> None:
    if content is None:
        names.pop(path, None)
    else:
        names[path] = content
