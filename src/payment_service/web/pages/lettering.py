"""Lines of a PDF: in the fonts that every reader has, and where a letter is not in those, drawn
as outlines of Noto. Such a line is found and copied all the same: its words lie behind it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas
from uharfbuzz import Buffer, Font, shape

from payment_service.web.pages.directions import in_sight
from payment_service.web.pages.fonts import has_letter, in_fonts

MINUS, DASH = "−", "–"
INVISIBLE = 3
BEGINNING = "\ufeff"
"""Of a text in a PDF that is not Latin."""
THIRD = 2 / 3


class _Glyph(NamedTuple):
    """Where it stands in its line, in thousandths of the size of the letters."""

    font: Font
    id: int
    x: float
    y: float


class _Line(NamedTuple):
    glyphs: Sequence[_Glyph]
    width: float


def width_of(text: str, face: str, size: float) -> float:
    if _is_plain(text):
        return float(stringWidth(_plain(text), face, size))
    return _line(text, "Bold" in face).width * size / 1000


def write(canvas: Canvas, x: float, y: float, text: str, face: str, size: float) -> None:
    """In the canvas's colour."""
    if _is_plain(text):
        canvas.setFont(face, size)
        canvas.drawString(x, y, _plain(text))
    else:
        _draw(canvas, x, y, text, _line(text, "Bold" in face), size)


def is_whole(text: str) -> bool:
    """Whether all of it can be written; joiners and the like need no letter."""
    return _is_plain(text) or all(has_letter(one) for one in text if one.isprintable())


def _is_plain(text: str) -> bool:
    try:
        _plain(text).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _plain(text: str) -> str:
    return text.replace(MINUS, DASH)


@lru_cache(maxsize=256)
def _line(text: str, bold: bool) -> _Line:
    glyphs: list[_Glyph] = []
    x = 0.0
    for stretch in in_sight(text):
        fitted = list(in_fonts(stretch.text, bold=bold))
        for words, font in reversed(fitted) if stretch.is_leftwards else fitted:
            x = _shape(glyphs, x, words, font, is_leftwards=stretch.is_leftwards)
    return _Line(glyphs, x)


def _shape(glyphs: list[_Glyph], x: float, text: str, font: Font, *, is_leftwards: bool) -> float:
    buffer = Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if is_leftwards else "ltr"
    shape(font, buffer)
    unit = 1000 / font.face.upem
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True):
        if info.codepoint:  # none is the box that says that something is missing
            at = _Glyph(font, info.codepoint, x + place.x_offset * unit, place.y_offset * unit)
            glyphs.append(at)
            x += place.x_advance * unit
    return x


def _draw(canvas: Canvas, x: float, y: float, text: str, line: _Line, size: float) -> None:
    canvas.saveState()
    words = (BEGINNING + text).encode("utf-16-be").hex()
    canvas.addLiteral(f"/Span <</ActualText <{words}>>> BDC")
    behind = canvas.beginText(x, y)
    behind.setTextRenderMode(INVISIBLE)
    behind.setFont("Helvetica", size)
    behind.setHorizScale(100 * line.width * size / 1000 / stringWidth("x", "Helvetica", size))
    behind.textOut("x")
    canvas.drawText(behind)
    canvas.addLiteral("EMC")
    path = canvas.beginPath()
    for glyph in line.glyphs:
        scale = size / glyph.font.face.upem
        pen = _Pen(path, x + glyph.x * size / 1000, y + glyph.y * size / 1000, scale)
        glyph.font.draw_glyph_with_pen(glyph.id, pen)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)
    canvas.restoreState()


class _Pen:
    """Draws a glyph into a path. Its methods have the names that fonts call."""

    def __init__(self, path: Any, x: float, y: float, scale: float) -> None:
        self._path, self._x, self._y, self._scale = path, x, y, scale
        self._at = (0.0, 0.0)

    def _on(self, point: tuple[float, float]) -> tuple[float, float]:
        return self._x + point[0] * self._scale, self._y + point[1] * self._scale

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._at = point
        self._path.moveTo(*self._on(point))

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._at = point
        self._path.lineTo(*self._on(point))

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._at = points[-1]
        self._path.curveTo(*(part for point in points for part in self._on(point)))

    def qCurveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        """PDF knows only curves with two points between their ends."""
        (x, y), (bend_x, bend_y), (end_x, end_y) = self._at, *points
        self.curveTo(
            (x + THIRD * (bend_x - x), y + THIRD * (bend_y - y)),
            (end_x + THIRD * (bend_x - end_x), end_y + THIRD * (bend_y - end_y)),
            (end_x, end_y),
        )

    def closePath(self) -> None:  # noqa: N802
        self._path.close()

    def endPath(self) -> None:  # noqa: N802
        pass
