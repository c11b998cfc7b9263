"""An order is taken back while its work is under way: what that work does at last touches nothing of the
update that has come after it."""

from edge.device.update import State
from tests.edge.device.updating.unit import about, release

HOUR_MS = 3_600_000


def until(unit, state: State) -> None:
    """One work in each step; the one of `state` is not done yet."""
    for _ in range(200):
        if unit.updating.job.state is state and unit._works:
            return
        if unit._works:
            unit._works.pop(0)()
        unit.device.pass_ms(1_000)
    raise AssertionError(f"never {state}, but {unit.updating.job.state}")


def is_taken_back(unit) -> None:
    """Nothing is ordered any more."""
    unit.desire(b"")
    unit.device.pass_ms(1_000)
    assert unit.said[-1] == ("refused", "withdrawn")


def test_a_shadow_run_ends_with_its_order(gate) -> None:
    gate.one_by_one = True
    gate.start()
    gate.says("install", 1)
    until(gate, State.SHADOWING)
    gate._works.pop(0)()
    gate.device.settle()
    (shadow,) = gate.faults.shadows
    assert shadow.is_open
    is_taken_back(gate)
    assert not shadow.is_open


def test_a_shadow_run_that_outlasts_its_time_ends(gate) -> None:
    gate.start()
    gate.says("install", 1)
    for _ in range(20):
        if gate.faults.shadows:
            break
        gate.device.pass_ms(1_000)
    (shadow,) = gate.faults.shadows
    shadow.readings = lambda: None
    gate.device.pass_ms(5 * HOUR_MS, 60_000)
    assert gate.said == [("refused", "slow")]
    assert not shadow.is_open


def test_a_candidate_that_is_loaded_too_late_runs_beside_nothing(gate) -> None:
    gate.one_by_one = True
    gate.start()
    gate.says("install", 1)
    until(gate, State.SHADOWING)
    (late,) = gate._works
    is_taken_back(gate)
    late()
    gate.device.settle()
    (shadow,) = gate.faults.shadows
    assert not shadow.is_open


def test_no_second_candidate_is_loaded_while_the_first_is_loading(gate) -> None:
    """The one that was given up would take the frames from the one that is wanted."""
    gate.one_by_one = True
    gate.start()
    gate.says("install", 1)
    until(gate, State.SHADOWING)
    (late,) = gate._works
    gate._works.clear()
    subject = gate.updating._tools.subject
    loads = subject.shadow

    def slowly(component, folder):
        subject.shadow = loads
        gate.says("install", 2, rollout="r2")
        until(gate, State.SHADOWING)
        gate._works.pop(0)()
        assert gate.faults.shadows == []
        return loads(component, folder)

    subject.shadow = slowly
    late()
    gate.run()
    assert [shadow.is_open for shadow in gate.faults.shadows] == [False, False]
    assert gate.said[-1] == ("committed", "")
    assert gate.counter == 1


def test_a_late_answer_of_the_director_deletes_nothing_of_what_is_fetched_now(unit) -> None:
    unit.one_by_one = True
    unit.start()
    unit.says("install", 1)
    until(unit, State.CHECKING)
    (late,) = unit._works
    unit._works.clear()
    newer = release(unit.component, 2), about(unit.component, 2)
    older = unit.release.data, unit.release.about
    unit.release.data, unit.release.about = newer
    unit.release.breaks_at = 1
    unit.says("install", 2, rollout="r2")
    until(unit, State.FETCHING)
    unit._works.pop(0)()
    part = next((unit.update / "parts").glob("*.part"))
    unit.release.data, unit.release.about = older
    late()
    assert part.exists()
    unit.release.data, unit.release.about = newer
    unit.run()
    assert unit.said[-1] == ("committed", "")
    assert unit.counter == 2
    assert unit.release.fetched == len(newer[0])
