"""How numbers that are not whole rupiah are written for people."""

from babel.numbers import format_decimal

from payment_service.kit.money import Language

NBSP = "\N{NO-BREAK SPACE}"


def tenths(number: float, language: Language, *, always: bool = True) -> str:
    """`12,4`, in English `12.4`; a whole number is `12,0`, or `12` where not `always`."""
    return format_decimal(number, "#,##0.0" if always else "#,##0.##", locale=language)


def share(part: float, language: Language) -> str:
    """`4,1 %`, in English `4.1%`; without its sign."""
    space = NBSP if language == "id" else ""
    return f"{tenths(abs(part) * 100, language)}{space}%"
