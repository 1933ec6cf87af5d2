"""The pages' own files: packed for whoever takes that, whole for others, kept under their hash."""

import gzip

import pytest

from payment_service.web.pages.render import STATIC, asset
from tests.service import Service


@pytest.mark.parametrize("name", ["base.css", "pay.css", "pay.js", "mark.svg"])
async def test_a_file_comes_packed_or_whole_and_is_the_same(service: Service, name: str) -> None:
    whole = await service.ask("GET", asset(name), headers={"Accept-Encoding": "identity"})
    packed = await service.ask("GET", asset(name), headers={"Accept-Encoding": "gzip"})
    assert whole.body == packed.body == (STATIC / name).read_bytes()  # the client unpacks
    assert "Content-Encoding" not in whole.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(gzip.compress(whole.body, mtime=0))
    for answer in (whole, packed):
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Type"] == packed.headers["Content-Type"]


async def test_under_another_hash_a_file_is_not_kept(service: Service) -> None:
    for encoding in ("identity", "gzip"):
        headers = {"Accept-Encoding": encoding}
        answer = await service.ask("GET", "/static/pay.css?v=old", headers=headers)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
