"""Draw a sheet as PDF, in the order in which it is printed from a browser."""

import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO

import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from payment_service.web.pages.lettering import is_whole, width_of, write
from payment_service.web.pages.sheet import Sheet

WIDTH, HEIGHT = A4
LEFT, RIGHT = 18 * mm, WIDTH - 18 * mm
TOP, BOTTOM = HEIGHT - 16 * mm, 16 * mm
HALF = LEFT + 0.55 * (RIGHT - LEFT)
"""Where the right of two columns begins."""
PLAIN, STRONG, SLANTED = "Helvetica", "Helvetica-Bold", "Helvetica-Oblique"
INK, QUIET, LINE, EDGE = "#141a2b", "#5c667e", "#c6ccd8", "#858da1"
GREEN = "#136b41"
SIZE, SMALL = 10.5, 9.0
STEP = 14.0
"""Points from one line of text to the next."""
LOGO_TALL, LOGO_WIDE = 32.0, 112.0
"""What a logo takes at most, in points."""


def draw_pdf(sheet: Sheet) -> bytes:
    return _Pen(sheet).draw()


class _Pen:
    """Goes down the page, and on to the next one."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._out = BytesIO()
        # Without the time and a random name in it, the same sheet is the same file.
        self._canvas = Canvas(self._out, pagesize=A4, invariant=1, lang=sheet.language)
        self._canvas.setTitle(f"{sheet.title} {sheet.facts[0][1]}")
        self._canvas.setAuthor(sheet.app_name)
        self._y = TOP

    def draw(self) -> bytes:
        self._head()
        self._parties()
        self._lines()
        self._end()
        self._code()
        self._foot()
        self._canvas.save()
        return self._out.getvalue()

    def _head(self) -> None:
        sheet = self._sheet
        if sheet.test:
            self._band(sheet.test)
        right_of_mark = LEFT + (self._logo() if sheet.picture else self._monogram()) + 12
        self._stamp(self._y)
        start = self._y
        width = RIGHT - right_of_mark - (130 if sheet.stamp else 0)
        self._block(sheet.app_name, right_of_mark, width, 12, STRONG)
        for line in sheet.seller:
            self._block(line, right_of_mark, width, SMALL, PLAIN, QUIET)
        self._y = min(self._y, start - 34) - 2.2 * STEP
        self._text(sheet.title, LEFT, 20, STRONG)
        self._y -= 2 * STEP

    def _band(self, words: str) -> None:
        """Across the sheet, dashed: nobody takes it for real money."""
        canvas = self._canvas
        canvas.saveState()
        canvas.setStrokeColor(HexColor(EDGE))
        canvas.setDash(3, 2)
        canvas.roundRect(LEFT, self._y - 10, RIGHT - LEFT, 22, 5)
        canvas.restoreState()
        middle = (LEFT + RIGHT - width_of(words, STRONG, SIZE)) / 2
        self._text(words, middle, SIZE, STRONG)
        self._y -= 3 * STEP

    def _logo(self) -> float:
        """How wide it became."""
        logo = ImageReader(BytesIO(b64decode(self._sheet.picture)))
        wide, tall = logo.getSize()
        scale = min(LOGO_TALL / tall, LOGO_WIDE / wide)
        wide, tall = wide * scale, tall * scale
        self._canvas.drawImage(logo, LEFT, self._y + 10 - tall, wide, tall, mask="auto")
        return float(wide)

    def _monogram(self) -> float:
        sheet, canvas = self._sheet, self._canvas
        canvas.setFillColor(HexColor(sheet.color))
        canvas.roundRect(LEFT, self._y - 20, 30, 30, 6, stroke=0, fill=1)
        canvas.setFillColor(HexColor(sheet.ink))
        middle = LEFT + 15 - width_of(sheet.monogram, STRONG, 12) / 2
        write(canvas, middle, self._y - 9, sheet.monogram, STRONG, 12)
        return 30.0

    def _stamp(self, y: float) -> None:
        sheet, canvas = self._sheet, self._canvas
        if not sheet.stamp:
            return
        colour = HexColor(GREEN if sheet.is_paid else QUIET)
        canvas.saveState()
        canvas.translate(RIGHT - 60, y - 6)
        canvas.rotate(4)
        canvas.setStrokeColor(colour)
        canvas.setFillColor(colour)
        canvas.setLineWidth(2)
        canvas.roundRect(-56, -18, 112, 36, 5)
        canvas.setLineWidth(0.7)
        canvas.roundRect(-52, -14, 104, 28, 3)
        spaced = " ".join(sheet.stamp)
        write(canvas, -width_of(spaced, STRONG, 17) / 2, -6, spaced, STRONG, 17)
        canvas.restoreState()

    def _parties(self) -> None:
        sheet, start = self._sheet, self._y
        for at, (words, value) in enumerate(sheet.facts):
            if at:
                self._rule(LEFT, HALF - 12, self._y + 1.05 * STEP)
            self._text(words, LEFT, SMALL, PLAIN, QUIET)
            self._block(value, LEFT + 92, HALF - LEFT - 104, SIZE, PLAIN)
            self._y -= 0.5 * STEP
        left, self._y = self._y, start
        self._text(sheet.to, HALF, SMALL, PLAIN, QUIET)
        self._y -= STEP
        # Where letters of the name are in no font, the reference tells whom it is for.
        whom = sheet.name if is_whole(sheet.name) else f"{sheet.name} ({sheet.reference})"
        self._block(whom, HALF, RIGHT - HALF, SIZE, STRONG)
        for line in sheet.contact:
            self._block(line, HALF, RIGHT - HALF, SIZE, PLAIN)
        self._y = min(left, self._y) - STEP

    def _lines(self) -> None:
        sheet = self._sheet
        period = HALF - 30
        what, when, amount = sheet.heads
        self._text(what, LEFT, SMALL, PLAIN, QUIET)
        self._text(when, period, SMALL, PLAIN, QUIET)
        self._right(amount, RIGHT, SMALL, PLAIN, QUIET)
        self._y -= 0.6 * STEP
        self._rule(LEFT, RIGHT, self._y)
        self._y -= STEP
        for what, when, amount in sheet.rows:
            self._need(4 * STEP)
            if when:
                self._text(when, period, SIZE, PLAIN)
            self._right(amount, RIGHT, SIZE, PLAIN)
            wide = (period if when else RIGHT - 90) - LEFT - 12
            self._block(what, LEFT, wide, SIZE, PLAIN)
            self._rule(LEFT, RIGHT, self._y + 0.45 * STEP)
            self._y -= 0.6 * STEP
        self._y -= 0.4 * STEP

    def _end(self) -> None:
        sheet = self._sheet
        self._need(12 * STEP)
        start = self._y
        for words, amount, is_strong in sheet.sums:
            font = STRONG if is_strong else PLAIN
            self._text(words, HALF, SIZE, font)
            self._right(amount, RIGHT, SIZE, font)
            self._y -= 1.4 * STEP
        right, self._y = self._y, start
        fonts = (SLANTED, *(PLAIN for _ in sheet.notes))
        for (words, value), font in zip((sheet.spelled, *sheet.notes), fonts, strict=True):
            self._text(words, LEFT, SMALL, PLAIN, QUIET)
            self._y -= STEP
            self._block(value, LEFT, HALF - LEFT - 24, SIZE, font)
            self._y -= 0.5 * STEP
        self._y = min(self._y, right) - STEP

    def _code(self) -> None:
        sheet, canvas = self._sheet, self._canvas
        if not sheet.code:
            return
        size = 34 * mm
        self._need(size + STEP)
        code = segno.make_qr(sheet.code, error="l")
        modules = code.symbol_size(border=0)[0]
        one, top = size / modules, self._y
        canvas.setFillColor(HexColor("#000000"))
        for row, cells in enumerate(code.matrix):
            for column, is_dark in enumerate(cells):
                if is_dark:
                    x, y = LEFT + column * one, top - (row + 1) * one
                    # A hair wider, so that no seam shows between two.
                    canvas.rect(x, y, one + 0.05, one + 0.05, stroke=0, fill=1)
        self._y = top - size / 2
        self._block(sheet.code_words, LEFT + size + 14, RIGHT - LEFT - size - 14, SIZE, PLAIN)
        self._y = top - size - 1.5 * STEP

    def _foot(self) -> None:
        self._need(5 * STEP)
        self._rule(LEFT, RIGHT, self._y)
        self._y -= STEP
        for line in self._sheet.foot:
            for part in line.splitlines():
                self._block(part, LEFT, RIGHT - LEFT, SMALL, PLAIN, QUIET)

    def _need(self, height: float) -> None:
        if self._y - height < BOTTOM:
            self._canvas.showPage()
            self._y = TOP

    def _rule(self, left: float, right: float, y: float) -> None:
        self._canvas.setStrokeColor(HexColor(LINE))
        self._canvas.setLineWidth(0.6)
        self._canvas.line(left, y, right, y)

    def _text(self, text: str, x: float, size: float, font: str, colour: str = INK) -> None:
        self._canvas.setFillColor(HexColor(colour))
        write(self._canvas, x, self._y, text, font, size)

    def _right(self, text: str, x: float, size: float, font: str, colour: str = INK) -> None:
        self._text(text, x - width_of(text, font, size), size, font, colour)

    def _block(
        self, text: str, x: float, width: float, size: float, font: str, colour: str = INK
    ) -> None:
        """Over as many lines as it takes; a word that is wider than the column is cut."""
        for line in _broken(text, font, size, width):
            self._need(STEP)
            self._text(line, x, size, font, colour)
            self._y -= STEP


def _broken(text: str, font: str, size: float, width: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(longer, font, size) <= width:
            lines[-1] = longer
            continue
        parts = list(_cut(word, font, size, width))
        lines[-1:] = [*([lines[-1]] if lines[-1] else []), *parts]
    return lines


def _cut(word: str, font: str, size: float, width: float) -> Iterator[str]:
    """The most that fits, again and again; at least a letter, and no mark without its letter."""
    part = ""
    for letter in word:
        is_mark = unicodedata.category(letter).startswith(("M", "Cf"))
        if part and not is_mark and width_of(part + letter, font, size) > width:
            yield part
            part = ""
        part += letter
    yield part
