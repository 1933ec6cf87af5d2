"""What a request to a pay link is about, how it wants to be shown, and whether it may do a deed."""

from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.errors import Forbidden, NotFound
from payment_service.web.access import runtime_of
from payment_service.web.notices import Verifying
from payment_service.web.pages.languages import language_of
from payment_service.web.pages.pay_subject import PaySubject, find_subject
from payment_service.web.pages.render import page, page_headers
from payment_service.web.pages.show_pay import Wishes


async def subject_of(request: Request) -> PaySubject:
    """Raises NotFound."""
    runtime = runtime_of(request)
    found = await runtime.db.read(find_subject, request.path_params["token"])
    if found is None:
        raise NotFound("pay_link_not_found", "This pay link leads nowhere; ask for a new one.")
    return found


def wishes_of(request: Request) -> Wishes:
    query = request.query_params
    return Wishes(
        language=language_of(request.headers.get("accept-language"), query.get("lang")),
        chosen="lang" in query,
        checking="checking" in query,
        path=f"/pay/{request.path_params['token']}",
    )


def check_origin(request: Request) -> None:
    """Browsers say where a form was; the few that do not send `Sec-Fetch-Site` send `Origin`.

    Raises Forbidden.
    """
    site = request.headers.get("sec-fetch-site")
    own = {runtime_of(request).links.base_url, str(request.base_url).rstrip("/"), "null", None}
    if site not in ("same-origin", "none", None) or (
        site is None and request.headers.get("origin") not in own
    ):
        raise Forbidden("cross_origin", "This deed is done from the pay page itself.")


def verifying_of(request: Request) -> Verifying:
    verifying: Verifying = request.app.state.verifying
    return verifying


def missing(request: Request) -> Response:
    """What a person sees whose link leads nowhere, be it wrong, rolled or cut off."""
    language = wishes_of(request).language
    return Response(page("missing.html", language), 404, headers=page_headers(language))


def missing_to_people(request: Request, refusal: NotFound) -> Response:
    """The same for a form that was sent from an open page. Raises the refusal for programs."""
    if "text/html" not in request.headers.get("accept", ""):
        raise refusal
    return missing(request)
