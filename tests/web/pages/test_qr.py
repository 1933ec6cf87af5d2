"""The pictures carry the payload as it is, on white, with a quiet zone."""

import struct
import zlib
from itertools import chain

import segno

from payment_service.web.pages.qr import QUIET_MODULES, SMALLEST_PNG, qr_png, qr_svg
from tests.web.pages.pay_views import PAYLOAD


def gray_rows(png: bytes) -> list[list[int]]:
    """The pixels of a one-bit PNG: 0 black, 1 white."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth = struct.unpack(">IIB", png[16:25])
    assert depth == 1
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    data, stride = zlib.decompress(packed), (width + 7) // 8 + 1
    rows, above = [], bytes(stride - 1)
    for row in range(height):
        method, *line = data[row * stride : (row + 1) * stride]
        assert method in (0, 2)
        # Method 2 stores the difference from the row above.
        above = (
            bytes((b + a) % 256 for b, a in zip(line, above, strict=True))
            if method
            else bytes(line)
        )
        rows.append([byte >> bit & 1 for byte in above for bit in range(7, -1, -1)][:width])
    return rows


def test_the_saved_picture_is_large_and_each_module_is_whole_pixels() -> None:
    rows = gray_rows(qr_png(PAYLOAD))
    code = segno.make_qr(PAYLOAD, error="l")
    modules = int(code.symbol_size(border=QUIET_MODULES)[0])
    scale, rest = divmod(len(rows), modules)
    assert rest == 0
    assert len(rows) >= SMALLEST_PNG
    drawn = [[1 - rows[y * scale][x * scale] for x in range(modules)] for y in range(modules)]
    assert drawn == [list(row) for row in code.matrix_iter(border=QUIET_MODULES)]
    assert set(chain.from_iterable(rows[: QUIET_MODULES * scale])) == {1}


def test_the_grid_is_the_smallest_that_holds_the_payload() -> None:
    least = segno.make_qr(PAYLOAD, error="l", boost_error=False).symbol_size(border=4)[0]
    assert f'viewBox="0 0 {least} {least}"'.encode() in qr_svg(PAYLOAD)


def test_the_page_picture_is_black_on_white_and_fills_its_box() -> None:
    svg = qr_svg(PAYLOAD)
    assert b"#fff" in svg
    assert b"width=" not in svg.split(b">")[0]
    assert b"style" not in svg
    assert qr_svg(PAYLOAD) is svg
    assert qr_png(PAYLOAD) is qr_png(PAYLOAD)
