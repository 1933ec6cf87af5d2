"""An app's own colour and logo, made safe: the colour fills a band and the square behind two
letters, the logo takes that square's place; no more."""

import re
from typing import NamedTuple

NILA = "#27439b"
INK = "#141a2b"
WHITE = "#ffffff"

TALL, WIDE = 36, 128
"""What a logo takes of the page at most, in CSS pixels."""
LOGO_NAME = re.compile(r"[0-9a-f]{32}-([0-9]{1,4})x([0-9]{1,4})")


class Logo(NamedTuple):
    """Where a logo is, and what it takes of the page."""

    address: str
    width: int
    height: int


def app_color(color: str) -> str:
    """The colour as `#rrggbb`, or the house's where it is anything else."""
    return color.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else NILA


def ink_on(color: str) -> str:
    """Ink or white, whichever is easier to read on that colour."""
    light = _luminance(app_color(color))
    return WHITE if 1.05 / (light + 0.05) >= (light + 0.05) / (_luminance(INK) + 0.05) else INK


def sheet_address(color: str) -> str:
    """Of the stylesheet that draws in this colour. Another colour has another address."""
    return f"/brand/{app_color(color)[1:]}.css"


def sheet(color: str) -> str:
    """`color` may be anything; what is written is six hex digits."""
    return (
        f".band rect,.app .monogram rect{{fill:{app_color(color)}}}\n"
        f".app .monogram text{{fill:{ink_on(color)}}}\n"
        # As the QR code it lies on white: most logos are drawn for that.
        ".app .logo{flex:none;border-radius:6px;background:#fff}\n"
    )


def logo_of(name: str) -> Logo:
    """Its name says how large it is."""
    found = LOGO_NAME.fullmatch(name)
    if found is None:
        raise ValueError("no name of a logo")
    width, height = max(1, int(found[1])), max(1, int(found[2]))
    scale = min(TALL / height, WIDE / width)
    return Logo(f"/brand/{name}.webp", max(1, round(width * scale)), max(1, round(height * scale)))


def _luminance(color: str) -> float:
    """Relative luminance as WCAG counts it, 0 to 1."""
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
