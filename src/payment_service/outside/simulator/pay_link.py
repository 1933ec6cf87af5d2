"""Version 1's payment link: the hosted page of an order that the link itself may open."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payment_service.outside.simulator.api_call import Answered
from payment_service.outside.simulator.codes import LARGEST
from payment_service.outside.simulator.pages import page, way_back
from payment_service.outside.simulator.project import Project
from payment_service.outside.simulator.v2 import LARGEST_BY_LINK
from payment_service.outside.simulator.words import language_of


def pay_link_routes(project: Project) -> list[Route]:
    """`/pay/{slug}/{amount}?order_id=…`, also with a slash at its end."""

    async def show(request: Request) -> Response:
        asked, now = request.query_params, project.clock.now()
        language = language_of(request.headers.get("accept-language", ""))
        pages_at = "../" * (request.url.path.count("/") - 1) + "pay-v2/"
        # QRIS is all there is here; `qris_only` matters only for how much it takes.
        most = LARGEST if asked.get("qris_only") == "1" else LARGEST_BY_LINK
        order_id, amount = asked.get("order_id", ""), request.path_params["amount"]
        code = None
        if request.path_params["slug"] == project.settings.project:
            with suppress(Answered):
                code = await project.open(order_id, amount, most)
        return page(
            code,
            project.settings.project,
            now,
            language,
            pages_at=pages_at,
            back=way_back(asked.get("redirect", "")),
        )

    return [Route("/pay/{slug}/{amount:int}" + end, show) for end in ("", "/")]
