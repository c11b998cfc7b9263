"""An update from the order to the commit, and what a device says on the way."""

from wire.updates import parse_held


def test_a_release_is_taken_tested_tried_and_kept(unit) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    steps = [("shadowed", "")] if unit.component == "models" else []
    assert unit.said == [*steps, ("committed", "")]
    assert unit.counter == 1
    assert unit.status == "ok"
    assert parse_held(unit.fleet.births[-1].reported[unit.component]).counter == 1
    unit.assert_whole(1)


def test_the_next_one_goes_into_the_other_slot_and_the_first_is_kept_to_go_back_to(unit) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    take_second(unit)
    assert (unit.counter, unit.slots().in_force()) == (2, "b")
    unit.says("back", 3, rollout="r2")
    unit.run()
    assert (unit.counter, unit.slots().in_force()) == (1, "a")
    assert unit.said[-1] == ("returned", "withdrawn")
    assert unit.status == "ok"
    unit.assert_whole(1)


def test_an_order_that_was_obeyed_is_not_obeyed_again_after_a_restart(unit) -> None:
    unit.start()
    unit.says("install", 1)
    unit.run()
    asked, said = unit.release.asked, list(unit.said)
    unit.restart()
    unit.device.pass_ms(5_000)
    assert (unit.release.asked, unit.said) == (asked, said)
    assert unit.status == "ok"


def take_second(unit) -> None:
    from tests.edge.device.updating.unit import about, release

    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)
    unit.says("install", 2, rollout="r2")
    unit.run()
