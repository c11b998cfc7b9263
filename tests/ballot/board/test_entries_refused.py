"""Every rule of acceptance (ballot/SPEC §6.2): the first that fails is the code, and nothing else changes."""

from collections.abc import Callable

import pytest

from ballot.board.verdicts import CODES, Accept, Drop, Refuse, Repeat
from ballot.hashing import hash_of
from tests.ballot.board.election import NO, YES, Election
from tests.ballot.board.unit import Unit
from wire.board import Abandoned, Cast, Checked, End, Prepared, Ready


def ready_to_cast(election: Election) -> tuple[Unit, bytes]:
    unit = election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    return unit, body


def code_of(verdict: object) -> str:
    assert isinstance(verdict, Refuse | Drop), verdict
    return verdict.code


def not_open(election: Election) -> object:
    fresh = Election(3)
    fresh.prepare()
    return fresh.units[0].say(Ready(bytes(32), 1))


def after_close(election: Election) -> object:
    unit, body = ready_to_cast(election)
    election.close()
    return unit.cast(body)


def broken_chain(election: Election) -> object:
    unit, body = ready_to_cast(election)
    return unit.send(unit.sealed(Cast(1, body), prev_hash=bytes(32)))


def gap_in_chain(election: Election) -> object:
    unit, body = ready_to_cast(election)
    return unit.send(unit.sealed(Cast(1, body), n=9))


def old_generation(election: Election) -> object:
    unit, body = ready_to_cast(election)
    election.bind(Unit(election, unit.voter, 1))
    return unit.cast(body)


def other_body(election: Election) -> object:
    unit, _ = ready_to_cast(election)
    return unit.say(Cast(1, unit.body(NO)))


def twice_without_revote(election: Election) -> object:
    unit, body = ready_to_cast(election)
    unit.cast(body)
    again = unit.body(NO)
    unit.prepare(again)
    return unit.cast(again)


def junk_body(election: Election) -> object:
    unit = election.units[0]
    unit.ready()
    unit.prepare(b"junk")
    return unit.say(Cast(1, b"junk"))


def tampered_proof(election: Election) -> object:
    unit = election.units[0]
    unit.ready()
    body = bytearray(unit.body(YES))
    body[-1] ^= 1
    unit.prepare(bytes(body))
    return unit.say(Cast(1, bytes(body)))


def ninth_prepared(election: Election) -> object:
    unit = election.units[0]
    unit.ready()
    for _ in range(8):
        unit.prepare(hash_of(bytes([unit.seq])))
        unit.abandon()
    return unit.prepare(b"ninth")


def opens_another_ballot(election: Election) -> object:
    unit, _ = ready_to_cast(election)
    return unit.check(NO)


def prepared_twice(election: Election) -> object:
    unit, _ = ready_to_cast(election)
    return unit.say(Prepared(2, bytes(32), bytes(32)))


def end_that_forgets(election: Election) -> object:
    unit, body = ready_to_cast(election)
    unit.cast(body)
    election.close()
    return unit.say(End(None))


CASES: list[tuple[str, Callable[[Election], object]]] = [
    ("not-open", not_open),
    ("after-close", after_close),
    ("before-close", lambda e: e.units[0].say(End(None))),
    ("broken-chain", broken_chain),
    ("broken-chain", gap_in_chain),
    ("old-key", old_generation),
    ("bad-seq", lambda e: e.units[0].say(Ready(bytes(32), 2))),
    ("bad-seq", lambda e: e.units[0].say(Prepared(1, bytes(32), bytes(32)))),
    ("bad-seq", lambda e: e.units[0].say(Abandoned(1, bytes(32)))),
    ("bad-seq", prepared_twice),
    ("bad-seq", end_that_forgets),
    ("not-prepared", lambda e: e.units[0].say(Cast(1, b"x"))),
    ("not-prepared", lambda e: e.units[0].say(Checked(1, bytes(32), bytes(YES)))),
    ("other-body", other_body),
    ("already-cast", twice_without_revote),
    ("bad-body", junk_body),
    ("bad-proof", tampered_proof),
    ("check-fails", opens_another_ballot),
    ("too-many", ninth_prepared),
]


@pytest.mark.parametrize(("code", "case"), CASES)
def test_each_rule_names_its_own_code(code: str, case: Callable[[Election], object]) -> None:
    assert code_of(case(Election(3).open())) == code


def test_every_code_has_words_and_a_case() -> None:
    assert {code for code, _ in CASES} | {"copied"} == set(CODES)


def test_a_refused_entry_changes_nothing_and_its_unit_goes_on() -> None:
    election = Election(3).open()
    unit, body = ready_to_cast(election)
    before = unit.n, unit.prev
    assert code_of(unit.say(Cast(1, unit.body(NO)))) == "other-body"
    assert (unit.n, unit.prev) == before
    assert isinstance(unit.cast(body), Accept)


def test_the_same_bytes_again_are_answered_again() -> None:
    election = Election(3).open()
    unit = election.units[0]
    envelope = unit.sealed(Ready(unit.commit(1), 1))
    leaf = len(election.leaves)
    assert isinstance(unit.send(envelope), Accept)
    grown = len(election.leaves)
    assert election.offer(envelope) == Repeat(hash_of(envelope), leaf, accepted=True)
    refused = unit.sealed(Cast(1, b"x"))
    assert isinstance(election.offer(refused), Refuse)
    assert election.offer(refused) == Repeat(hash_of(refused), grown, accepted=False)
    assert len(election.leaves) == grown + 1


def test_one_voter_cannot_fill_the_log_with_refusals() -> None:
    election = Election(3).open()
    unit = election.units[0]
    verdicts = [unit.say(Cast(seq, b"x")) for seq in range(1, 70)]
    assert [type(verdict) for verdict in verdicts] == [Refuse] * 64 + [Drop] * 5
    assert isinstance(unit.ready(), Accept)


def test_what_came_between_the_two_judgements_is_seen() -> None:
    election = Election(3).open()
    unit, body = ready_to_cast(election)
    pending = election.board.judge_cheap(unit.sealed(Cast(1, body)))
    election.close()
    verdict = election.board.judge_again(pending, None)  # type: ignore[arg-type]  # it is pending
    assert code_of(verdict) == "after-close"


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_bytes_that_nobody_signed_are_dropped(cut: int) -> None:
    election = Election(3).open()
    unit = election.units[0]
    envelope = bytearray(unit.sealed(Ready(bytes(32), 1)))
    assert isinstance(election.offer(bytes(envelope[:cut])), Drop)
    envelope[cut % len(envelope)] ^= 1
    assert isinstance(election.offer(bytes(envelope)), Drop)


def test_a_stranger_and_a_foreign_contest_are_dropped() -> None:
    election = Election(3).open()
    stranger = Unit(election, election.units[0].voter, key="somebody else")
    assert code_of(stranger.ready()) == "bad-signature"
    unit = election.units[0]
    for changes in ({"contest": bytes(16)}, {"congress": "c2"}, {"voter": election.units[1].voter}):
        assert isinstance(unit.send(unit.sealed(Ready(bytes(32), 1), **changes)), Drop)
