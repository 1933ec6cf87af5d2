"""The QRIS code as a picture, and the name of the one who receives the money."""

import io

import segno

QUIET_ZONE = 4
MERCHANT_NAME = "59"


def svg(qr_string: str) -> bytes:
    picture = io.BytesIO()
    # Level L makes the biggest modules, which phones of every age can read from a screen.
    segno.make(qr_string, error="l", boost_error=False, micro=False).save(
        picture, kind="svg", border=QUIET_ZONE, light="#fff", dark="#000", omitsize=True
    )
    return picture.getvalue()


def png(qr_string: str) -> bytes:
    picture = io.BytesIO()
    segno.make(qr_string, error="l", boost_error=False, micro=False).save(
        picture, kind="png", border=QUIET_ZONE, scale=12
    )
    return picture.getvalue()


def receiver(qr_string: str) -> str:
    """The merchant's name in the code (two digits tag, two digits length, value), or ""."""
    rest = qr_string
    while len(rest) > 4 and rest[2:4].isdecimal():
        tag, end = rest[:2], 4 + int(rest[2:4])
        if tag == MERCHANT_NAME:
            return rest[4:end]
        rest = rest[end:]
    return ""
