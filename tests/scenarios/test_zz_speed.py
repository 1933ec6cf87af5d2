import time
from datetime import date, timedelta
from tests.scenarios.conftest import *  # noqa
from tests.story import Story
import structlog, logging
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
HABITS = ["pays_on_time","pays_on_last_day","pays_late","pays_twice","pays_old_code","never_pays"]

async def test_speed(story: Story) -> None:
    for mix in (["pays_on_time"], HABITS):
        app = await story.app(name="M"+str(len(mix)), simulated=True)
        story.service.web.state.advances.answer_within = 600
        for n in range(100):
            sub = (await app.subscribes(f"t{n}", "bulanan")).json["id"]
            await app.asks("PUT", f"/v1/test/subscriptions/{sub}/payer", {"habit": mix[n % len(mix)]})
            if n % 4 == 3:
                day = date(2026,2,1)+timedelta(days=n//4)
                await app.asks("POST", "/v1/test/clock", {"advance_to": str(day)})
        t, c = time.monotonic(), time.process_time()
        got = await app.asks("POST", "/v1/test/clock", {"advance_to": "2027-02-25"})
        print("TOOK", len(mix), got.status, round(time.monotonic()-t,2), "cpu", round(time.process_time()-c,2), sum(got.json["counts"].values()))
