"""How the dashboard is shown: the language, and on a phone the rest of the menu."""

from starlette.responses import Response

from payment_service.web.dashboard import cookies
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.sign_in import next_of


async def choose_language(ask: Ask) -> Response:
    language = "en" if ask.text("language") == "en" else "id"
    response = ask.go(next_of(ask) or PREFIX)
    cookies.put(response, cookies.LANGUAGE, language, cookies.A_YEAR)
    return response


async def show_settings(ask: Ask) -> Response:
    return ask.page("settings.html")


async def show_more(ask: Ask) -> Response:
    return ask.page("more.html")
