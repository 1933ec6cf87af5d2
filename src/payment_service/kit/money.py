"""Rupiah: whole numbers everywhere, and how they are written for people."""

from typing import Literal

Language = Literal["id", "en"]


def rupiah(amount: int) -> str:
    """`Rp99.000`, in both languages: it is what payers read in their banks' apps. A true minus
    sign in front when negative."""
    digits = f"{abs(amount):,}".replace(",", ".")
    return f"{'−' if amount < 0 else ''}Rp{digits}"
