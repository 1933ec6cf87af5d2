"""The pages' own files: style sheets, scripts, the mark."""

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
    return FileResponse(STATIC / name, headers=headers)
