"""What is booked is told as a story too."""

from tests.scenarios.conftest import story

__all__ = ["story"]
