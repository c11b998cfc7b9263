"""Rules 8 and 10: the power goes at every durable step. The unit comes back to the same screen, a prepared
ballot is given up and said so, a cast one is sent again byte for byte, no randomness is used twice."""

from collections.abc import Callable, Sequence

import pytest

from edge.ballot_keypad.secret import effects
from tests.edge.ballot_keypad.secret.hall import Hall
from tests.edge.power_cut import PowerCut, fuse
from wire import cbor
from wire.board import Cast, Prepared
from wire.envelope import Purpose
from wire.voting import Carried

pytestmark = pytest.mark.slow


def counted(hall: Hall) -> int:
    contest = next(iter(hall.election.board.contests.values()))
    return len(contest.counting())


def alphas(carried: Sequence[Carried]) -> list[bytes]:
    """Of every ballot that ever left the unit, each once."""
    found: dict[bytes, list[bytes]] = {}
    for message in carried:
        payload = cbor.decode(cbor.decode(message.entry, Purpose.BOARD.limit)[2], Purpose.BOARD.limit)
        if payload[0] == Cast.kind:
            body = payload[7][1]
            found[body] = [ciphertext[:32] for ciphertext in cbor.decode(body, 20_000)[4]]
    return [alpha for each in found.values() for alpha in each]


def to_ready(hall: Hall) -> None:
    hall.prepare()


def to_choosing(hall: Hall) -> None:
    hall.open()


def to_chosen(hall: Hall) -> None:
    hall.open().seat.press("ok", "yes")


def to_preparing(hall: Hall) -> None:
    to_chosen(hall)
    hall.is_silent = True
    hall.seat.press("ok").wait()


def to_code(hall: Hall) -> None:
    to_chosen(hall)
    hall.seat.press("ok").wait()


def to_checking(hall: Hall) -> None:
    to_code(hall)
    hall.is_silent = True
    hall.seat.press("check", "ok")


def to_checking_as_a_leaf(hall: Hall) -> None:
    to_checking(hall)
    hall.seat.wait()
    hall.take(hall.carried[-1].entry)


def to_checked(hall: Hall) -> None:
    to_code(hall)
    hall.seat.press("check", "ok").wait()


def to_casting(hall: Hall) -> None:
    to_code(hall)
    hall.is_silent = True
    hall.seat.press("ok").wait()


def to_recorded(hall: Hall) -> None:
    to_code(hall)
    hall.seat.press("ok").wait()


def to_the_end(hall: Hall) -> None:
    to_recorded(hall)
    hall.use_cosigned = False
    hall.close()
    hall.seat.wait()


def to_closed_record(hall: Hall) -> None:
    to_the_end(hall)
    hall.use_cosigned = True
    hall.witness()
    hall.seat.wait()


Way = Callable[[Hall], None]
RESTARTS: dict[Way, tuple[str, str]] = {
    to_ready: ("ready", "ready"),
    to_choosing: ("committing", "choosing"),
    to_chosen: ("committing", "choosing"),
    to_preparing: ("preparing", "choosing"),
    to_code: ("committing", "choosing"),
    to_checking: ("committing", "choosing"),
    to_checking_as_a_leaf: ("committing", "choosing"),
    to_checked: ("committing", "choosing"),
    to_casting: ("casting", "recorded"),
    to_recorded: ("recorded", "recorded"),
    to_the_end: ("recorded", "recorded"),
    to_closed_record: ("in-record", "in-record"),
}
"""Where the power goes -> (what the unit shows at once, and once the store has answered)."""
_NOT_CAST = frozenset({to_preparing, to_code, to_checking, to_checking_as_a_leaf})


@pytest.mark.parametrize("way", RESTARTS)
def test_the_restart_table(way: Way) -> None:
    hall = Hall()
    way(hall)
    hall.seat.restart(connected=False)
    first, then = RESTARTS[way]
    assert hall.seat.state == first
    hall.is_silent = False
    hall.seat.link.heal()
    hall.seat.settle()
    hall.seat.pass_ms(20_000)
    assert hall.seat.state == then
    assert ("NOT CAST, please choose again" in hall.seat.screen) is (way in _NOT_CAST)


@pytest.mark.parametrize("way", [way for way, (_, then) in RESTARTS.items() if then == "choosing"])
def test_after_it_the_person_votes_and_is_counted_once(way: Way) -> None:
    hall = Hall()
    way(hall)
    hall.is_silent = False
    hall.seat.restart().pass_ms(20_000)
    assert hall.seat.vote().state == "recorded"
    assert counted(hall) == 1
    found = alphas(hall.carried)
    assert len(found) == len(set(found))


def test_a_cast_ballot_is_sent_again_byte_for_byte() -> None:
    hall = Hall()
    to_casting(hall)
    before = hall.seat.screen
    cast = hall.carried[-1].entry
    hall.seat.restart().pass_ms(500)
    assert hall.seat.screen == before
    hall.carried.clear()
    hall.is_silent = False
    hall.seat.wait()
    assert {message.entry for message in hall.carried} == {cast}
    assert (hall.seat.state, counted(hall)) == ("recorded", 1)


