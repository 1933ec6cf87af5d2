"""An app's own colour, made safe: it fills a band and the square behind two letters, no more."""

import re

NILA = "#27439b"
INK = "#141a2b"
WHITE = "#ffffff"


def app_color(color: str) -> str:
    """The colour as `#rrggbb`, or the house's where it is anything else."""
    return color.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else NILA


def ink_on(color: str) -> str:
    """Ink or white, whichever is easier to read on that colour."""
    light = _luminance(app_color(color))
    return WHITE if 1.05 / (light + 0.05) >= (light + 0.05) / (_luminance(INK) + 0.05) else INK


def _luminance(color: str) -> float:
    """Relative luminance as WCAG counts it, 0 to 1."""
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
