"""The audit of a log with secret questions: complete under a pinned charter, and every lie a fault."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fleet.recount_secret
from ballot.documents.bodies import Disposition, Result, Tally
from ballot.documents.charter import Charter
from ballot.errors import LibsodiumMissing
from ballot.rules import facts as facts_of_rules
from ballot.rules.counted import from_tally
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from fleet.__main__ import main
from fleet.errors import ConfigError
from fleet.log.commands import run_audit
from fleet.recount import Pins, Report, recount, recount_bytes
from tests.ballot.board.election import (
    CHARTER,
    CLOSED_S,
    CONGRESS,
    HALL,
    NO,
    YES,
    Election,
    officer,
    signer,
)
from tests.fleet.log.conftest import Sitting
from wire import cbor
from wire.board import Cast
from wire.voting import Beacon

KEYS = (signer("desk").public_key, signer("store").public_key)
PINS = Pins(KEYS[0].raw.hex(), KEYS[1].raw.hex())
BOARD = ("board-1", "board-2")
FACTS = Facts(summoned=3, present_at_open=3, present_at_close=3, issued=3, returned=3)
Change = Callable[[Any], Any]


def as_it_is(body: Any) -> Any:
    return body


def voted(**given: Any) -> Election:
    """Closed: one checks a ballot first, and each of three has voted."""
    election = Election(**given).open()
    for unit, choice in zip(election.units, (YES, YES, NO), strict=True):
        unit.vote(choice)
    return election


def certified(election: Election, tally: Change = as_it_is, result: Change = as_it_is) -> Election:
    """Opened by two trustees after witnesses saw the tally, and certified. tally, result: what is signed in
    place of what is so."""
    election.store_beacon()  # so that no size is cosigned twice
    election.checkpoint(CLOSED_S + 90)
    true = election.tally()
    election.publish(tally(true))
    election.checkpoint(CLOSED_S + 120)
    for i, name in ((1, "an"), (3, "chi")):
        election.publish(election.share(true, i), (name,))
    rule, counts = election.manifest.rule, (2, 1, 0)
    outcome = decide(rule, FACTS, from_tally(rule, counts, 3)).text
    facts = cbor.encode(facts_of_rules.encode(FACTS))
    said = Result(
        CONGRESS, HALL, election.contest, election.manifest.hash, true.hash, counts, facts, None, outcome,
        true.root, true.size,
    )  # fmt: skip
    election.publish(result(said), BOARD)
    return election


@pytest.fixture(scope="module")
def held() -> Election:
    return certified(voted().ended())


def audit(data: bytes, charter: Charter | None = CHARTER) -> Report:
    return recount_bytes(data, KEYS, None, charter)


def faults(report: Report) -> str:
    return "\n".join(str(fault) for fault in report.faults)


def with_header(data: bytes, charter: bytes | None) -> bytes:
    items = [value for _, value in cbor.decode_sequence(data)]
    items[0][6] = charter
    return b"".join(cbor.encode(item) for item in items)


def test_an_honest_election_is_complete_under_pinned_keys_and_charter(
    held: Election, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hall.log").write_bytes(held.export())
    (tmp_path / "charter").write_bytes(CHARTER.encode())
    words = ["audit", str(tmp_path / "hall.log"), "--charter", str(tmp_path / "charter")]
    assert main([*words, "--desk", PINS.desk, "--store", PINS.store]) == 0
    said = capsys.readouterr().out
    assert "3 in the roll, 3 enabled, 3 ballots count, 0 unaccounted for" in said
    assert "Tán thành: 2; Không: 1; Không ý kiến: 0" in said
    assert "pinned with --charter" in said
    assert "COMPLETE" in said


@pytest.mark.parametrize(
    ("keys", "charter", "says"),
    [(True, False, "--charter"), (False, True, "--desk"), (False, False, "--charter")],
)
def test_what_the_file_vouches_for_itself_is_never_complete(
    held: Election,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    keys: bool,
    charter: bool,
    says: str,
) -> None:
    (tmp_path / "hall.log").write_bytes(held.export())
    (tmp_path / "charter").write_bytes(CHARTER.encode())
    given = tmp_path / "charter" if charter else None
    assert run_audit(tmp_path / "hall.log", PINS if keys else None, None, given) == 3
    last = capsys.readouterr().out.splitlines()[-1]
    assert "INTERNALLY CONSISTENT ONLY" in last
    assert says in last


def test_a_file_that_names_other_officers_than_the_pinned_ones_is_found(held: Election) -> None:
    other = replace(CHARTER, chair=officer("another-chair"))
    assert "the file names another charter than the pinned one" in faults(audit(held.export(), other))
    assert "close/1" in faults(audit(held.export(), other))


def test_a_file_without_its_charter_is_read_under_the_pinned_one_and_not_without(held: Election) -> None:
    bare = with_header(held.export(), None)
    assert faults(audit(bare)) == ""
    report = audit(bare, None)
    assert "no charter says who may vote" in faults(report)
    assert report.secret is not None


def test_a_charter_that_is_none_or_of_another_congress_is_a_fault(held: Election) -> None:
    assert "the charter in the file is none" in faults(audit(with_header(held.export(), b"x"), None))
    elsewhere = replace(CHARTER, congress="c2").encode()  # type: ignore[arg-type]
    assert "the charter of c2" in faults(audit(with_header(held.export(), elsewhere), None))


def test_a_pinned_charter_that_cannot_be_read_is_the_operators_to_correct(tmp_path: Path) -> None:
    (tmp_path / "hall.log").touch()
    (tmp_path / "charter").write_bytes(b"x" * 20_000)
    for given in ("charter", "nowhere"):
        with pytest.raises(ConfigError, match=f"--charter: .*{given}"):
            recount(tmp_path / "hall.log", None, None, tmp_path / given)


def test_a_sitting_without_secret_questions_needs_no_charter_and_bears_one(
    sitting: Sitting, tmp_path: Path
) -> None:
    sitting.export(tmp_path / "hall.log")
    assert recount(tmp_path / "hall.log", sitting.pins).exit_code == 0
    (tmp_path / "charter").write_bytes(replace(CHARTER, congress=sitting.config.congress).encode())
    report = recount(tmp_path / "hall.log", sitting.pins, None, tmp_path / "charter")
    assert (faults(report), report.exit_code, report.secret) == ("", 0, None)


def no_libsodium() -> None:
    raise LibsodiumMissing("libsodium.so.23 is not on this machine; install it: apt install libsodium23")


def test_a_machine_without_libsodium_audits_what_needs_none(
    held: Election, sitting: Sitting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet.recount_secret, "Libsodium", no_libsodium)
    sitting.export(tmp_path / "open.log")
    (tmp_path / "charter").write_bytes(replace(CHARTER, congress=sitting.config.congress).encode())
    assert recount(tmp_path / "open.log", sitting.pins, None, tmp_path / "charter").exit_code == 0
    with pytest.raises(LibsodiumMissing, match="apt install"):
        audit(held.export())


# -- lies -------------------------------------------------------------------------------------------------


def changed(held: Election, change: Callable[[list[bytes]], None]) -> bytes:
    """The log with other leaves, under a checkpoint of a store that conspires."""
    leaves = list(held.leaves)
    change(leaves)
    return held.export(leaves)


def at(leaves: Sequence[bytes], kind: str) -> int:
    """The first leaf of that kind."""
    payloads = (cbor.decode(cbor.decode(leaf, 40_000)[2], 40_000) for leaf in leaves)
    return next(index for index, payload in enumerate(payloads) if payload[0] == kind)


@pytest.mark.parametrize("kind", ["ready/1", "prepared/1", "cast/1", "end/1", "contest/1"])
def test_a_leaf_that_a_conspiring_store_leaves_out_is_missed(held: Election, kind: str) -> None:
    report = audit(changed(held, lambda leaves: leaves.pop(at(leaves, kind)) and None))
    assert report.exit_code == 1
    assert "witnesses cosigned another log than this one" in faults(report)


def test_a_forged_ballot_is_named_by_its_leaf(held: Election) -> None:
    index = at(held.leaves, "cast/1")

    def forge(leaves: list[bytes]) -> None:
        leaves[index] = leaves[index][:-1] + bytes([leaves[index][-1] ^ 1])

    assert index in [fault.leaf for fault in audit(changed(held, forge)).faults]


def test_a_ballot_whose_proof_does_not_hold_counts_for_nothing() -> None:
    election = Election(3).open()
    victim, thief = election.units[:2]
    for unit in (victim, thief):
        unit.ready()
    parts = cbor.decode(victim.body(YES), 40_000)
    parts[1] = thief.voter
    junk = cbor.encode(parts)
    thief.prepare(junk)
    index = election.leaf(thief.sealed(Cast(1, junk)))  # a store that conspires
    report = audit(election.export())
    assert [(fault.leaf, "bad-proof" in fault.what) for fault in report.faults] == [(index, True)]
    assert any("0 ballots count" in line for line in report.lines())


LIES: dict[str, tuple[Change, Change]] = {
    "tally/1 is not of the 3 ballots that count": (lambda tally: replace(tally, counted=2), as_it_is),
    "tally/1 names a state that is not one of this log": (
        lambda tally: replace(tally, root=bytes(32)),
        as_it_is,
    ),
    "result/1 says [3, 0, 0], the shares in the log say (2, 1, 0)": (
        as_it_is,
        lambda result: replace(result, counts=(3, 0, 0)),
    ),
    "by the rule the outcome is": (as_it_is, lambda result: replace(result, outcome="not-carried")),
    "result/1 certifies numbers that the rule refuses": (
        as_it_is,
        lambda result: replace(result, counts=(2, 2, 0)),
    ),
    "result/1 holds no facts": (as_it_is, lambda result: replace(result, facts=b"\x80")),
    "result/1 names a state that is not one of this log": (
        as_it_is,
        lambda result: replace(result, root=bytes(32)),
    ),
    "result/1 is of another manifest or tally": (
        as_it_is,
        lambda result: replace(result, tally_hash=bytes(32)),
    ),
}


@pytest.mark.parametrize("says", LIES)
def test_a_number_that_officers_sign_against_the_log_is_a_fault(says: str) -> None:
    report = audit(certified(voted().ended(), *LIES[says]).export())
    assert says in faults(report)
    assert report.exit_code == 1


def test_a_tally_although_somebody_is_unaccounted_for_is_a_fault() -> None:
    election = voted()
    election.close()
    for unit in election.units[:2]:
        unit.end()
    assert "voters are unaccounted for" in faults(audit(certified(election).export()))


def test_a_close_that_witnesses_saw_late_needs_a_disposition() -> None:
    late, disposed = voted(), voted()
    for election in (late, disposed):
        election.close(late_s=11)
        for unit in election.units:
            unit.end()
    disposed.publish(Disposition(CONGRESS, disposed.contest, ((None, "uplink was cut"),)))
    assert "not witnessed within 10 seconds" in faults(audit(certified(late).export()))
    assert faults(audit(certified(disposed).export())) == ""


def without_head(election: Election, size: int) -> bytes:
    election.cosigned = [note for note in election.cosigned if note.split("\n")[1] != str(size)]
    return election.export()


def test_a_tally_under_a_state_that_nobody_witnessed_is_a_fault() -> None:
    election = certified(voted().ended())
    said: Tally = election.board.contests[election.contest].course.tallies[0].body
    assert "a state that too few witnesses signed" in faults(audit(without_head(election, said.size)))


def test_shares_before_witnesses_saw_the_tally_are_a_fault() -> None:
    election = certified(voted().ended())
    seen = max(int(note.split("\n")[1]) for note in election.cosigned)
    assert "before witnesses had seen the tally" in faults(audit(without_head(election, seen)))


def test_cosigned_checkpoints_of_two_logs_show(held: Election) -> None:
    fork = voted(seed=9)
    fork.close()
    held_notes, held.cosigned = held.cosigned, [*held.cosigned, *fork.cosigned]
    try:
        data = held.export()
    finally:
        held.cosigned = held_notes
    said = faults(audit(data))
    assert "witnesses cosigned another log than this one" in said
    assert "do not ascend by size" in said


def test_a_question_that_is_still_open_is_said_to_be_and_is_no_fault() -> None:
    election = voted()
    election.store(Beacon(election.contest, bytes(32)))
    report = audit(election.export())
    assert faults(report) == ""
    assert any("Secret question q1" in line and ", open," in line for line in report.lines())


@pytest.mark.slow
def test_no_single_byte_of_header_and_leaves_can_be_changed_unnoticed(held: Election) -> None:
    """Behind them stand cosigned notes: one that is spoilt proves less, and no more than that."""
    chosen, exported = random.Random(7), held.export()
    *_, (closing, _) = cbor.decode_sequence(exported)
    for index in chosen.sample(range(closing), 200):
        byte = bytes([exported[index] ^ (1 << chosen.randrange(8))])
        damaged = exported[:index] + byte + exported[index + 1 :]
        assert audit(damaged).exit_code == 1, f"byte {index}"
