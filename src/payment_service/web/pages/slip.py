"""The picture that a payer keeps: the code, who is paid, how much, for what, and until when.

People who pay on the same phone give it to their bank's app from the gallery, where it stands
among others: so it says what it is.
"""

import unicodedata
from functools import cache, lru_cache
from io import BytesIO

import msgspec
import segno
from PIL import Image, ImageDraw, ImageFont

from payment_service.kit.money import rupiah
from payment_service.web.pages.dates import moment, period
from payment_service.web.pages.languages import translations
from payment_service.web.pages.pay_view import PayView
from payment_service.web.pages.qr import QUIET_MODULES, code_of

WIDTH = 1080
MARGIN = 60
INK, INK_2, LINE = 20, 80, 200
SMALLEST = 26
"""Pixels of the letters of a name that is too long for its line; then it is cut."""


class Slip(msgspec.Struct, frozen=True):
    """Everything that is written on it, in the payer's language."""

    payload: str
    seller: str
    what: str
    amount: str
    receiver: str
    until: str
    number: str
    warning: str


def slip_of(view: PayView, payload: str) -> Slip:
    """Raises nothing: what is not known is not written."""
    say = translations(view.language).gettext
    what = view.plan_name
    if view.period_start and view.period_end:
        what += f" · {period(view.period_start, view.period_end, view.language)}"
    until = moment(view.expires_at, view.zone, view.language) if view.expires_at else ""
    return Slip(
        payload=payload,
        seller=view.app_name,
        what=what,
        amount=rupiah(view.debited),
        receiver=view.receiver or "",
        until=say("Berlaku sampai %(end)s") % {"end": until} if until else "",
        number=say("Tagihan %(number)s") % {"number": view.invoice_number or ""},
        warning=say("Uji coba, bukan uang sungguhan") if view.test_mode else "",
    )


@lru_cache(maxsize=64)
def slip_png(slip: Slip) -> bytes:
    """A portrait PNG in greys, 1080 pixels wide, with the code nearly as wide."""
    code = code_of(slip.payload)
    modules = int(code.symbol_size(border=QUIET_MODULES)[0])
    scale = (WIDTH - MARGIN) // modules
    side = scale * modules
    edge = (WIDTH - side) // 2 + scale * QUIET_MODULES
    pen = _Pen()
    if slip.warning:
        pen.box(slip.warning)
    pen.write(slip.seller, 46, stroke=1)
    pen.write(slip.what, 34, INK_2)
    pen.write(slip.amount, 116, stroke=3)
    pen.tear()
    pen.apart("QRIS", slip.receiver, edge)
    pen.place(code, scale, side)
    pen.write(slip.until, 40, stroke=1)
    pen.write(slip.number, 32, INK_2)
    return pen.png()


class _Pen:
    """Writes line below line, in the middle."""

    def __init__(self) -> None:
        self._picture = Image.new("L", (WIDTH, 2 * WIDTH), 255)
        self._draw = ImageDraw.Draw(self._picture)
        self._y = MARGIN

    def write(self, text: str, size: int, ink: int = INK, stroke: int = 0) -> None:
        text, size = _fitting(text, size, WIDTH - 2 * MARGIN)
        if text:
            self._text(text, WIDTH / 2, "ma", size, ink, stroke)
            self._y += round(size * 1.4)

    def apart(self, left: str, right: str, edge: int) -> None:
        right, size = _fitting(right, 36, WIDTH - 2 * edge - 200)
        self._text(left, edge, "la", 36, INK, 1)
        self._text(right, WIDTH - edge, "ra", size, INK_2, 0)
        self._y += 40

    def box(self, text: str) -> None:
        self._draw.rectangle((MARGIN, self._y, WIDTH - MARGIN, self._y + 76), outline=INK, width=3)
        self._y += 16
        self.write(text, 38, stroke=1)
        self._y += 40

    def tear(self) -> None:
        self._y += 20
        for x in range(MARGIN, WIDTH - MARGIN, 16):
            self._draw.ellipse((x, self._y, x + 5, self._y + 5), fill=LINE)
        self._y += 44

    def place(self, code: segno.QRCode, scale: int, side: int) -> None:
        rows = code.matrix_iter(border=QUIET_MODULES)
        small = Image.new("L", (side // scale, side // scale))
        small.putdata([0 if dark else 255 for row in rows for dark in row])
        large = small.resize((side, side), Image.Resampling.NEAREST)
        self._picture.paste(large, ((WIDTH - side) // 2, self._y))
        self._y += side

    def png(self) -> bytes:
        out = BytesIO()
        self._picture.crop((0, 0, WIDTH, self._y + MARGIN)).save(out, "PNG")
        return out.getvalue()

    def _text(self, text: str, x: float, anchor: str, size: int, ink: int, stroke: int) -> None:
        self._draw.text(
            (x, self._y), text, ink, _font(size), anchor, stroke_width=stroke, stroke_fill=ink
        )


def _fitting(text: str, size: int, width: int) -> tuple[str, int]:
    """The text in letters of the font, as large as the line takes it, and cut where it must be."""
    text = _plain(text)
    while size > SMALLEST and _font(size).getlength(text) > width:
        size -= 2
    if _font(size).getlength(text) > width:
        while text and _font(size).getlength(text + "...") > width:
            text = text[:-1]
        text = text.rstrip() + "..."
    return text, size


def _plain(text: str) -> str:
    """What the font has: Latin letters without their marks, digits, signs; the rest is left out."""
    text = text[:200].replace("–", "-").replace("’", "'")
    spelt = unicodedata.normalize("NFKD", text)
    kept = "".join(sign for sign in spelt if sign == "·" or " " <= sign <= "~")
    return " ".join(kept.split())


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Aileron, which Pillow brings; it needs no font of the machine."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    return font
