"""A sum of rupiah spelled out, as receipts have it: `sembilan puluh sembilan ribu rupiah`."""

from payment_service.kit.money import Language

UNITS = (
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan",
    "sepuluh", "sebelas",
)  # fmt: skip
GROUPS = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (10**3, "ribu"))
SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LARGE = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))


def spelled_sum(amount: int, language: Language) -> str:
    """Rupiah from zero to below 10**15, in lower case."""
    if not 0 <= amount < 10**15:
        raise ValueError(f"{amount} is not spelled out")
    return f"{_indonesian(amount) if language == 'id' else _english(amount)} rupiah"


def _indonesian(number: int) -> str:
    for size, name in GROUPS:
        if number >= size:
            many, rest = divmod(number, size)
            # A thousand alone is `seribu`, but a million is `satu juta`.
            words = "seribu" if (many, size) == (1, 1000) else f"{_indonesian(many)} {name}"
            return _joined(words, _indonesian(rest) if rest else "")
    if number >= 100:
        many, rest = divmod(number, 100)
        words = "seratus" if many == 1 else f"{UNITS[many]} ratus"
        return _joined(words, _indonesian(rest) if rest else "")
    if number >= 20:
        many, rest = divmod(number, 10)
        return _joined(f"{UNITS[many]} puluh", UNITS[rest] if rest else "")
    return UNITS[number] if number < 12 else f"{UNITS[number - 10]} belas"


def _english(number: int) -> str:
    for size, name in LARGE:
        if number >= size:
            many, rest = divmod(number, size)
            return _joined(f"{_english(many)} {name}", _english(rest) if rest else "")
    if number >= 100:
        many, rest = divmod(number, 100)
        return _joined(f"{SMALL[many]} hundred", _english(rest) if rest else "")
    if number >= 20:
        many, rest = divmod(number, 10)
        return f"{TENS[many - 2]}-{SMALL[rest]}" if rest else TENS[many - 2]
    return SMALL[number]


def _joined(words: str, rest: str) -> str:
    return f"{words} {rest}" if rest else words
