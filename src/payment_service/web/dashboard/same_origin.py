"""Whether a form was sent from a page of our own."""

from starlette.requests import Request


def is_same_origin(request: Request, own: str) -> bool:
    """Browsers say where a form was in `Sec-Fetch-Site`; those that do not must send an `Origin`
    that is ours. What says neither is refused."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    here = f"{request.url.scheme}://{request.url.netloc}"
    return origin is not None and origin in (own, here)
