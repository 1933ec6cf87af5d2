"""An invoice on paper, for who runs the dashboard: to print from the browser, or as PDF."""

from starlette.responses import Response

from payment_service.kit.money import Language
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.pages.languages import language_of
from payment_service.web.pages.paper import paper_of
from payment_service.web.pages.press import pdf_answer
from payment_service.web.pages.qr import qr_svg
from payment_service.web.pages.render import page, page_headers
from payment_service.web.pages.sheet import Sheet, lay_out


async def show_print(ask: Ask) -> Response:
    language = _language(ask)
    sheet = await _sheet(ask, language)
    picture = qr_svg(sheet.code).decode() if sheet.code else ""
    here = f"{PREFIX}/invoices/{ask.params['id']}"
    other = "en" if language == "id" else "id"
    body = page(
        "paper/sheet.html", language, sheet=sheet, picture=picture, is_public=False, back=here,
        pdf=f"{here}/pdf?lang={language}", other=f"{here}/print?lang={other}",
    )  # fmt: skip
    return Response(body, headers=page_headers(language))


async def give_pdf(ask: Ask) -> Response:
    return await pdf_answer(ask.request, await _sheet(ask, _language(ask)))


async def _sheet(ask: Ask, language: Language) -> Sheet:
    paper = await ask.read(paper_of, ask.params["id"])
    return lay_out(paper, ask.runtime.links, language)


def _language(ask: Ask) -> Language:
    """The payer may read another one than the admin."""
    return language_of(None, ask.query["lang"]) if "lang" in ask.query else ask.language
