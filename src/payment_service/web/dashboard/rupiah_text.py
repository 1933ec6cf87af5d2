"""An amount as people type it."""

from payment_service.kit.errors import Invalid

DIGITS = 12


def rupiah_in(text: str) -> int:
    """`150000`, `150.000` or `Rp150.000`. Raises Invalid."""
    digits = text.strip().removeprefix("Rp").replace(".", "").replace(" ", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS):
        raise Invalid("rupiah_text", "Write an amount in whole rupiah, such as 150.000.")
    return int(digits)
