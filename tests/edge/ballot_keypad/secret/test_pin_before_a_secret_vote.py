"""A seat that asks for a PIN before a secret ballot: before anything is shown as open, and silently."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.unlock.tries import SLEEP_MS
from tests.ballot.board.election import CONGRESS, CONTEST, QUESTION, SITTING
from tests.edge.ballot_keypad.secret.hall import DEVICE, Hall
from wire.board import Prepared
from wire.down import Twin
from wire.ids import MemberRef
from wire.unlock import Code, seal_unlock
from wire.voting import ContestChanged

KEY = X25519PrivateKey.from_private_bytes(bytes(31) + b"\x07")
MEMBER, PIN = MemberRef(b"m" * 16), "068915"
SEALED = seal_unlock(
    Code(MEMBER, 417, PIN), KEY.public_key().public_bytes_raw(), congress=CONGRESS, keypad=DEVICE
)


def lock(hall: Hall) -> None:
    hall.say(Twin({"seat": "A-12", "member": MEMBER, "unlock": SEALED}), DEVICE)


def prepared() -> Hall:
    hall = Hall()
    hall.seat.sealing_key = KEY
    hall.prepare()
    lock(hall)
    return hall


def opened(hall: Hall) -> Hall:
    change = ContestChanged(SITTING, QUESTION, CONTEST, "open", hall.election.manifest.hash)
    assert hall.election.desk(change) == []
    hall.notice("open")
    hall.seat.wait()
    return hall


def is_locked(hall: Hall) -> bool:
    return bool(hall.seat.keypad.look()["locked"])


def test_the_pin_is_asked_before_the_question_is_open_and_opens_it_when_it_is() -> None:
    hall = prepared()
    assert hall.seat.state == "ready"
    assert "Mã PIN thẻ" in hall.seat.screen
    hall.seat.press(*PIN, "ok")
    assert "Sắp bỏ phiếu kín" in hall.seat.screen
    opened(hall)
    assert not is_locked(hall)
    assert hall.seat.vote().state == "recorded"


def test_no_ballot_is_prepared_at_a_locked_seat_and_the_screen_never_says_that_it_is_open() -> None:
    hall = opened(prepared())
    seat = hall.seat
    assert (seat.state, is_locked(hall)) == ("choosing", True)
    assert "Mời bỏ phiếu kín" not in seat.screen
    seat.press("ok", "yes", "ok").wait()
    assert seat.state == "choosing"
    assert not [entry for entry in hall.entries if isinstance(entry, Prepared)]
    seat.press("clear", *PIN, "ok")
    assert seat.vote().state == "recorded"


def test_after_power_loss_it_is_asked_again_and_the_ballot_was_not_cast() -> None:
    hall = opened(prepared())
    hall.seat.press(*PIN, "ok").press("ok", "yes", "ok").wait()
    assert hall.seat.state == "code"
    hall.seat.restart()
    lock(hall)
    hall.seat.wait()
    assert is_locked(hall)
    assert hall.seat.press(*PIN, "ok").vote().state == "recorded"


def test_a_lid_is_shown_instead_of_the_pin() -> None:
    hall = opened(prepared())
    hall.notice("held")
    assert not is_locked(hall)
    assert "Voting is paused" in hall.seat.screen


@pytest.mark.parametrize("is_open", [False, True])
def test_what_leaves_the_unit_tells_nothing_of_who_typed_what_and_when(is_open: bool) -> None:
    """The same hall, the same randomness: at once and right, late, wrong until it sleeps, or nobody there."""

    def told(*typed: tuple[int, str]) -> list[object]:
        hall = prepared()
        if is_open:
            opened(hall)
        begun = len(hall.heard)
        end_ms = hall.clock.monotonic + SLEEP_MS // 10
        for wait_ms, pin in typed:
            hall.seat.pass_ms(wait_ms)
            for digit in (*pin, "ok"):
                hall.seat.keys.push(Button(digit))
                hall.seat.settle()
        assert is_locked(hall) is (PIN not in dict(typed).values())
        while hall.clock.monotonic < end_ms:
            hall.seat.pass_ms(500)
        return list(hall.heard[begun:])

    nobody = told()
    assert nobody
    assert told((1_000, PIN)) == nobody
    assert told((20_000, PIN)) == nobody
    assert told(*[(1_000, "111111")] * 7) == nobody
