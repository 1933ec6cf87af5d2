"""Everything that needs somebody, and what is done about it: read, dealt with, released."""

from starlette.responses import Response

from payment_service.actions import clear_alert, release_run, see_alert
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.overview.matters import Matters, matters

HERE = f"{PREFIX}/attention"


async def show_attention(ask: Ask) -> Response:
    return ask.page("overview/attention.html", found=await ask.read(_matters, ask))


async def mark_seen(ask: Ask) -> Response:
    await ask.write(see_alert.see_alert, ask.params["id"], ask.now)
    return ask.go(HERE, "alert_seen")


async def mark_dealt_with(ask: Ask) -> Response:
    alert_id = ask.params["id"]
    by = ask.by(ask.text(f"note_{alert_id}"))
    await ask.write(clear_alert.clear_alert, alert_id, by, once=True)
    return ask.go(HERE, "alert_cleared")


async def let_run(ask: Ask) -> Response:
    run_id = ask.params["id"]
    by = ask.by(ask.text(f"reason_{run_id}"))
    run = await ask.write(release_run.release_run, run_id, by)
    return ask.go(HERE, "run_released", count=run.counts.held)


def _matters(tx: Transaction, ask: Ask) -> Matters:
    return matters(tx, ask, tx.all(APPS))
