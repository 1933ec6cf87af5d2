"""Rupiah: whole numbers everywhere, and how they are written for people."""

from typing import Literal

Language = Literal["id", "en"]


def rupiah(amount: int, language: Language = "id") -> str:
    """`Rp99.000`, in English `Rp99,000`; a true minus sign in front when negative."""
    digits = f"{abs(amount):,}"
    if language == "id":
        digits = digits.replace(",", ".")
    return f"{'−' if amount < 0 else ''}Rp{digits}"
