from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from mockwb.clock import VirtualClock


async def test_repeats_of_a_title_are_not_delivered_until_their_wait_is_over(
    world: World, key: RunKey, clock: VirtualClock
) -> None:
    for title, pause in (("loss", 5), ("other", 5), ("loss", 51), ("loss", 0)):
        await world.alerts.notify(key, title=title, text="t", severity="WARN", wait=60)
        await clock.advance(pause)
    kept = await world.alerts.of_run(key)
    assert [(alert.title, alert.delivered) for alert in kept] == [
        ("loss", True),
        ("other", True),
        ("loss", False),
        ("loss", True),
    ]
    assert kept[0].severity == "WARN"
