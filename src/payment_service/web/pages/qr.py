"""QR pictures of a payload: one for the page, one for the gallery of a phone.

Error correction is L, or more where that costs no bigger grid: the fewer modules, the easier for
a cheap camera. The quiet zone of four modules belongs to the picture, so no page can forget it.
"""

from functools import lru_cache
from io import BytesIO

import segno

QUIET_MODULES = 4
SMALLEST_PNG = 1024
"""Pixels: what a gallery reader still finds after a chat app has shrunk the picture."""


@lru_cache(maxsize=512)
def code_of(payload: str) -> segno.QRCode:
    """Masking and scoring take most of the time that a picture takes."""
    return segno.make_qr(payload, error="l")


@lru_cache(maxsize=512)
def qr_svg(payload: str) -> bytes:
    """The code as an SVG that fills its box, black on white."""
    out = BytesIO()
    code_of(payload).save(
        out,
        kind="svg",
        border=QUIET_MODULES,
        dark="#000",
        light="#fff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    # Rows are strokes that touch; smoothed edges would leave a grey hairline between them.
    return out.getvalue().replace(b"<svg ", b'<svg shape-rendering="crispEdges" ', 1)


@lru_cache(maxsize=256)
def qr_png(payload: str, smallest: int = SMALLEST_PNG) -> bytes:
    """The code as a square PNG at least `smallest` pixels wide, each module whole pixels."""
    code = code_of(payload)
    modules = code.symbol_size(border=QUIET_MODULES)[0]
    out = BytesIO()
    code.save(out, kind="png", border=QUIET_MODULES, scale=-(-smallest // modules))
    return out.getvalue()
