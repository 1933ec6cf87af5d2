"""Whether PostgreSQL is there is asked by one thread, and told to all."""

import threading

from structlog.testing import capture_logs

from payment_service.kit.clock import monotonic
from payment_service.kit.postgres_presence import Presence


def test_a_connection_that_broke_before_the_return_is_no_news_afterwards() -> None:
    asked: list[float] = []

    def answers() -> None:
        asked.append(monotonic())

    presence = Presence(answers)
    before = monotonic()
    with capture_logs() as logs:
        presence.lose("cut", before)
        assert presence.comes()
        presence.lose("cut", before)
        assert presence.comes()
    assert len(asked) == 1
    assert [line["event"] for line in logs] == ["database_lost", "database_back"]


def test_many_who_find_it_gone_make_one_who_asks_and_one_line() -> None:
    asking, may_answer = threading.Semaphore(0), threading.Event()

    def answers_late() -> None:
        asking.release()
        may_answer.wait(5)

    presence = Presence(answers_late)
    with capture_logs() as logs:
        for number in range(8):
            presence.lose(f"cut {number}", monotonic())
        assert asking.acquire(timeout=5)
        assert not asking.acquire(timeout=0.1)
        may_answer.set()
        assert presence.comes()
    assert not presence.is_away
    assert [line["event"] for line in logs if "reason" in line] == ["database_lost"]
    assert logs[0]["reason"] == "cut 0"
