"""Rules 9, 12, 13: what is checked was prepared, was never cast, and was made as the board says."""

import pytest

from ballot.board.verdicts import Accept, Refuse
from tests.ballot.board.election import NO, YES, Election
from tests.ballot.board.unit import Unit
from wire.board import Cast, Checked


@pytest.fixture
def prepared() -> tuple[Election, Unit, bytes]:
    election = Election(3).open()
    unit = election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    return election, unit, body


def code(verdict: object) -> str:
    assert isinstance(verdict, Refuse)
    return verdict.code


def test_an_honest_check_is_accepted_and_the_ballot_never_counts(
    prepared: tuple[Election, Unit, bytes],
) -> None:
    election, unit, body = prepared
    assert isinstance(unit.check(YES), Accept)
    assert code(unit.say(Cast(1, body))) == "not-prepared"
    assert isinstance(unit.vote(NO), Accept)
    (cast,) = election.board.contests[election.contest].counting()
    assert cast.seq == 2


def test_checked_after_cast_is_refused(prepared: tuple[Election, Unit, bytes]) -> None:
    _, unit, body = prepared
    local = unit.locals[1]
    unit.cast(body)
    assert code(unit.say(Checked(1, local, bytes(YES)))) == "already-cast"


@pytest.mark.parametrize("fault", ["local", "choices", "length"])
def test_a_check_that_shows_something_else_fails(prepared: tuple[Election, Unit, bytes], fault: str) -> None:
    _, unit, _ = prepared
    local, choices = unit.locals[1], bytes(YES)
    if fault == "local":
        local = bytes(32)
    elif fault == "choices":
        choices = bytes(NO)
    else:
        choices = b"\1"
    assert code(unit.say(Checked(1, local, choices))) == "check-fails"


def test_a_seed_that_ignores_the_beacon_is_found_out() -> None:
    election = Election(3).open()
    unit = election.units[0]
    unit.ready()
    body = unit.body(YES, seed=bytes(32))
    unit.prepare(body)
    assert code(unit.check(YES)) == "check-fails"


def test_a_reboot_at_the_check_gives_the_seq_up_for_good(prepared: tuple[Election, Unit, bytes]) -> None:
    _, unit, body = prepared
    assert isinstance(unit.abandon(), Accept)
    assert code(unit.say(Cast(1, body))) == "not-prepared"
    assert isinstance(unit.vote(NO), Accept)


def test_the_twin_of_a_prepared_ballot_is_not_cast(prepared: tuple[Election, Unit, bytes]) -> None:
    _, unit, _ = prepared
    assert code(unit.say(Cast(1, unit.body(NO)))) == "other-body"
