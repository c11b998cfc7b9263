"""Rule 14: a witness never signs two histories, whatever the fleet shows it and whenever it is killed."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from officers.witness import commands
from officers.witness.errors import WitnessRefused
from officers.witness.ports import Offer, parse_offer
from officers.witness.rounds import Rounds
from officers.witness.state import load
from officers.witness.step import NOTHING, Answer, Witnessed, step
from officers.witness.witness import Witness
from tests.ballot.board.election import (
    CHARTER,
    CONGRESS,
    HALL,
    STORE_ID,
    YES,
    Election,
    signed,
    signer,
)
from tests.edge.power_cut import PowerCut, fuse
from tests.officers import people
from tests.officers.tally.trustee import Script
from wire.checkpoint import Checkpoint, cosignature, cosigners, origin, sign_checkpoint, with_cosignatures
from wire.ids import CongressId, HallId
from wire.merkle import Tree, leaf_hash

NAME = "w-press"
KEYS = {NAME: signer(NAME).public_key}
STORE = signer("store")


def tree(size: int, history: str = "a") -> Tree:
    return Tree(leaf_hash(f"{history}{index}".encode()) for index in range(size))


def note(tree: Tree, key: str = "store", hall: HallId = HALL) -> str:
    point = Checkpoint(origin(CONGRESS, hall, STORE_ID), tree.size, tree.root())
    return sign_checkpoint(point, signer(key))


def witness(folder: Path, cut: int | None = None, now: int = 1_700_000_000) -> Witness:
    state = load(folder, fuse(cut))
    found = Witness(CHARTER, NAME, signer(NAME), state, Script(), lambda: now)
    found.knows(HALL, STORE.public_key.raw)
    return found


A5, B5 = tree(5), tree(5, "b")
A9 = tree(9)


@pytest.mark.parametrize(
    ("state", "offered", "path", "answer"),
    [
        (NOTHING, A5, [], Answer.COSIGN),
        (NOTHING, tree(0), [], Answer.ROLLBACK),
        (Witnessed(5, A5.root()), A5, [], Answer.COSIGN),
        (Witnessed(5, A5.root()), B5, [], Answer.FORK),
        (Witnessed(5, A5.root()), A9, A9.consistency(5), Answer.COSIGN),
        (Witnessed(5, A5.root()), A9, [], Answer.FORK),
        (Witnessed(5, A5.root()), A9, A9.consistency(4), Answer.FORK),
        (Witnessed(5, B5.root()), A9, A9.consistency(5), Answer.FORK),
        (Witnessed(9, A9.root()), A5, [], Answer.ROLLBACK),
        (Witnessed(5, A5.root()), A9, [bytes(32)] * 40, Answer.FORK),
    ],
)
def test_the_table(state: Witnessed, offered: Tree, path: Sequence[bytes], answer: Answer) -> None:
    point = Checkpoint("x", offered.size, offered.root())
    found = step(state, point, path)
    assert found.answer is answer
    expected = Witnessed(offered.size, offered.root()) if answer is Answer.COSIGN else state
    assert found.state == expected


def test_a_cosignature_holds_and_says_when(tmp_path: Path) -> None:
    line = witness(tmp_path).cosign(HALL, note(A5), [])
    assert line is not None
    cosigned = with_cosignatures(note(A5), [line])
    assert cosigners(cosigned, CONGRESS, KEYS) == {NAME: 1_700_000_000}


def test_two_roots_of_one_size_get_one_signature(tmp_path: Path) -> None:
    one = witness(tmp_path)
    assert one.cosign(HALL, note(A5), [])
    assert one.cosign(HALL, note(B5), []) is None
    assert witness(tmp_path).cosign(HALL, note(B5), []) is None
    assert witness(tmp_path).cosign(HALL, note(A5), [])


def test_a_store_restored_from_a_backup_is_no_new_log(tmp_path: Path) -> None:
    one = witness(tmp_path)
    one.cosign(HALL, note(A9), [])
    short = tree(5, "c")
    other = Checkpoint(origin(CONGRESS, HALL, type(STORE_ID)(bytes(16))), short.size, short.root())
    assert one.cosign(HALL, sign_checkpoint(other, STORE), []) is None


@pytest.mark.parametrize("cut", range(1, 8))
def test_killed_at_any_moment_it_has_signed_nothing_that_it_forgets(tmp_path: Path, cut: int) -> None:
    witness(tmp_path).cosign(HALL, note(A5), [])
    line = None
    with contextlib.suppress(PowerCut):
        line = witness(tmp_path, cut).cosign(HALL, note(A9), A9.consistency(5))
    forked = witness(tmp_path).cosign(HALL, note(tree(9, "b")), tree(9, "b").consistency(5))
    assert forked is None
    if line is not None:
        assert load(tmp_path).halls[HALL].last == Witnessed(9, A9.root())
    assert witness(tmp_path).cosign(HALL, note(A9), A9.consistency(load(tmp_path).halls[HALL].last.size))


def test_a_full_disk_lets_no_signature_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = witness(tmp_path)
    (tmp_path / "witnessed").unlink()
    monkeypatch.setattr("officers.witness.state.write_whole", _full)
    for _ in range(2):
        with pytest.raises(OSError, match="full"):
            one.cosign(HALL, note(A5), [])


def _full(*_: object) -> None:
    raise OSError("full")


@pytest.mark.parametrize("content", [b"", b"\x83", b"\x80", b"junk"])
def test_a_damaged_memory_signs_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "witnessed").write_bytes(content)
    with pytest.raises(WitnessRefused) as caught:
        load(tmp_path)
    assert caught.value.why == "damaged"


def test_another_key_of_the_same_hall_is_an_alarm(tmp_path: Path) -> None:
    one = witness(tmp_path)
    with pytest.raises(WitnessRefused) as caught:
        one.knows(HALL, signer("other").public_key.raw)
    assert caught.value.why == "other-store-key"
    with pytest.raises(WitnessRefused) as caught:
        one.cosign(HALL, note(A5, "other"), [])
    assert caught.value.why == "bad-note"


@pytest.mark.parametrize(
    "text", ["", "x", "hallward/c1/hall-1/zz\n5\n", note(A5)[:-9], note(A5, hall=HallId("h2"))]
)
def test_a_note_that_is_none_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(WitnessRefused):
        witness(tmp_path).cosign(HALL, text, [])


def test_who_is_no_witness_of_the_charter_never_starts(tmp_path: Path) -> None:
    with pytest.raises(WitnessRefused) as caught:
        Witness(CHARTER, "chair", signer("chair"), load(tmp_path), Script(), lambda: 0)
    assert caught.value.why == "not-a-witness"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"note": 1, "consistency": []},
        {"note": "x", "consistency": None},
        {"note": "x", "consistency": ["zz"]},
        {"note": "x", "consistency": ["00"]},
        {"note": "x", "consistency": ["00" * 32] * 65},
        {"note": "x" * 9000, "consistency": []},
        {"note": "x", "consistency": [], "tallies": ["00"]},
    ],
)
def test_an_answer_of_another_form_is_refused(value: Any) -> None:
    with pytest.raises(WitnessRefused):
        parse_offer(value)


class Fleet:
    """Offers what it is told to."""

    def __init__(self, *offers: Offer | Exception, tallies: dict[bytes, bytes] | None = None) -> None:
        self.offers, self.tallies = list(offers), tallies or {}
        self.lines: list[str] = []
        self.signatures: list[tuple[bytes, str, bytes]] = []
        self.down: WitnessRefused | None = None

    def checkpoint(self, since: int) -> Offer:
        found = self.offers.pop(0) if len(self.offers) > 1 else self.offers[0]
        if isinstance(found, Exception):
            raise found
        return found

    def cosign(self, witness: str, line: str) -> None:
        if self.down is not None:
            raise self.down
        self.lines.append(line)

    def tally(self, contest: bytes) -> bytes:
        return self.tallies[contest]

    def sign_tally(self, contest: bytes, witness: str, signature: bytes) -> None:
        self.signatures.append((contest, witness, signature))


def test_trouble_is_said_once_and_so_is_its_end(tmp_path: Path) -> None:
    down = WitnessRefused("no-answer", url="https://hall", reason="refused")
    fleet = Fleet(down, down, down, Offer(note(A5), ()))
    one = witness(tmp_path)
    rounds = Rounds(one, HALL, fleet)
    turns = iter(range(5))
    rounds.run(lambda _: None, lambda: next(turns, None) is None)
    said = one.person.lines  # type: ignore[attr-defined]  # a Script
    assert sum("cannot be reached" in line for line in said) == 1
    assert sum("answers again" in line for line in said) == 1
    assert len(fleet.lines) == 1


def test_a_fork_is_said_once_and_the_witness_stays(tmp_path: Path) -> None:
    fleet = Fleet(
        Offer(note(A5), ()),
        Offer(note(B5), ()),
        Offer(note(B5), ()),
        Offer(note(A9), tuple(A9.consistency(5))),
    )
    one = witness(tmp_path)
    rounds = Rounds(one, HALL, fleet)
    for _ in range(4):
        rounds.round()
    assert sum("ALARM" in line for line in one.person.lines) == 1  # type: ignore[attr-defined]
    assert len(fleet.lines) == 2


def test_the_newest_note_lies_in_its_folder_even_while_the_fleet_takes_nothing(tmp_path: Path) -> None:
    """A trustee takes it from the witness, and need not ask the fleet."""
    path = tmp_path / f"{HALL}-checkpoint.txt"
    fleet = Fleet(Offer(note(A5), ()), Offer(note(A9), tuple(A9.consistency(5))), Offer(note(B5), ()))
    rounds = Rounds(witness(tmp_path), HALL, fleet)
    rounds.round()
    assert path.read_text(encoding="utf-8").startswith(note(A5))
    fleet.down = WitnessRefused("no-answer", url="https://hall", reason="refused")
    rounds.round()
    kept = path.read_text(encoding="utf-8")
    assert kept.startswith(note(A9))
    assert cosigners(kept, CONGRESS, KEYS) == {NAME: 1_700_000_000}
    rounds.round()  # a rollback: no note of ours
    assert path.read_text(encoding="utf-8") == kept
    assert len(fleet.lines) == 1


def test_lines_of_other_witnesses_are_gathered_and_forged_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / f"{HALL}-checkpoint.txt"
    other = next(each.name for each in CHARTER.witnesses if each.name != NAME)
    keys = {each.name: each.public_key for each in CHARTER.witnesses}
    with_other = with_cosignatures(note(A5), [cosignature(note(A5), other, signer(other), 1_700_000_009)])
    forged = with_cosignatures(note(A5), [cosignature(note(A9), other, signer(other), 1_700_000_009)])
    one = witness(tmp_path)
    rounds = Rounds(one, HALL, Fleet(Offer(note(A5), ()), Offer(with_other, ()), Offer(forged, ())))
    rounds.round()
    assert set(cosigners(path.read_text(encoding="utf-8"), CONGRESS, keys)) == {NAME}
    rounds.round()
    gathered = path.read_text(encoding="utf-8")
    assert set(cosigners(gathered, CONGRESS, keys)) == {NAME, other}
    rounds.round()
    assert path.read_text(encoding="utf-8") == gathered
    assert "cannot be used" in one.person.lines[-1]  # type: ignore[attr-defined]  # a Script


def test_no_note_is_kept_that_a_power_cut_could_take_from_its_memory(tmp_path: Path) -> None:
    path, cut = tmp_path / f"{HALL}-checkpoint.txt", 0
    witness(tmp_path)
    while not path.exists():
        cut += 1
        with contextlib.suppress(PowerCut):
            Rounds(witness(tmp_path, cut), HALL, Fleet(Offer(note(A5), ()))).round()
        assert not path.exists() or load(tmp_path).halls[HALL].last == Witnessed(5, A5.root())
    assert cut > 1


def tallied(
    folder: Path, names: tuple[str, ...] = ("an", "binh"), seed: int = 7
) -> tuple[Witness, bytes, Election]:
    election = Election(3, seed=seed).open()
    for unit in election.units:
        unit.vote(YES)
    election.ended()
    one = witness(folder)
    one.cosign(HALL, election.cosigned[-1], [])
    return one, signed(election.tally(), names), election


def test_a_tally_gets_one_signature_ever(tmp_path: Path) -> None:
    one, data, election = tallied(tmp_path)
    assert one.sign_tally(data) == one.sign_tally(data)
    election.store_beacon()
    more = election.checkpoint(1_700_000_900)
    assert one.cosign(HALL, election.cosigned[-1], election.tree.consistency(more.size - 1))
    again = signed(election.tally(), ("an", "binh"))
    with pytest.raises(WitnessRefused) as caught:
        witness(tmp_path).sign_tally(again)
    assert caught.value.why == "second-tally"


@pytest.mark.parametrize(
    ("names", "why"),
    [(("an",), "few-trustees"), (("board-1", "board-2"), "few-trustees"), ((), "few-trustees")],
)
def test_a_tally_that_k_trustees_did_not_sign_is_not_signed(
    tmp_path: Path, names: tuple[str, ...], why: str
) -> None:
    one, data, _ = tallied(tmp_path, names)
    with pytest.raises(WitnessRefused) as caught:
        one.sign_tally(data)
    assert caught.value.why == why


def test_a_tally_beyond_what_was_witnessed_waits(tmp_path: Path) -> None:
    _, data, _ = tallied(tmp_path / "one")
    (tmp_path / "two").mkdir()
    with pytest.raises(WitnessRefused) as caught:
        witness(tmp_path / "two").sign_tally(data)
    assert caught.value.why == "tally-ahead"


def test_one_bad_tally_keeps_no_other_waiting(tmp_path: Path) -> None:
    one, data, election = tallied(tmp_path)
    other = bytes(16)
    offer = Offer(election.cosigned[-1], (), (other, election.contest))
    fleet = Fleet(offer, tallies={other: b"junk", election.contest: data})
    Rounds(one, HALL, fleet).round()
    assert [contest for contest, _, _ in fleet.signatures] == [election.contest]


def test_an_offline_laptop_signs_files_on_a_stick(tmp_path: Path) -> None:
    one, data, election = tallied(tmp_path)
    offered = tmp_path / "checkpoint.json"
    offered.write_text(json.dumps({"note": election.cosigned[-1], "consistency": []}), encoding="utf-8")
    tally = tmp_path / "tally.doc"
    tally.write_bytes(data)
    assert commands._cosign(one, HALL, offered)
    assert commands._cosign(one, HALL, tally)
    assert NAME in cosigners(
        (tmp_path / f"checkpoint.json.{NAME}").read_text(encoding="utf-8"), CONGRESS, KEYS
    )
    tally.write_bytes(b"junk")
    assert not commands._cosign(one, HALL, tally)


def test_a_witness_whose_memory_is_gone_signs_nothing(tmp_path: Path) -> None:
    """Its service names the store's key at each start: without this, a lost file would be a first sight."""
    people.congress(tmp_path, 3, 2, pinned=["ngoai"])
    folder, offered = tmp_path / "ngoai", tmp_path / "checkpoint.json"
    point = Checkpoint(origin(CongressId("dh-2026"), HALL, STORE_ID), A5.size, A5.root())
    offered.write_text(json.dumps({"note": sign_checkpoint(point, STORE), "consistency": []}))
    words = ["cosign", str(folder), str(offered), "--hall", HALL, "--store-key", STORE.public_key.raw.hex()]
    assert commands.main(words, people.means()) == 0
    (folder / "witnessed").unlink()
    with pytest.raises(WitnessRefused) as caught:
        commands.main(words, people.means())
    assert caught.value.why == "forgotten"


@pytest.mark.parametrize("size", [2**32, 2**53 - 1])
def test_the_largest_log_is_remembered_as_it_was_signed(tmp_path: Path, size: int) -> None:
    point = Checkpoint(origin(CONGRESS, HALL, STORE_ID), size, A5.root())
    assert witness(tmp_path).cosign(HALL, sign_checkpoint(point, STORE), [])
    assert load(tmp_path).halls[HALL].last == Witnessed(size, A5.root())
