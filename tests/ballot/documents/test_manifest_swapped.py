"""Whoever swaps candidates, key, roll or rule has another manifest: no ballot of one is one of the other."""

from typing import Any

import pytest

from ballot.documents.describe import describe
from ballot.documents.manifest import Manifest, check_manifest, contradictions
from ballot.errors import BadDocument
from ballot.hashing import hash_of
from ballot.rules.rule import Base, Elect, Rule, SecondRound
from ballot.shape import at_most, each_of, one_of
from tests.ballot.documents.election import (
    CHARTER,
    CONTEST,
    KEY_RECORD,
    MANIFEST,
    PEOPLE,
    ROLL,
    RULE,
    changed,
    digest,
    signed,
)
from wire.ids import CongressId, ContestId

MOTION = Rule("half", Elect.MOTION, Base.VALID, 1, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": (PEOPLE[1], PEOPLE[0], *PEOPLE[2:])},
        {"shape": at_most(2, ("c2", "c1", "c3"))},
        {"title": "Bầu Ban Kiểm tra"},
        {"key_record_hash": digest("another key")},
        {"roll_root": digest("another roll")},
        {"rule": changed(RULE, num=2, den=3)},
        {"min_anonymity": 2},
        {"revote": "until-close"},
        {"contest": ContestId(b"d" * 16)},
    ],
)
def test_any_change_is_another_manifest(changes: dict[str, Any]) -> None:
    assert changed(MANIFEST, **changes).hash != MANIFEST.hash


def test_the_context_of_ballots_comes_from_the_bytes_and_the_key_record() -> None:
    read = Manifest.parse(MANIFEST.encode())
    context = read.context(KEY_RECORD)
    assert context.manifest_hash == hash_of(MANIFEST.encode())
    assert (context.contest, context.shape, context.election_key) == (
        CONTEST, MANIFEST.shape, KEY_RECORD.election_key,
    )  # fmt: skip
    with pytest.raises(BadDocument) as caught:
        read.context(changed(KEY_RECORD, election_key=digest("the fleet's own K")))
    assert caught.value.why == "other-key-record"


def test_a_manifest_that_holds_has_nothing_against_it() -> None:
    assert check_manifest(MANIFEST, CHARTER, KEY_RECORD, ROLL) == []
    motion = changed(
        MANIFEST, rule=MOTION, shape=one_of(("yes", "no", "abstain")), labels=("có", "không", "—")
    )
    assert check_manifest(motion, CHARTER, KEY_RECORD, ROLL) == []
    each = Rule("each", Elect.EACH, Base.SUMMONED, 1, 2, seats=2)
    people = changed(MANIFEST, rule=each, shape=each_of(("p1", "p2")), labels=("A+", "A-", "B+", "B-"))
    assert check_manifest(people, CHARTER, KEY_RECORD, ROLL) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"congress": CongressId("d")}, "other-congress"),
        ({"charter_hash": bytes(32)}, "other-charter"),
        ({"key_record_hash": bytes(32)}, "other-key-record"),
        ({"contest": ContestId(bytes(16))}, "roll-of-another-contest"),
        ({"roll_root": bytes(32)}, "other-roll"),
        ({"roll_size": 11}, "other-roll"),
        ({"min_anonymity": 13}, "too-few-voters"),
        ({"title": "  "}, "no-title"),
        ({"labels": ("A", "B", "C", "")}, "empty-label"),
        ({"labels": ("A", "B", "A", "D")}, "doubled-label"),
        ({"shape": at_most(3, ("c1", "c2", "c3"))}, "other-shape"),
        ({"rule": changed(RULE, blank_allowed=False)}, "other-shape"),
        ({"rule": MOTION}, "other-shape"),
        ({"rule": changed(RULE, seats=3, elect=Elect.EACH)}, "other-shape"),
        ({"rule": changed(RULE, seats=4)}, "seats-over-options"),
        ({"rule": changed(RULE, num=3, den=2)}, "fraction-out-of-range"),
        ({"rule": changed(RULE, second_round=SecondRound.REMAINING)}, "second-round-without-rounds"),
        ({"rule": changed(RULE, reveal_s=60)}, "reveal-in-secret"),
    ],
)
def test_what_stands_against_a_manifest_is_said_in_sentences(changes: dict[str, Any], code: str) -> None:
    found = check_manifest(changed(MANIFEST, **changes), CHARTER, KEY_RECORD, ROLL)
    assert code in [refusal.code for refusal in found]
    for refusal in found:
        assert "{" not in refusal.vi + refusal.en
        assert refusal.vi != refusal.en


def test_a_key_made_under_another_charter_is_named() -> None:
    other = changed(KEY_RECORD, charter_hash=digest("another charter"))
    manifest = changed(MANIFEST, key_record_hash=other.hash)
    found = check_manifest(manifest, CHARTER, other, ROLL)
    assert [refusal.code for refusal in found] == ["key-record-of-another-charter"]


def test_what_is_only_unwise_contradicts_nothing() -> None:
    """A reader of a log asks whether a manifest is in force, not whether it should have been."""
    unwise = changed(MANIFEST, title="", min_anonymity=13, rule=changed(RULE, seats=3))
    assert check_manifest(unwise, CHARTER, KEY_RECORD, ROLL)
    assert contradictions(unwise, CHARTER, KEY_RECORD, ROLL) == []
    foreign = changed(unwise, charter_hash=bytes(32))
    assert [each.code for each in contradictions(foreign, CHARTER, KEY_RECORD, ROLL)] == ["other-charter"]


def test_swapped_candidates_are_seen_by_whoever_reads_before_signing() -> None:
    swapped = changed(MANIFEST, labels=(PEOPLE[1], PEOPLE[0], *PEOPLE[2:]))
    one, other = (describe(signed(manifest)) for manifest in (MANIFEST, swapped))
    assert one != other
    assert one[1] != other[1], "the fingerprint"
    assert "  1: Nguyễn Văn Ế [c1]" in one
    assert "  1: Trần Thị Ỗ [c1]" in other
