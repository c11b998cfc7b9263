"""Rules 2 to 4: each attack on the ceremony, and that its culprit is named (notes: voting-hv1-rules)."""

from dataclasses import replace

import pytest

from ballot.ceremony.messages import (
    Commitment,
    Complaint,
    Dealing,
    Opening,
    encode_body,
    parse_body,
)
from ballot.ceremony.outcome import Done, Stopped, Waiting, Write
from ballot.ceremony.polynomial import evaluate, proof_holds
from ballot.ceremony.sealing import seal_share
from ballot.ceremony.state import Own, State, decode_state, encode_state
from ballot.ceremony.step import begin, step
from ballot.group import IDENTITY
from ballot.hashing import h32
from tests.ballot.ceremony.congress import GROUP, Meeting, charter_of, seeded, signer

HONEST, VICTIM, CROOK = "giu-1", "giu-2", "giu-3"


def started() -> Meeting:
    meeting = Meeting(charter_of(3, 2))
    meeting.begin(HONEST)
    return meeting


def own_of(meeting: Meeting, name: str) -> Own:
    own = meeting.states[name].own
    assert own is not None
    return own


def replace_paper(meeting: Meeting, kind: str, name: str, body: bytes) -> None:
    """The crook hands out another paper than their machine wrote, and only that."""
    for place in [place for place in meeting.papers if place.startswith(f"{kind.replace('/', '-')} {name}")]:
        del meeting.papers[place]
    meeting.lay(kind, body, name)


def crooked_opening(meeting: Meeting, **changed: object) -> None:
    """The crook commits to, and opens, something else than their machine would."""
    own = own_of(meeting, CROOK)
    honest = parse_body(own.opening)
    assert isinstance(honest, Opening)
    crooked = replace(honest, **changed)
    state = State((), replace(own, opening=encode_body(crooked)))
    meeting.states[CROOK] = state
    replace_paper(meeting, Commitment.kind, CROOK, encode_body(crooked.commitment))


def to_round_0(meeting: Meeting) -> None:
    """Commitments of HONEST and CROOK lie there; nobody has opened yet."""
    meeting.run(CROOK)


def assert_stopped(meeting: Meeting, name: str, code: str, *culprits: str) -> None:
    outcome = meeting.run(name)
    assert isinstance(outcome, Stopped), outcome
    assert (outcome.code, outcome.names) == (code, culprits)


def test_proof_of_possession_replayed_in_another_ceremony_fails() -> None:
    one, other = started(), Meeting(charter_of(3, 2), seed="other")
    other.begin(HONEST)
    opening = parse_body(own_of(one, HONEST).opening)
    assert isinstance(opening, Opening)
    args = opening.points[0], opening.proofs[0]
    assert proof_holds(GROUP, own_of(one, HONEST).ceremony_id, 1, 0, *args)
    assert not proof_holds(GROUP, own_of(other, HONEST).ceremony_id, 1, 0, *args)
    assert not proof_holds(GROUP, own_of(one, HONEST).ceremony_id, 2, 0, *args)
    assert not proof_holds(GROUP, own_of(one, HONEST).ceremony_id, 1, 1, *args)


def test_rogue_key_that_cancels_the_others_is_refused_and_named() -> None:
    meeting = started()
    to_round_0(meeting)
    victim = parse_body(own_of(meeting, HONEST).opening)
    crook = parse_body(own_of(meeting, CROOK).opening)
    assert isinstance(victim, Opening)
    assert isinstance(crook, Opening)
    rogue = GROUP.sub(crook.points[0], victim.points[0])  # K would then lose the honest part
    crooked_opening(meeting, points=(rogue, crook.points[1]))
    for _ in range(2):
        meeting.round()
    assert_stopped(meeting, HONEST, "no-possession", CROOK)


def test_identity_as_a_commitment_is_refused_and_named() -> None:
    meeting = started()
    to_round_0(meeting)
    crook = parse_body(own_of(meeting, CROOK).opening)
    assert isinstance(crook, Opening)
    crooked_opening(meeting, points=(crook.points[0], IDENTITY))
    for _ in range(2):
        meeting.round()
    assert_stopped(meeting, VICTIM, "no-possession", CROOK)


