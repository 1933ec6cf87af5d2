"""Registering an app: its name and mode first, all else step by step."""

from starlette.responses import Response

from payment_service.actions.register_app import Registration, add_app
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

WHERE = "on the apps pages"
ALL = f"{PREFIX}/apps"


async def show_new(ask: Ask) -> Response:
    return ask.page("apps/new.html")


async def register(ask: Ask) -> Response:
    """The app alone: its key is made, and shown, at the last step."""
    wanted = Registration(
        name=ask.text("name").strip(),
        mode=ask.text("mode"),
        many_subscriptions=ask.text("many") == "yes",
    )
    runtime = ask.runtime
    app = await ask.write(
        add_app, wanted, runtime.secrets, runtime.targets, ask.now, by=ask.by(WHERE)
    )
    return ask.go(f"{ALL}/{app.id}/setup/seller", "app_registered", name=app.name)
