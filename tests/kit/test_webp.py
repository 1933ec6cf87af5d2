"""Pictures that are drawn anew: small, whole, and without anything else of the file."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from payment_service.kit.errors import Invalid
from payment_service.kit.webp import LARGEST_FILE, drawn_anew


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    with Image.open(BytesIO(content)) as image:
        image.load()
        return image


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 90).convert("RGB")


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that claims so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_what_was_said_in_the_file_is_gone() -> None:
    image = Image.new("RGB", (40, 20), "#27439b")
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "Sari di rumah")
    place = Image.Exif()
    place[0x010E] = "Sari di rumah"
    for file in (
        saved(image, "PNG", pnginfo=told),
        saved(image, "JPEG", exif=place, comment=b"Sari di rumah"),
        saved(image, "WEBP", exif=place, xmp=b"<x>Sari di rumah</x>", icc_profile=b"Sari di rumah"),
    ):
        drawn = drawn_anew(file, 512, 144)
        assert b"Sari" in file
        assert b"Sari" not in drawn.content
        assert not set(opened(drawn.content).info) & {"exif", "xmp", "icc_profile"}


def test_it_stands_upright_and_keeps_what_shines_through() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    drawn = drawn_anew(saved(Image.new("RGB", (40, 20)), "JPEG", exif=turned), 512, 512)
    assert (drawn.width, drawn.height) == (20, 40)
    clear = drawn_anew(saved(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG"), 512, 144)
    assert opened(clear.content).convert("RGBA").getpixel((5, 5)) == (0, 0, 0, 0)


def test_it_is_made_small_enough_whatever_is_on_it() -> None:
    file = saved(noise(540, 150), "JPEG", quality=4)
    assert len(file) <= LARGEST_FILE
    drawn = drawn_anew(file, 512, 144)
    assert drawn.width <= 512
    assert drawn.height <= 144
    assert len(drawn.content) <= LARGEST_FILE


@pytest.mark.parametrize("size", [(30_000, 30_000), (4_001, 1), (2_001, 2_000)])
def test_a_file_that_promises_too_much_is_not_unfolded(size: tuple[int, int]) -> None:
    with pytest.raises(Invalid, match="picture_pixels"):
        drawn_anew(bomb(*size), 512, 144)


def test_text_that_unfolds_is_not_read() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("k", "x" * 10_000_000, zip=True)
    with pytest.raises(Invalid, match="picture_format"):
        drawn_anew(saved(Image.new("RGB", (4, 4)), "PNG", pnginfo=told), 512, 144)


def test_of_a_picture_that_moves_the_first_is_kept() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("#ff0000", "#00ff00")]
    file = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    drawn = opened(drawn_anew(file, 512, 144).content)
    assert getattr(drawn, "n_frames", 1) == 1
    assert drawn.convert("RGB").getpixel((4, 4)) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO", "PDF"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(Invalid, match="picture_format"):
        drawn_anew(saved(Image.new("RGB", (16, 16)), kind), 512, 144)


def test_files_cut_short_or_scrambled_are_refused_and_never_more() -> None:
    whole = saved(noise(60, 60), "PNG")
    for end in range(0, len(whole) // 2, 97):
        with pytest.raises(Invalid):
            drawn_anew(whole[:end], 512, 144)
    for at in range(8, len(whole), 97):
        broken = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        with suppress(Invalid):
            assert len(drawn_anew(broken, 512, 144).content) <= LARGEST_FILE
