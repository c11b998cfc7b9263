"""An undisturbed ceremony gives one key, n shares of which any k open, and a record that anyone checks."""

from dataclasses import replace
from itertools import combinations

import pytest

from ballot.ceremony.key_record import check_key_record, share_key
from ballot.ceremony.outcome import Stopped, Waiting
from ballot.ceremony.polynomial import evaluate
from ballot.ceremony.state import State, decode_state, encode_state
from ballot.documents.bodies import KeyRecord
from ballot.documents.document import check_signers
from ballot.group import IDENTITY, ORDER
from tests.ballot.ceremony.congress import GROUP, Meeting, charter_of
from wire.errors import RecordRejected


def lagrange(indices: tuple[int, ...], i: int) -> int:
    up = down = 1
    for j in indices:
        if j != i:
            up, down = up * j % ORDER, down * (j - i) % ORDER
    return up * pow(down, -1, ORDER) % ORDER


@pytest.mark.parametrize(("n", "k"), [(2, 2), (3, 2), (5, 3)])
def test_any_k_shares_make_the_secret_of_the_key_and_no_fewer(n: int, k: int) -> None:
    meeting = Meeting(charter_of(n, k))
    meeting.begin("giu-1")
    done = meeting.finish()
    record = KeyRecord.parse(done[0].record.body)
    shares = {i: outcome.share for i, outcome in enumerate(done, start=1)}
    for size in range(1, n + 1):
        for some in combinations(shares, size):
            secret = sum(lagrange(some, i) * shares[i] for i in some)
            assert (GROUP.base(secret) == record.election_key) == (size >= k)


def test_all_hold_the_same_record_which_all_signed_and_anyone_finds_in_order() -> None:
    meeting = Meeting(charter_of(3, 2))
    meeting.begin("giu-2")
    done = meeting.finish()
    assert len({outcome.record for outcome in done}) == 1
    assert check_signers(done[0].record, meeting.charter) == set(meeting.names)
    record = KeyRecord.parse(done[0].record.body)
    assert check_key_record(GROUP, record, meeting.charter) == []
    for i, outcome in enumerate(done, start=1):
        assert share_key(GROUP, record, i) == GROUP.base(outcome.share)


def test_each_is_told_for_whom_they_wait() -> None:
    meeting = Meeting(charter_of(3, 2))
    nobody = meeting.run("giu-1")
    assert isinstance(nobody, Waiting)
    assert "--begin" in nobody.words[1]
    meeting.begin("giu-1")
    waiting = meeting.run("giu-3")
    assert isinstance(waiting, Waiting)
    assert waiting.names == ("giu-2",)
    assert "giu-2" in waiting.words[0]


def test_running_it_again_writes_the_same_bytes_and_nothing_else() -> None:
    meeting = Meeting(charter_of(3, 2))
    meeting.begin("giu-1")
    for _ in range(5):
        meeting.round()
        before = dict(meeting.papers)
        for name in meeting.names:
            own = meeting.states[name].own
            assert own is not None
            for kind, body in own.papers():
                meeting.lay(kind, body, name)
        assert meeting.papers == before
    meeting.finish()
    assert len(meeting.papers) == 1 + 4 * 3


@pytest.mark.parametrize(
    "changed",
    [
        {"k": 3},
        {"n": 2},
        {"congress": "other"},
        {"charter_hash": bytes(32)},
        {"rand32": bytes(32)},
        {"election_key": IDENTITY},
        {"election_key": bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")},
    ],
)
def test_a_record_with_one_field_changed_does_not_hold(changed: dict[str, object]) -> None:
    meeting = Meeting(charter_of(3, 2))
    meeting.begin("giu-1")
    record = KeyRecord.parse(meeting.finish()[0].record.body)
    assert check_key_record(GROUP, replace(record, **changed), meeting.charter)


def test_a_record_whose_commitments_are_of_another_order_names_who_cannot_prove_theirs() -> None:
    meeting = Meeting(charter_of(3, 2))
    meeting.begin("giu-1")
    record = KeyRecord.parse(meeting.finish()[0].record.body)
    swapped = replace(record, commitments=record.commitments[::-1])
    faults = check_key_record(GROUP, swapped, meeting.charter)
    assert [name for name in meeting.names if any(name in english for _, english in faults)] == [
        "giu-1",
        "giu-3",
    ]
    identity = replace(record, commitments=((IDENTITY, IDENTITY), *record.commitments[1:]))
    assert any("giu-1" in english for _, english in check_key_record(GROUP, identity, meeting.charter))


def test_nobody_is_given_the_value_at_zero() -> None:
    with pytest.raises(ValueError, match="from 1"):
        evaluate((5, 7), 0)


def test_state_that_nobody_wrote_is_refused() -> None:
    meeting = Meeting(charter_of(2, 2))
    meeting.begin("giu-1")
    content = encode_state(meeting.states["giu-1"])
    assert encode_state(decode_state(content)) == content
    assert decode_state(encode_state(State())) == State()
    for cut in (0, 1, len(content) // 2, len(content) - 1):
        with pytest.raises(RecordRejected):
            decode_state(content[:cut])


def test_secrets_stand_in_no_repr() -> None:
    meeting = Meeting(charter_of(2, 2))
    meeting.begin("giu-1")
    own = meeting.states["giu-1"].own
    assert own is not None
    assert str(own.coefficients[0]) not in repr(meeting.states["giu-1"])
    assert repr(own.transport_key) not in repr(meeting.states["giu-1"])


def test_two_who_begin_at_once_are_told_to_agree() -> None:
    meeting = Meeting(charter_of(3, 2))
    meeting.begin("giu-1")
    meeting.begin("giu-2")
    outcome = meeting.run("giu-3")
    assert isinstance(outcome, Stopped)
    assert outcome.code == "two-beginnings"
    assert outcome.names == ("giu-1", "giu-2")
