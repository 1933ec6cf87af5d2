"""A form that is larger than a request may be: what fits of each field is kept, so that its page
can say what was too long, and no more memory is taken than for one that fits."""

OF_A_FIELD = 8 * 1024
READ_ON = 448 * 1024
"""What is announced to be larger is not awaited: the server hears no more than 512 KiB out."""


class Squeezed:
    """Takes an urlencoded form piece by piece."""

    def __init__(self, most: int) -> None:
        self.kept = bytearray()
        self._room = OF_A_FIELD
        self._most = most

    def take(self, piece: bytes) -> None:
        for number, part in enumerate(piece.split(b"&")):
            if number:
                self._end_field()
            fits = part[: max(0, min(self._room, self._most - len(self.kept) - 1))]
            self.kept += fits
            self._room = self._room - len(fits) if len(fits) == len(part) else 0

    def _end_field(self) -> None:
        if len(self.kept) < self._most:
            self.kept += b"&"
        self._room = OF_A_FIELD
