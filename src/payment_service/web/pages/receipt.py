"""`/pay/{token}/receipt`: the receipt of a paid invoice, for whoever has its link; also as PDF.

A receipt names this address: what stands here was written by the service itself.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from payment_service.kit.errors import NotFound
from payment_service.kit.money import Language
from payment_service.kit.statements import Transaction
from payment_service.model.invoice import INVOICE_BY_TOKEN, LAST_PAID_PERIOD
from payment_service.model.subscription import SUBSCRIPTION_BY_TOKEN
from payment_service.web.access import runtime_of
from payment_service.web.pages.languages import language_of
from payment_service.web.pages.paper import Paper, paper_of
from payment_service.web.pages.press import pdf_answer
from payment_service.web.pages.render import page, page_headers
from payment_service.web.pages.sheet import Sheet, lay_out


async def show_receipt(request: Request) -> Response:
    """Of an invoice that is not paid there is none yet: on to the page that says how it stands."""
    token, language = request.path_params["token"], _language(request)
    try:
        paper = await _paper(request)
    except NotFound:
        return Response(page("missing.html", language), 404, headers=page_headers(language))
    if paper is None:
        return RedirectResponse(f"/pay/{token}", 303)
    here = f"/pay/{token}"
    other = "en" if language == "id" else "id"
    body = page(
        "paper/sheet.html", language, sheet=_sheet(request, paper), picture="", is_public=True,
        back=f"{here}?lang={language}", pdf=f"{here}/receipt.pdf?lang={language}",
        other=f"{here}/receipt?lang={other}",
    )  # fmt: skip
    return Response(body, headers=page_headers(language))


async def receipt_pdf(request: Request) -> Response:
    paper = await _paper(request)
    if paper is None:
        raise NotFound("no_receipt", "This invoice is not paid, so there is no receipt.")
    return await pdf_answer(request, _sheet(request, paper))


def _sheet(request: Request, paper: Paper) -> Sheet:
    return lay_out(paper, runtime_of(request).links, _language(request), is_public=True)


async def _paper(request: Request) -> Paper | None:
    """None where nothing was paid yet. Raises NotFound for a token of nothing."""
    return await runtime_of(request).db.read(_paper_of_token, request.path_params["token"])


def _paper_of_token(tx: Transaction, token: str) -> Paper | None:
    """Behind a subscription's permanent link lies its last period's receipt."""
    invoice = tx.one(INVOICE_BY_TOKEN, token=token)
    if invoice is None:
        subscription = tx.one(SUBSCRIPTION_BY_TOKEN, token=token)
        if subscription is None:
            raise NotFound("pay_link_not_found", "This pay link leads nowhere; ask for a new one.")
        invoice = tx.one(LAST_PAID_PERIOD, subscription_id=subscription.id)
    if invoice is None or invoice.status != "paid":
        return None
    return paper_of(tx, invoice.id)


def _language(request: Request) -> Language:
    return language_of(request.headers.get("accept-language"), request.query_params.get("lang"))