@pytest.mark.parametrize("count", [1, 3])
def test_too_few_or_too_many_points_are_refused_and_named(count: int) -> None:
    meeting = started()
    to_round_0(meeting)
    crook = parse_body(own_of(meeting, CROOK).opening)
    assert isinstance(crook, Opening)
    crooked_opening(meeting, points=(crook.points * 2)[:count], proofs=(crook.proofs * 2)[:count])
    for _ in range(2):
        meeting.round()
    assert_stopped(meeting, HONEST, "wrong-number", CROOK)


def test_round_1_that_does_not_open_round_0_is_refused_and_named() -> None:
    meeting = started()
    to_round_0(meeting)
    own = own_of(meeting, CROOK)
    fresh = step(replace(meeting.trustees[CROOK], random=seeded("late")), started().table(), State())
    assert isinstance(fresh, Write)
    assert fresh.state.own is not None
    meeting.round()
    replace_paper(meeting, Opening.kind, CROOK, fresh.state.own.opening)
    assert fresh.state.own.ceremony_id == own.ceremony_id
    meeting.run(VICTIM)
    assert_stopped(meeting, HONEST, "does-not-open", CROOK)


def test_transport_key_of_small_order_is_refused_and_named() -> None:
    meeting = started()
    to_round_0(meeting)
    crooked_opening(meeting, transport=bytes(32))
    for _ in range(2):
        meeting.round()
    assert_stopped(meeting, HONEST, "bad-transport", CROOK)


def test_bad_share_is_named_in_public_by_the_complaint() -> None:
    meeting = started()
    for _ in range(2):
        meeting.round()
    own = own_of(meeting, CROOK)
    assert own.dealing
    honest = parse_body(own.dealing)
    victim = parse_body(own_of(meeting, VICTIM).opening)
    assert isinstance(honest, Dealing)
    assert isinstance(victim, Opening)
    wrong = seal_share(evaluate(own.coefficients, 2) + 1, victim.transport, own.ceremony_id, 3, 2)
    crooked = replace(honest, rows=(honest.rows[0], (2, wrong)))
    replace_paper(meeting, Dealing.kind, CROOK, encode_body(crooked))
    meeting.states[CROOK] = State((), replace(own, dealing=encode_body(crooked)))
    key = own_of(meeting, VICTIM).transport_key
    meeting.run(HONEST)  # has dealt now, and is content with its own share
    assert isinstance(meeting.run(VICTIM), Stopped)
    assert own_of(meeting, VICTIM).transport_key == b""
    assert any(place.startswith("complaint-1") for place in meeting.papers)
    assert key in meeting.papers[next(place for place in meeting.papers if place.startswith("complaint"))]
    for name in meeting.names:
        assert_stopped(meeting, name, "bad-share", CROOK)


@pytest.mark.parametrize("garbage", [bytes(80), b"\xff" * 80], ids=["zeros", "ones"])
def test_share_that_does_not_open_is_a_bad_share(garbage: bytes) -> None:
    meeting = started()
    for _ in range(2):
        meeting.round()
    own = own_of(meeting, CROOK)
    honest = parse_body(own.dealing)
    assert isinstance(honest, Dealing)
    crooked = encode_body(replace(honest, rows=(honest.rows[0], (2, garbage))))
    replace_paper(meeting, Dealing.kind, CROOK, crooked)
    meeting.states[CROOK] = State((), replace(own, dealing=crooked))
    meeting.run(HONEST)
    meeting.run(VICTIM)
    assert_stopped(meeting, HONEST, "bad-share", CROOK)


def test_false_complaint_names_the_accuser() -> None:
    meeting = started()
    for _ in range(2):
        meeting.round()
    own = own_of(meeting, CROOK)
    for key in (own.transport_key, bytes(32)):
        lie = Meeting(meeting.charter, papers=dict(meeting.papers))
        lie.states = dict(meeting.states)
        lie.lay(Complaint.kind, encode_body(Complaint(own.ceremony_id, 3, 2, key)), CROOK)
        for name in (HONEST, VICTIM):
            assert_stopped(lie, name, "false-complaint", CROOK)


