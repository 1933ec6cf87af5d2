"""A picture as it is served."""

from typing import NamedTuple


class Picture(NamedTuple):
    """A WebP picture and its size in pixels."""

    content: bytes
    width: int
    height: int
