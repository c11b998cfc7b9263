"""Every way to falsify an election that we thought of, each signed and rooted like a true one: which check
says so."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.verifier.conftest import checks_of, pinned_of, verified
from tests.verifier.election import (
    BOARD,
    ORDER,
    TRUSTEES,
    WITNESSES,
    Election,
    drawn,
)
from verifier import verify
from wire import cbor

pytestmark = pytest.mark.slow

Twist = Callable[[Any], Any]


def put(*path_and_value: Any) -> Twist:
    """A thing with another value at this place."""
    *path, value = path_and_value

    def twist(thing: Any) -> Any:
        if not path:
            return value
        copy = list(thing)
        copy[path[0]] = put(*path[1:], value)(copy[path[0]])
        return copy

    return twist


def at(*path: Any) -> Twist:
    """A thing with one bit of the bytes at this place flipped."""

    def twist(thing: Any) -> Any:
        if not path:
            return bytes([thing[0] ^ 2]) + thing[1:]
        copy = list(thing)
        copy[path[0]] = at(*path[1:])(copy[path[0]])
        return copy

    return twist


def gone(_thing: Any) -> None:
    return None


def last_bit(envelope: bytes) -> bytes:
    return envelope[:-1] + bytes([envelope[-1] ^ 1])


def high_s(envelope: bytes) -> bytes:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return envelope[:-32] + (order - int.from_bytes(envelope[-32:], "big")).to_bytes(32, "big")


def s_plus_order(envelope: bytes) -> bytes:
    return envelope[:-32] + (int.from_bytes(envelope[-32:], "little") + ORDER).to_bytes(32, "little")


def with_header(envelope: bytes) -> bytes:
    protected, _, payload, signature = cbor.decode(envelope, 16384)
    return cbor.encode([protected, {5: 1}, payload, signature])


def tagged(envelope: bytes) -> bytes:
    return b"\xd2" + envelope


def shuffled(thing: list[Any]) -> list[Any]:
    """Two shares of one trustee, each at the place of the other."""
    rows = list(thing[7])
    rows[0], rows[1] = rows[1], rows[0]
    return [*thing[:7], rows]


def one_short(lists: Any) -> Any:
    return lists[:-1]


def fewer(path: int) -> Twist:
    return lambda thing: [*thing[:path], thing[path][:-1], *thing[path + 1 :]]


def no_outside(note: str) -> str:
    return "".join(line + "\n" for line in note[:-1].split("\n") if "w-outside" not in line)


def flipped(body: bytes) -> bytes:
    return body[:400] + bytes([body[400] ^ 1]) + body[401:]


HEADS = ("close", "tally", "shares", "result", "last")
FALSE: dict[str, tuple[int, dict[str, Twist]]] = {
    "a proof of knowledge that fails": (3, {"key-record": at(8, 1, 0)}),
    "an election key of somebody else": (3, {"key-record": at(9)}),
    "the identity as a commitment": (3, {"key-record": put(7, 0, 1, bytes(32))}),
    "a trustee's commitments missing": (3, {"key-record": fewer(7)}),
    "a trustee's proofs missing": (3, {"key-record": fewer(8)}),
    "another k in the key record": (3, {"key-record": put(5, 3)}),
    "a label missing": (1, {"manifest": fewer(8)}),
    "a label more": (1, {"manifest": lambda thing: [*thing[:8], [*thing[8], "x"], *thing[9:]]}),
    "a ballot that may choose two": (6, {"manifest": put(7, 1, 0, 2, 2)}),
    "options of other names": (8, {"manifest": put(7, 0, 0, "aye")}),
    "a manifest of another charter": (1, {"manifest": at(10)}),
    "a manifest of another roll": (2, {"manifest": at(11)}),
    "a manifest of another hall": (1, {"manifest": put(2, "hall-b")}),
    "opened with another manifest": (1, {"record open": at(11, 4)}),
    "opened for another question": (1, {"record open": put(11, 1, "q-2")}),
    "never opened": (1, {"envelope open": gone}),
    "a key of the roll exchanged": (2, {"roll-rows": at(2, 3, 2)}),
    "a voter of the roll missing": (2, {"roll-rows": fewer(2)}),
    "one key for two voters": (2, {"rows": lambda rows: [rows[0], [rows[1][0], 0, rows[0][2]], *rows[2:]]}),
    "the roll not in order": (2, {"rows": lambda rows: [rows[1], rows[0], *rows[2:]]}),
    "a bind that leaves out a generation": (2, {"bind swap": put(4, 2)}),
    "a bind for nobody on the roll": (2, {"bind late": put(3, bytes(16))}),
    "a desk's signature": (5, {"envelope device/1": last_bit}),
    "a store's signature": (5, {"envelope store/1": last_bit}),
    "a signature with S above the order": (5, {"envelope store/1": s_plus_order}),
    "a store that skips a record": (5, {"record refusal": put(5, 99)}),
    "a store whose chain is broken": (5, {"record refusal": put(6, bytes([1] * 32))}),
    "a record in another's name": (5, {"record refusal": put(3, "desk")}),
    "a record of another congress": (5, {"record refusal": put(1, "congress-2027")}),
    "the desk speaks for the store": (5, {"record device/1": put(0, "ballot-refusal/1")}),
    "a store that grew from another": (4, {"record store/1": put(11, 1, bytes(16))}),
    "a log of another store": (4, {"record store/1": put(11, 0, bytes(16))}),
    "the store begins again": (5, {"record store/1": put(5, 2)}),
    "a desk's record taken out": (5, {"envelope close page 0": gone}),
    "a ballot's signature": (5, {"envelope cast 3": last_bit}),
    "an entry of a generation not in force": (5, {"cast 3": put(4, 1)}),
    "an entry of another congress": (6, {"cast 3": put(1, "congress-2027")}),
    "an entry for another voter": (6, {"cast 3": put(3, bytes(16))}),
    "an envelope with a header outside": (6, {"envelope cast 3": with_header}),
    "an envelope with a tag": (6, {"envelope cast 3": tagged}),
    "an envelope with bytes behind it": (6, {"envelope end 3": lambda data: data + b"\0"}),
    "true in place of seq 1": (6, {"cast 3": put(7, 0, True)}),
    "a ballot cut short": (6, {"body 3": one_short}),
    "a ballot with one bit flipped": (8, {"body 3": flipped}),
    "a cast taken out": (7, {"envelope cast 3": gone}),
    "a cast never sent": (7, {"cast 3": gone}),
    "a prepared taken out": (7, {"envelope prepared 3": gone}),
    "a check taken out": (7, {"envelope checked 8": gone}),
    "cast under another seq": (7, {"cast 3": put(7, 0, 2)}),
    "cast other bytes than prepared": (7, {"prepared 3": at(7, 1)}),
    "a chain that begins at 2": (7, {"ready 3": put(5, 2)}),
    "a seq to begin with above 1": (7, {"ready 3": put(7, 1, 2)}),
    "a swapped unit that begins below": (7, {"ready 10": lambda thing: [*thing[:7], [thing[7][0], 1]]}),
    "a check of another seed": (7, {"checked 8": at(7, 1)}),
    "a check of another choice": (7, {"checked 8": put(7, 2, bytes([1, 0, 0]))}),
    "a check that chooses too much": (7, {"checked 8": put(7, 2, bytes([1, 1, 0]))}),
    "abandoned what was not begun": (7, {"abandoned 9": put(7, 0, 5)}),
    "an end that forgets a ballot": (7, {"end 3": put(7, 0, None)}),
    "no end": (9, {"end 3": gone}),
    "an accepted entry refused": (7, {"record refusal": put(11, 4, "of-no-reason")}),
    "a refusal for nobody": (7, {"record refusal": put(11, 1, bytes(16))}),
    "too many prepared, it is said": (7, {"record refusal": put(11, 4, "too-many")}),
    "a second ballot without revote": (7, {"manifest": put(15, "none")}),
    "no nonce": (7, {"record beacon/1": put(11, 0, bytes(16))}),
    "a close of another tree": (4, {"close": at(5)}),
    "a close of a size nobody witnessed": (4, {"close": put(4, 31)}),
    "the outside witness silent at the close": (4, {f"note {name}": no_outside for name in HEADS}),
    "a disposition for nobody": (9, {"disposition": put(3, 0, 0, bytes(16))}),
    "a tally of another aggregate": (10, {"tally": at(9)}),
    "a tally that counts one more": (10, {"tally": put(8, 13)}),
    "a tally that leaves out a ballot": (10, {"counted": one_short}),
    "a tally of another key record": (10, {"tally": at(4)}),
    "a tally of another tree": (10, {"tally": at(7)}),
    "too few ballots to decrypt": (10, {"manifest": put(14, 20)}),
    "shares before the tally was witnessed": (10, {"note shares": gone}),
    "one share": (11, {"trustees": put([1])}),
    "a share of another option": (11, {"share 1": shuffled}),
    "a share of another trustee": (11, {"share 1": put(6, 2)}),
    "a share under another root": (11, {"share 1": at(5)}),
    "a share of another aggregate": (11, {"share 3": at(4)}),
    "a share that decrypts otherwise": (11, {"share 3": put(7, 0, 0, drawn("x")[:31] + b"\0")}),
    "a share for two options of three": (11, {"share 3": fewer(7)}),
    "another count": (12, {"result": put(6, [7, 4, 1])}),
    "another outcome": (12, {"result": put(9, "not-carried")}),
    "a count for two options of three": (12, {"result": fewer(6)}),
    "a result of another tally": (12, {"result": at(5)}),
    "a result under another root": (12, {"result": at(10)}),
    "facts with fewer people than ballots": (12, {"facts": put(1, 11)}),
    "facts of nine numbers": (12, {"facts": one_short}),
    "an order of people for a motion": (12, {"result": put(8, [1])}),
    "a rule of nineteen items": (12, {"manifest": fewer(13)}),
}  # fmt: skip

# What devices sign is left to the audit, and changes nothing about a secret ballot.
OF_DEVICES: dict[str, dict[str, Twist]] = {
    "a device's signature": {"envelope alarm keypad-1": last_bit},
    "a chip's signature": {"envelope alarm keypad-2": last_bit},
    "a chip's signature with high s": {"envelope alarm keypad-2": high_s},
    "a device that skips a record": {"record alarm keypad-1": put(5, 2)},
    "a device whose chain is broken": {"record alarm keypad-2": put(6, bytes([1] * 32))},
    "a record in another device's name": {"record alarm keypad-1": put(3, "keypad-2")},
    "a device's record of another congress": {"record alarm keypad-1": put(1, "congress-2027")},
    "a device that speaks as the desk": {"record alarm keypad-1": put(0, "document/1")},
}

SIGNED_BY = {
    "key-record": (3, TRUSTEES[:2]),
    "manifest": (1, BOARD[:1]),
    "roll": (2, ["c-1"]),
    "bind late": (2, ["c-1", "b-1"]),
    "close": (4, BOARD),
    "disposition": (9, BOARD[:1]),
    "tally": (10, [TRUSTEES[0], *(name for name, _ in WITNESSES)]),
    "share 1": (11, ["t-2"]),
    "result": (12, ["c-1", "c-2", "chair"]),
}


def test_an_honest_election_is_complete(honest: Election) -> None:
    report = verified(honest)
    assert not report.faults
    assert verify.verdict_of(report, pinned_of(honest))[0] == verify.COMPLETE
    assert report.results[0]["totals"] == [8, 3, 1]
    assert report.results[0]["outcome"] == "carried"


def test_without_revote_too() -> None:
    assert not verified(Election(revote="none").held()).faults


# One fault for each check, quick enough for every day.
DAILY = [
    *("a label missing", "a voter of the roll missing", "a proof of knowledge that fails"),
    *(
        "a close of another tree",
        "a ballot's signature",
        "an envelope with a tag",
        "a check of another choice",
    ),
    *("a ballot with one bit flipped", "no end", "a tally of another aggregate", "a share of another option"),
    "another outcome",
]


@pytest.mark.parametrize(
    "what", [what if what in DAILY else pytest.param(what, marks=pytest.mark.slow) for what in sorted(FALSE)]
)
def test_what_is_false_is_said_by_its_check(what: str, honest: Election) -> None:
    check, twists = FALSE[what]
    election = Election(twists=twists).held()
    assert election.leaves != honest.leaves or election.notes != honest.notes
    report = verified(election, key_record=None)
    assert check in checks_of(report), report.faults


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(SIGNED_BY))
def test_too_few_or_wrong_signatures_are_said(kind: str) -> None:
    check, names = SIGNED_BY[kind]
    assert check in checks_of(verified(Election(signed_by={kind: names}).held(), key_record=None))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "check"), [("manifest", 1), ("tally", 10), ("close", 4), ("result", 12)])
def test_somebody_outside_the_charter_spoils_a_document(kind: str, check: int) -> None:
    names = {
        "manifest": BOARD,
        "tally": [*TRUSTEES, "w-inside", "w-outside"],
        "close": ["chair"],
        "result": BOARD,
    }
    election = Election(signed_by={kind: [*names[kind], "stranger"]}).held()
    assert check in checks_of(verified(election))


@pytest.mark.slow
@pytest.mark.parametrize("what", sorted(OF_DEVICES))
def test_what_a_device_signs_is_the_audits_business(what: str) -> None:
    report = verified(Election(twists=OF_DEVICES[what]).held())
    assert not report.faults
    assert any("hallward audit" in line for line in report.people)


def test_a_foreign_witness_is_no_witness() -> None:
    election = Election(signed_by={"tally": ["t-1", "t-2", "w-inside", "stranger"]}).held()
    assert 10 in checks_of(verified(election))


def test_an_invented_election_fails_against_the_charter_of_the_minutes(honest: Election) -> None:
    invented = Election(world="invented").held()
    assert not verified(invented).faults
    faults = checks_of(verified(invented, charter=honest.charter))
    assert {1, 2, 3, 4, 10}.issuperset(faults & {1, 2, 3, 4, 10})
    assert 1 in faults
    assert 4 in checks_of(verified(invented, root=honest.root, size=len(honest.leaves)))


def test_another_key_record_than_that_of_the_minutes(honest: Election) -> None:
    assert checks_of(verified(honest, key_record=bytes(32))) == {3, 7}


def test_without_the_minutes_it_is_internally_consistent_only(honest: Election) -> None:
    for missing in ("charter", "root", "size"):
        changes = {missing: None}
        code, words = verify.verdict_of(verified(honest, **changes), pinned_of(honest, **changes))
        assert code == verify.INCOMPLETE
        assert "INTERNALLY CONSISTENT ONLY" in words


def test_a_log_cut_off_is_another_than_that_of_the_minutes(honest: Election) -> None:
    short = Election().held()
    short.leaves = short.leaves[:-3]
    report = verified(short, root=honest.root, size=len(honest.leaves))
    assert 4 in checks_of(report)


def swap(first: int, second: int) -> Twist:
    def twist(items: list[Any]) -> list[Any]:
        copy = list(items)
        copy[first + 1] = [first, *items[second + 1][1:]]
        copy[second + 1] = [second, *items[first + 1][1:]]
        return copy

    return twist


FALSE_FILES: list[tuple[Twist, int]] = [
    (swap(40, 41), 4),
    (lambda items: [*items[:30], *items[31:]], 4),
    (lambda items: items[:-1], 4),
    (lambda items: [*items, items[-1]], 6),
    (put(30, 0, 31), 4),
    (put(-1, 1, "nothing"), 4),
    (put(0, 5, bytes(32)), 5),
    (put(0, 1, "congress-2027"), 1),
    (put(0, 6, b"\x80"), 1),
    (lambda items: [items[0], *([*item[:2], "bad-seq"] for item in items[1:-1]), items[-1]], 6),
    (lambda items: [items[0], items[1], items[1], *items[2:]], 4),
]


@pytest.mark.slow
@pytest.mark.parametrize(("sequence", "check"), FALSE_FILES)
def test_what_is_false_about_the_file(sequence: Twist, check: int, honest: Election) -> None:
    election = Election(twists={"sequence": sequence}).held()
    report = verified(election, root=honest.root, size=len(honest.leaves))
    assert check in checks_of(report), report.faults


@pytest.mark.slow
def test_a_byte_changed_in_any_leaf_is_found_in_that_leaf(honest: Election) -> None:
    for leaf, envelope in enumerate(honest.leaves[::7]):
        changed = Election().held()
        place = len(envelope) - 70 - leaf % 40
        changed.leaves[leaf * 7] = envelope[:place] + bytes([envelope[place] ^ 1]) + envelope[place + 1 :]
        report = verified(changed, root=honest.root, size=len(honest.leaves))
        assert 4 in checks_of(report)
        assert leaf * 7 in {fault.leaf for fault in report.faults if fault.check in {5, 6}}