def test_the_seq_is_spent_on_the_disk_before_anything_is_drawn_for_it(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = hall.seat

    def cut(*_: object) -> bytes:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(effects, "seed_of", cut)
        with pytest.raises(PowerCut):
            seat.press("ok", "yes", "ok")
    spent = seat.question.kept.seq
    seat.restart(connected=False)
    assert seat.state == "committing"
    seat.link.heal()
    seat.settle()
    seat.pass_ms(20_000)
    assert "NOT CAST" in seat.screen
    assert seat.question.kept.seq > spent


STEPS = 60
"""More than a whole vote takes; beyond the last the power stays on."""


def vote_until(hall: Hall, step: int, presses: Sequence[Sequence[str]]) -> bool:
    """Whether the power went on the way."""
    seat = hall.seat
    seat.disk.step = fuse(step)
    try:
        for each in presses:
            seat.press(*each).wait()
    except PowerCut:
        return True
    finally:
        seat.disk.step = lambda _: None
    return False


CAST: tuple[tuple[str, ...], ...] = (("ok", "yes", "ok"), ("ok",))
CHECKED: tuple[tuple[str, ...], ...] = (
    ("ok", "yes", "ok"),
    ("check", "ok"),
    ("ok",),
    ("ok", "no", "ok"),
    ("ok",),
)
DISCARDED: tuple[tuple[str, ...], ...] = (("ok", "yes", "ok"), ("clear",), ("ok", "no", "ok"), ("ok",))


@pytest.mark.parametrize("presses", [CAST, CHECKED, DISCARDED], ids=["cast", "checked", "discarded"])
def test_power_lost_at_every_durable_step_loses_nothing_and_doubles_nothing(
    presses: Sequence[Sequence[str]],
) -> None:
    cuts = 0
    for step in range(1, STEPS):
        hall = Hall().open()
        seat = hall.seat
        if not vote_until(hall, step, presses):
            break
        cuts += 1
        seat.restart().pass_ms(25_000)
        if seat.state != "recorded":
            assert seat.state == "choosing", (step, seat.screen)
            seat.vote()
        assert (seat.state, counted(hall)) == ("recorded", 1), step
        found = alphas(hall.carried)
        assert len(found) == len(set(found))
        seqs = [entry.seq for entry in hall.entries if isinstance(entry, Prepared)]
        assert len(seqs) == len(set(seqs))
    assert cuts > 10


def test_power_lost_at_every_durable_step_of_the_end_still_ends_in_the_closed_record() -> None:
    for step in range(1, STEPS):
        hall = Hall().open()
        seat = hall.seat
        seat.vote()
        seat.disk.step = fuse(step)
        try:
            hall.close()
            hall.witness()
            seat.wait().wait()
        except PowerCut:
            seat.disk.step = lambda _: None
            seat.restart()
            if hall.closing is None:
                continue
            hall.notice("closed")
            hall.witness()
            seat.wait().wait().wait()
            assert seat.state == "in-record", step
            continue
        break
    else:
        pytest.fail("there were more steps than were cut")


def test_power_lost_while_documents_arrive_ends_in_the_same_place() -> None:
    for step in range(1, STEPS):
        hall = Hall()
        hall.seat.start()
        hall.notice("prepared")
        hall.seat.pass_ms(1_000)
        hall.enroll()
        assert hall.election.prepare() == []
        hall.seat.disk.step = fuse(step)
        try:
            hall.send_papers()
        except PowerCut:
            hall.seat.disk.step = lambda _: None
            hall.seat.restart()
            hall.send_papers()
            assert hall.seat.state == "ready", step
            continue
        assert step > 5
        return


def test_a_full_disk_is_told_and_the_vote_goes_on_once_there_is_room(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes")
    seat.disk.full = True
    seat.press("ok")
    assert seat.state == "choosing"
    assert "NOT STORED" in seat.screen
    seat.wait()
    seat.disk.full = False
    seat.press("ok").wait()
    assert seat.state == "code"
    seat.disk.full = True
    seat.press("ok")
    assert seat.state == "code"
    assert "NOT STORED" in seat.screen
    seat.disk.full = False
    assert seat.press("ok").wait().state == "recorded"


def test_a_disk_that_fills_while_the_ballot_is_sealed_spends_the_seq_and_not_the_vote(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes")
    writes = 0

    def fill(step: str) -> None:
        nonlocal writes
        writes += step == "committed"
        seat.disk.full = writes == 2  # was_lost aside: the first write spends the seq

    seat.disk.step = fill
    seat.press("ok")
    seat.disk.step = lambda _: None
    seat.disk.full = False
    seat.wait().wait()
    if seat.state == "choosing":
        seat.press("ok", "yes", "ok").wait()
    assert seat.press("ok").wait().state == "recorded"
    found = alphas(hall.carried)
    assert len(found) == len(set(found))
