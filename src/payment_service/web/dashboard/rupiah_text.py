"""An amount as people type it."""

from payment_service.kit.errors import Invalid

DIGITS = 12


def rupiah_in(text: str) -> int:
    """`150000`, `150.000` or `Rp150.000`. Raises Invalid."""
    digits = text.strip().removeprefix("Rp").replace(".", "").replace(" ", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS):
        raise Invalid("rupiah_text", "Write an amount in whole rupiah, such as 150.000.")
    return int(digits)


def signed_rupiah_in(text: str) -> int:
    """The same with a minus before it, as of a discount. Raises Invalid."""
    bare = text.strip()
    if bare[:1] in ("-", "\N{MINUS SIGN}"):
        return -rupiah_in(bare[1:])
    return rupiah_in(bare)