def test_complaint_without_the_papers_that_prove_it_stops_but_names_nobody() -> None:
    meeting = started()
    meeting.run(VICTIM)
    own = own_of(meeting, HONEST)
    meeting.lay(Complaint.kind, encode_body(Complaint(own.ceremony_id, 3, 2, bytes(32))), CROOK)
    assert_stopped(meeting, HONEST, "unproven-complaint")


@pytest.mark.parametrize(
    "rows", [(), ((1, bytes(80)),), ((1, bytes(80)), (1, bytes(80))), ((1, bytes(80)), (3, bytes(80)))]
)
def test_missing_doubled_or_own_share_in_round_2_is_refused_and_named(
    rows: tuple[tuple[int, bytes], ...],
) -> None:
    meeting = started()
    for _ in range(2):
        meeting.round()
    own = own_of(meeting, CROOK)
    crooked = encode_body(Dealing(own.ceremony_id, 3, rows))
    replace_paper(meeting, Dealing.kind, CROOK, crooked)
    meeting.states[CROOK] = State((), replace(own, dealing=crooked))
    assert_stopped(meeting, HONEST, "not-all-dealt", CROOK)


@pytest.mark.parametrize("round_", [0, 1, 2])
def test_two_papers_of_one_trustee_for_one_round_name_them(round_: int) -> None:
    meeting = started()
    for _ in range(3):
        meeting.round()
    meeting.papers = {place: paper for place, paper in meeting.papers.items() if "key-record" not in place}
    own = own_of(meeting, CROOK)
    opening = parse_body(own.opening)
    assert isinstance(opening, Opening)
    second = [
        Commitment(own.ceremony_id, 3, bytes(32)),
        replace(opening, transport=bytes(32)),
        Dealing(own.ceremony_id, 3, ((1, bytes(80)), (2, bytes(80)))),
    ][round_]
    meeting.lay(second.kind, encode_body(second), CROOK)
    assert_stopped(meeting, HONEST, "two-faces", CROOK)
    assert_stopped(meeting, VICTIM, "two-faces", CROOK)


def test_paper_swapped_on_the_stick_after_it_was_used_is_noticed() -> None:
    meeting = started()
    meeting.round()
    meeting.round()
    other = Commitment(own_of(meeting, CROOK).ceremony_id, 3, bytes(32))
    replace_paper(meeting, Commitment.kind, CROOK, encode_body(other))
    assert_stopped(meeting, HONEST, "two-faces", CROOK)


def test_two_views_shown_to_two_trustees_end_at_the_record() -> None:
    """The crook runs two rounds 2: one for each of the others, who meet again only at the key record."""
    meeting = started()
    for _ in range(2):
        meeting.round()
    own = own_of(meeting, CROOK)
    honest = parse_body(own.dealing)
    assert isinstance(honest, Dealing)
    openings = [parse_body(own_of(meeting, name).opening) for name in (HONEST, VICTIM)]
    again = []
    for j, opening in enumerate(openings, start=1):
        assert isinstance(opening, Opening)
        again.append((j, seal_share(evaluate(own.coefficients, j), opening.transport, own.ceremony_id, 3, j)))
    meeting.run(HONEST)  # sees the first
    replace_paper(meeting, Dealing.kind, CROOK, encode_body(replace(honest, rows=tuple(again))))
    hidden = {place: paper for place, paper in meeting.papers.items() if "key-record" not in place}
    assert isinstance(meeting.run(VICTIM, hidden), Waiting)  # sees the second, and not yet the record
    assert own_of(meeting, VICTIM).last != own_of(meeting, HONEST).last
    meeting.papers = {place: paper for place, paper in meeting.papers.items() if CROOK not in place}
    assert_stopped(meeting, HONEST, "other-record", VICTIM)
    assert_stopped(meeting, VICTIM, "other-record", HONEST)


def test_trustee_missing_at_the_record_leaves_everybody_waiting_for_them() -> None:
    meeting = started()
    for _ in range(3):
        meeting.round()
    meeting.papers = {
        place: paper
        for place, paper in meeting.papers.items()
        if not ("key-record" in place and CROOK in place)
    }
    outcome = meeting.run(HONEST)
    assert isinstance(outcome, Waiting)
    assert outcome.names == (CROOK,)


