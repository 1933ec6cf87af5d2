"""The pages' own files: style sheets, scripts, the mark."""

import gzip
from functools import cache

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from payment_service.kit.errors import NotFound
from payment_service.web.pages.render import STATIC, STATIC_HEADERS, asset

NAMES = frozenset(path.name for path in STATIC.iterdir() if path.is_file())


async def static_file(request: Request) -> Response:
    """Kept for good by browsers when asked for under the hash of its content, else not at all."""
    name = request.path_params["name"]
    if name not in NAMES:
        raise NotFound("not_found", "There is nothing at this address.")
    current = asset(name).endswith(f"?v={request.query_params.get('v')}")
    headers = STATIC_HEADERS if current else {**STATIC_HEADERS, "Cache-Control": "no-cache"}
    response = FileResponse(STATIC / name, headers=headers | {"Vary": "Accept-Encoding"})
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    packed = {**headers, "Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
    return Response(_packed(name), headers=packed, media_type=response.media_type)


@cache
def _packed(name: str) -> bytes:
    """A third of its size or less, which a slow line shows. Nothing in a file is a secret that its
    size could tell of."""
    return gzip.compress((STATIC / name).read_bytes(), mtime=0)
