"""What fits of a form that is too large: the beginning of each field, in bounded memory."""

from urllib.parse import parse_qsl, urlencode

import pytest

from payment_service.web.overlong import OF_A_FIELD, Squeezed

MOST = 64 * 1024


def squeezed(form: bytes, piece: int) -> Squeezed:
    found = Squeezed(MOST)
    for at in range(0, len(form), piece):
        found.take(form[at : at + piece])
    return found


@pytest.mark.parametrize("piece", [1, 7, 4096, 10**6])
def test_the_fields_beside_a_long_one_are_whole(piece: int) -> None:
    form = urlencode({"version": "3", "name": "🛵" * 10_000, "code": "bulanan"}).encode()
    kept = bytes(squeezed(form, piece).kept)
    texts = dict(parse_qsl(kept.decode()))
    assert texts["version"] == "3"
    assert texts["code"] == "bulanan"
    assert texts["name"].startswith("🛵" * 600)
    assert len(kept) < OF_A_FIELD + 100


def test_never_is_more_kept_than_of_a_form_that_fits() -> None:
    form = b"&".join(b"%d=" % number + b"x" * 20_000 for number in range(20))
    assert len(squeezed(form, 4096).kept) <= MOST
    assert len(squeezed(b"&" * 400_000, 4096).kept) <= MOST