def test_foreign_signature_under_a_trustees_number_is_left_aside() -> None:
    meeting = started()
    own = own_of(meeting, HONEST)
    body = encode_body(Commitment(own.ceremony_id, 2, bytes(32)))
    meeting.lay(Commitment.kind, body, CROOK)  # speaks for trustee 2, signed by 3
    meeting.papers["garbage"] = b"not a document"
    table = meeting.table()
    assert len(table.aside) == 2
    assert not table.said(own.ceremony_id, Commitment.kind, 2)
    assert any("trustee 2" in err.what for _, err in table.aside)


def test_beginning_under_another_charter_or_size_is_left_aside() -> None:
    meeting = started()
    other = Meeting(charter_of(5, 3), seed="five")
    other.begin(CROOK)
    meeting.papers.update({f"foreign {place}": paper for place, paper in other.papers.items()})
    assert len(meeting.table().beginnings) == 1
    assert any("another charter" in err.what for _, err in meeting.table().aside)


def test_a_restart_has_fresh_everything_and_never_rejoins_what_it_left() -> None:
    meeting = started()
    meeting.round()
    before = own_of(meeting, HONEST)
    outcome = begin(meeting.trustees[HONEST], meeting.table(), meeting.states[HONEST])
    assert isinstance(outcome, Write)
    after = outcome.state.own
    assert after is not None
    assert after.ceremony_id != before.ceremony_id
    assert set(after.coefficients).isdisjoint(before.coefficients)
    assert after.transport_key != before.transport_key
    assert outcome.state.left == (before.ceremony_id,)
    kept = decode_state(encode_state(State(outcome.state.left)))
    assert isinstance(step(meeting.trustees[HONEST], meeting.table(), kept), Waiting)


def test_after_a_complaint_the_others_join_the_new_beginning_by_themselves() -> None:
    meeting = started()
    for _ in range(2):
        meeting.round()
    own = own_of(meeting, CROOK)
    meeting.lay(Complaint.kind, encode_body(Complaint(own.ceremony_id, 3, 2, own.transport_key)), CROOK)
    meeting.begin(VICTIM)
    done = meeting.finish()
    assert all(isinstance(outcome, Done) for outcome in done)
    assert own_of(meeting, HONEST).ceremony_id != own.ceremony_id
    assert own.ceremony_id in meeting.states[HONEST].left


def test_complaint_after_all_have_signed_the_record_undoes_nothing() -> None:
    """Else one trustee could finish with the others, and make the last one throw their share away."""
    meeting = started()
    for _ in range(3):
        meeting.round()
    own = own_of(meeting, CROOK)
    late = Complaint(own.ceremony_id, 3, 2, own_of(meeting, HONEST).transport_key or bytes(32))
    meeting.lay(Complaint.kind, encode_body(late), CROOK)
    second = Commitment(own.ceremony_id, 3, bytes(32))
    meeting.lay(second.kind, encode_body(second), CROOK)
    for name in (HONEST, VICTIM):
        assert isinstance(meeting.run(name), Done)


def test_machine_that_lost_its_memory_does_not_write_a_second_paper() -> None:
    meeting = started()
    meeting.round()
    meeting.states[HONEST] = State()
    assert_stopped(meeting, HONEST, "not-this-machine", HONEST)


def test_paper_signed_with_a_stolen_key_is_told_to_its_owner() -> None:
    meeting = started()
    own = own_of(meeting, HONEST)
    meeting.lay(
        Dealing.kind, encode_body(Dealing(own.ceremony_id, 1, ((2, bytes(80)), (3, bytes(80))))), HONEST
    )
    assert_stopped(meeting, HONEST, "forged-own", HONEST)


def test_hash_of_round_0_covers_every_part_of_round_1() -> None:
    opening = parse_body(own_of(started(), HONEST).opening)
    assert isinstance(opening, Opening)
    said = h32(
        "round0", opening.ceremony_id, 1, list(opening.points), list(opening.proofs), opening.transport
    )
    assert opening.commitment == Commitment(opening.ceremony_id, 1, said)


def test_signer_of_the_tests_is_the_one_of_the_charter() -> None:
    assert charter_of(3, 2).by_name[CROOK].key == signer(CROOK).public_key.raw
