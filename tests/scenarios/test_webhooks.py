"""What the app is told when its endpoint fails, is gone, or lies where nobody may call."""

from datetime import timedelta

from tests.clocks import HandClock
from tests.outside.parties import Receiver
from tests.service import running_service
from tests.story import Story


async def test_what_failed_is_sent_again_until_it_is_heard(story: Story) -> None:
    await story.app()
    story.the_app_fails(4)
    await story.subscribe("Bengkel Jaya", "gratis")
    first = await story.heard()
    assert len(first) == 2
    assert len(await story.heard()) == 2  # not before its time
    story.clock.advance(timedelta(seconds=7))
    await story.heard()
    story.clock.advance(timedelta(minutes=7))
    attempts = await story.heard()
    assert len(attempts) == 6
    by_id: dict[str, set[bytes]] = {}
    for attempt in attempts:
        by_id.setdefault(attempt.id, set()).add(attempt.body)
    assert len(by_id) == 2
    assert all(len(bodies) == 1 for bodies in by_id.values())
    story.clock.advance(timedelta(days=2))
    assert len(await story.heard()) == 6


async def test_each_attempt_is_signed_at_its_own_time(story: Story) -> None:
    await story.app()
    story.the_app_fails(1)
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.heard()
    began = story.clock.now()
    again = story.clock.advance(timedelta(seconds=7))
    await story.heard()
    stamps = {int(one.headers["webhook-timestamp"]) for one in story.receiver.heard}
    assert stamps == {int(began.timestamp()), int(again.timestamp())}


async def test_an_app_that_asks_for_more_time_gets_it(story: Story) -> None:
    await story.app()
    story.the_app_fails(2, 503, Retry_After="3600")
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.heard()
    story.clock.advance(timedelta(minutes=59))
    assert len(await story.heard()) == 2
    story.clock.advance(timedelta(minutes=1))
    assert len(await story.heard()) == 4


async def test_gone_turns_the_endpoint_off(story: Story) -> None:
    await story.app()
    story.the_app_fails(2, 410)
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    assert len(await story.heard()) == 2
    await tenant.pays(await tenant.asks_for_code())
    story.clock.advance(timedelta(days=4))
    assert len(await story.heard()) == 2
    assert "endpoint_off" in await story.alerts()


async def test_what_was_never_heard_is_given_up_with_an_alert(story: Story) -> None:
    await story.app()
    story.the_app_fails(100)
    await story.subscribe("Bengkel Jaya", "gratis")
    for _ in range(12):
        await story.service.deliver()
        story.clock.advance(timedelta(days=2))
    assert len(story.receiver.heard) == 20
    assert await story.alerts() == ["delivery_failed"]


async def test_a_redirect_is_a_failure_and_is_not_followed(story: Story) -> None:
    await story.app()
    async with Receiver() as elsewhere:
        story.the_app_fails(2, 307, Location=elsewhere.url)
        await story.subscribe("Bengkel Jaya", "gratis")
        assert len(await story.heard()) == 2
        assert elsewhere.heard == []
    story.clock.advance(timedelta(seconds=7))
    assert len(await story.heard()) == 4


async def test_an_address_that_is_no_longer_listed_is_not_connected_to(
    story: Story, database_url: str, clock: HandClock
) -> None:
    await story.app()
    await story.subscribe("Bengkel Jaya", "gratis")
    async with running_service(database_url, clock, targets=()) as unlisted:
        await unlisted.deliver()
    assert story.receiver.heard == []
    clock.advance(timedelta(seconds=7))
    assert len(await story.heard()) == 2
