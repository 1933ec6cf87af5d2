"""Pictures that somebody sends, drawn anew as small WebP pictures: nothing of the file is kept."""

from io import BytesIO

from PIL import Image, ImageOps

from payment_service.kit.errors import Invalid
from payment_service.kit.picture import Picture

LARGEST_FILE = 20 * 1024
LARGEST_SIDE = 4000
MOST_PIXELS = 4_000_000
"""What a file of a few bytes may unfold to: 16 MB of memory."""
FORMATS = ("PNG", "JPEG", "WEBP")
QUALITIES = (90, 75, 50, 25, 5)


def drawn_anew(file: bytes, width: int, height: int) -> Picture:
    """The picture in the file, at most so large, without anything else that was in the file.

    Raises Invalid for another format, too large a file or picture, or one that cannot be read.
    """
    if len(file) > LARGEST_FILE:
        raise Invalid("picture_size", "The file has at most 20 KB; save the picture smaller.")
    try:
        return _drawn(file, width, height)
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:  # what a broken file makes a decoder raise is no list
        raise Invalid("picture_format", "Send a PNG, JPEG or WebP picture.") from error


def _drawn(file: bytes, width: int, height: int) -> Picture:
    with Image.open(BytesIO(file), formats=FORMATS) as sent:
        # The head alone has been read so far: what it promises is not unfolded.
        if max(sent.size) > LARGEST_SIDE or sent.width * sent.height > MOST_PIXELS:
            raise _too_many_pixels()
        upright = ImageOps.exif_transpose(sent)
        whole = upright.convert("RGBA")
    whole.thumbnail((width, height), Image.Resampling.LANCZOS)
    # A fresh one: text, place, profile and thumbnails of the file stay behind.
    fresh = Image.new("RGBA", whole.size)
    fresh.paste(whole)
    return Picture(_packed(fresh), fresh.width, fresh.height)


def _packed(image: Image.Image) -> bytes:
    """Exact where that is small, as logos are; else as good as fits."""
    packed = BytesIO()
    image.save(packed, "WEBP", lossless=True, method=6)
    for quality in QUALITIES:
        if packed.tell() <= LARGEST_FILE:
            break
        packed = BytesIO()
        image.save(packed, "WEBP", quality=quality, method=6)
    return packed.getvalue()


def _too_many_pixels() -> Invalid:
    return Invalid("picture_pixels", "The picture has too many pixels; 512 by 512 is plenty.")
