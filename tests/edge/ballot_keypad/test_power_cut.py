"""Power goes at every durable step of a vote: the keypad comes back to the same screen, with that vote once
or not at all."""

import pytest

from wire.records import OpenBallot


class PowerCut(BaseException):
    """No handler of ours may survive it."""


def blow_at(step):
    left = [step]

    def burn(_):
        left[0] -= 1
        if left[0] == 0:
            raise PowerCut

    return burn


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_vote_that_was_cut_off_is_there_once_or_not_at_all_and_the_screen_tells_which(
    voting_seat, device, step
):
    seat = voting_seat().press("yes")
    device.disk.step = blow_at(step)
    with pytest.raises(PowerCut):
        seat.press("ok")
    device.disk.step = lambda _: None
    seat.restart()
    kept = step == 3  # after the commit: signed and durable, though nobody was told
    assert seat.state == ("recorded" if kept else "open")
    assert seat.votes == (["yes"] if kept else [])
    if not kept:
        assert seat.press("yes", "ok").votes == ["yes"]


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_cut_while_a_receipt_is_kept_doubles_nothing(voting_seat, device, fleet, step):
    seat = voting_seat()
    fleet.answers = False
    seat.press("yes", "ok")
    device.disk.step = blow_at(step)
    fleet.receipt(1, device.runtime.outbox.epoch)
    with pytest.raises(PowerCut):
        device.settle()
    device.disk.step = lambda _: None
    fleet.answers = True
    seat.restart()
    assert (seat.state, seat.votes) == ("recorded", ["yes"])


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6])
def test_a_cut_while_a_closing_is_heard_never_turns_late_into_recorded(voting_seat, device, fleet, step):
    """The notice is kept first, the lateness second: a start between the two decides it again, before any
    receipt."""
    seat = voting_seat()
    device.link.lose = lambda topic: topic.endswith("/rec")
    seat.press("yes", "ok")
    device.disk.step = blow_at(step)
    with pytest.raises(PowerCut):
        seat.ask("closed")
    device.disk.step = lambda _: None
    seat.restart(connected=False)
    assert seat.state == ("stored" if step < 3 else "late")


def test_an_offline_restart_comes_back_to_the_same_screen(voting_seat, device):
    seat = voting_seat()
    device.link.cut()
    device.settle()
    seat.press("no", "ok")
    before = seat.screen
    assert seat.restart(connected=False).screen == before
    assert "Stored, sending" in before
    device.link.heal()
    device.settle()
    assert (seat.state, seat.votes) == ("recorded", ["no"])


def test_killing_the_keypad_between_any_two_presses_loses_nothing_and_doubles_nothing(voting_seat, fleet):
    seat = voting_seat()
    for choice in ("yes", "no", "abstain", "yes"):
        seat.restart().press(choice, "ok").restart()
    assert seat.votes == ["yes", "no", "abstain", "yes"]
    assert all(isinstance(record.body, OpenBallot) for record in fleet.records)
    assert [record.seq for record in fleet.records] == [1, 2, 3, 4]
