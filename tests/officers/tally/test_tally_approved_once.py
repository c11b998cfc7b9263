"""Rules 16 and 18: a trustee signs one tally of a contest, after checking all, whatever is restored."""

from dataclasses import replace

import pytest

from ballot.board.verdicts import Accept
from ballot.documents.bodies import Cancel, Close, Disposition, Share, Tally
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.opened import opened
from ballot.errors import BadDocument
from ballot.hashing import hash_of
from officers.errors import NotConfirmed
from officers.tally import acts
from officers.tally.words import TallyRefused
from tests.ballot.board.election import (
    CHARTER,
    CLOSED_S,
    CONGRESS,
    HALL,
    NO,
    YES,
    Election,
    signed,
    signer,
)
from tests.ballot.board.unit import Unit
from tests.officers.tally.trustee import Script, Trustee, document
from wire.board import Cast, End


def voted(voters_n: int = 3, **changes: object) -> Election:
    election = Election(voters_n, **changes).open()  # type: ignore[arg-type]
    for number, unit in enumerate(election.units):
        unit.vote(YES if number % 2 == 0 else NO)
    return election.ended()


def refused(trustee: Trustee, **request: object) -> str:
    """The words of a refusal; nothing of a tally is remembered then."""
    with pytest.raises(TallyRefused):
        trustee.approve(**request)  # type: ignore[arg-type]
    assert not [line for line in trustee.stick.lines if line.startswith("tally")]
    return trustee.said


def log_tally(election: Election, names: tuple[str, ...] = ("an", "binh", "w-inside", "w-press")) -> Tally:
    tally = election.tally()
    assert election.publish(tally, names) == []
    election.checkpoint(CLOSED_S + 90)
    return tally


def test_a_unit_that_wakes_up_behind_the_tally_takes_no_share_back() -> None:
    election = Election(3).open()
    for unit in election.units:
        unit.vote(YES)
    assert election.close() == []
    for unit in election.units[:2]:
        unit.end()
    silent = election.units[2]
    assert election.publish(Disposition(CONGRESS, election.contest, ((silent.voter, "left"),))) == []
    election.checkpoint(CLOSED_S + 60)
    log_tally(election)
    assert isinstance(silent.end(), Accept), "the unit was found and switched on again"
    election.checkpoint(CLOSED_S + 120)

    assert Trustee(election, "an").share()


def test_two_trustees_sign_the_same_tally_and_any_two_shares_give_the_counts() -> None:
    election = voted()
    an, chi = Trustee(election, "an"), Trustee(election, "chi")
    first = an.approve()
    second = chi.approve(proposed=first)
    found = document(second)
    assert found.names == ("an", "chi")
    for name in ("w-inside", "w-press"):
        found = with_signature(found, name, signer(name))
    assert election.document(encode_document(found), "tally/1", election.contest) == []
    election.checkpoint(CLOSED_S + 90)
    shares = [an.share(), chi.share()]
    for share in shares:
        opened(share, CHARTER, Share, election.contest)
    result = acts.result(an.desk, election.export(), "hall.log", None, shares)
    assert (result.counts, result.trustees) == ((2, 1, 0), (1, 3))
    assert "GHI BIÊN BẢN" in an.said


def test_the_head_moved_on_and_the_second_trustee_still_signs_the_first_tally() -> None:
    election = voted()
    first = Trustee(election).approve()
    election.checkpoint(CLOSED_S + 200)
    election.store_beacon()
    election.checkpoint(CLOSED_S + 210)
    assert document(Trustee(election, "binh").approve(proposed=first)).names == ("an", "binh")


def test_asked_again_for_the_same_tally_it_signs_the_same() -> None:
    election = voted()
    trustee = Trustee(election)
    assert trustee.approve() == trustee.approve()


@pytest.mark.parametrize("restored", ["laptop", "stick"])
def test_one_place_restored_from_a_backup_still_remembers(restored: str) -> None:
    """N / N+1: the same contest once with one voter more. The difference would be that voter's ballot."""
    election = voted()
    trustee = Trustee(election)
    trustee.approve()
    getattr(trustee, restored).forget()
    head = [line for line in trustee.laptop.lines | trustee.stick.lines if line.startswith("tally")]
    assert head
    grown = voted(4)
    with pytest.raises(TallyRefused):
        trustee.approve(election=grown)


def test_a_second_tally_of_the_same_contest_is_refused_for_what_is_remembered() -> None:
    election = voted()
    trustee = Trustee(election)
    trustee.approve()
    election.store_beacon()
    election.checkpoint(CLOSED_S + 100)
    with pytest.raises(TallyRefused):
        trustee.approve()  # a new head makes another tally document
    assert "only ever one" in trustee.said


def test_both_places_restored_the_log_still_knows_the_first_tally() -> None:
    election = voted()
    trustee = Trustee(election)
    log_tally(election)
    assert "holds another tally" in refused(trustee)


def test_a_head_below_the_last_one_seen_is_refused() -> None:
    election = voted()
    trustee = Trustee(election)
    early = (election.export(), election.cosigned[-1])
    trustee.approve()
    election.store_beacon()
    election.checkpoint(CLOSED_S + 100)
    trustee.stick.remember({f"head {HALL} {election.tree.size}": election.tree.root()})
    with pytest.raises(TallyRefused) as caught:
        trustee.approve(*early)
    assert caught.value.why == "cut"


def test_another_log_of_the_same_length_is_refused() -> None:
    election, other = voted(), voted(seed=8)
    trustee = Trustee(election)
    trustee.laptop.remember({f"head {HALL} {other.tree.size}": other.tree.root()})
    with pytest.raises(TallyRefused) as caught:
        trustee.approve()
    assert caught.value.why == "forked"


def test_what_was_seen_of_another_hall_stands_in_no_halls_way() -> None:
    """A trustee is of the congress: the log of each hall has sizes and roots of its own."""
    election = voted()
    trustee = Trustee(election)
    for memory in (trustee.laptop, trustee.stick):
        memory.remember({"head hall-2 99999": bytes(32), f"head hall-2 {election.tree.size}": bytes(32)})
    assert trustee.approve()


def test_a_paper_of_another_kind_is_not_signed_as_a_tally() -> None:
    election = voted()
    wrong = Document("result/1", election.tally().encode())
    trustee = Trustee(election)
    with pytest.raises(BadDocument) as caught:
        trustee.approve(proposed=encode_document(with_signature(wrong, "binh", signer("binh"))))
    assert caught.value.why == "other-kind"
    assert trustee.stick.lines == {}


def test_a_close_that_names_a_state_from_before_the_opening_is_refused() -> None:
    election = Election(3)
    point = election.checkpoint(CLOSED_S - 5)
    election.open()
    for unit in election.units:
        unit.vote(YES)
    close = Close(CONGRESS, HALL, election.contest, point.size, point.root, CLOSED_S * 1000)
    assert election.publish(close) == []
    election.checkpoint(CLOSED_S + 3)
    for unit in election.units:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    assert "from before the opening" in refused(Trustee(election))


def test_a_witness_of_the_fleet_alone_makes_no_close_timely() -> None:
    """The fleet holds the close back, takes more ballots, and has its own witness say an earlier time."""
    election = Election(3).open()
    for unit in election.units:
        unit.vote(YES)
    point = election.checkpoint(CLOSED_S - 5)
    close = Close(CONGRESS, HALL, election.contest, point.size, point.root, CLOSED_S * 1000)
    assert election.publish(close) == []
    election.checkpoint(CLOSED_S + 3, ("w-inside",))
    for unit in election.units:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    assert "within 10 seconds" in refused(Trustee(election))


def test_a_second_end_behind_the_tally_takes_no_share_back() -> None:
    election = voted()
    log_tally(election)
    assert isinstance(election.units[0].end(), Accept)
    election.checkpoint(CLOSED_S + 120)
    assert Trustee(election).share()


def test_a_key_that_is_bound_behind_the_tally_takes_no_share_back() -> None:
    election = voted()
    log_tally(election)
    assert election.bind(Unit(election, election.units[0].voter, 1)) == []
    election.checkpoint(CLOSED_S + 120)
    trustee = Trustee(election)
    assert trustee.share()
    assert acts.view(trustee.desk, election.export(), "hall.log") == 0
    assert "FAULT" not in trustee.said


def test_a_key_that_is_bound_before_the_tally_owes_an_end_of_its_own() -> None:
    election = voted()
    assert election.bind(Unit(election, election.units[0].voter, 1)) == []
    election.checkpoint(CLOSED_S + 70)
    assert election.units[0].voter.hex() in refused(Trustee(election))


def test_a_truncated_board_is_refused() -> None:
    election = voted()
    trustee = Trustee(election)
    with pytest.raises(TallyRefused) as caught:
        trustee.approve(election.export(election.leaves[:-2]))
    assert caught.value.why == "bad-note"
    assert "holds" in caught.value.what


def test_a_note_that_too_few_witnesses_signed_is_refused() -> None:
    election = voted()
    election.checkpoint(CLOSED_S + 100, ("w-inside",))
    with pytest.raises(TallyRefused) as caught:
        Trustee(election).approve()
    assert caught.value.why == "note-unwitnessed"


def test_a_dropped_end_is_refused_until_the_counting_board_decides() -> None:
    election = Election(3).open()
    for unit in election.units:
        unit.vote(YES)
    election.close()
    for unit in election.units[1:]:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    assert election.units[0].voter.hex() in refused(Trustee(election))
    rows = ((election.units[0].voter, "unit broke after the close"),)
    election.publish(Disposition(CONGRESS, election.contest, rows))
    election.checkpoint(CLOSED_S + 70)
    assert document(Trustee(election).approve()).names == ("an",)


def test_a_dropped_last_revote_is_refused() -> None:
    """The store takes the end of a unit and not the cast before it: the unit's chain shows the hole."""
    election = Election(3, revote="until-close").open()
    for unit in election.units:
        unit.vote(YES)
    unit = election.units[0]
    body = unit.body(NO)
    unit.prepare(body)
    dropped = unit.sealed(Cast(unit.seq, body))
    unit.n, unit.prev, unit.last_cast = unit.n + 1, hash_of(dropped), hash_of(body)
    election.close()
    election.leaf(unit.sealed(End(unit.last_cast)))
    for other in election.units[1:]:
        other.end()
    election.checkpoint(CLOSED_S + 60)
    assert "broken-chain" in refused(Trustee(election))


def test_a_late_witness_needs_a_decision_of_the_counting_board() -> None:
    election = Election(3).open()
    for unit in election.units:
        unit.vote(YES)
    election.close(late_s=11)
    for unit in election.units:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    assert "within 10 seconds" in refused(Trustee(election))
    election.publish(Disposition(CONGRESS, election.contest, ((None, "network was down"),)))
    election.checkpoint(CLOSED_S + 70)
    assert Trustee(election).approve()


def test_fewer_ballots_than_the_minimum_are_never_opened() -> None:
    election = Election(3, min_anonymity=3).open()
    for unit in election.units[:2]:
        unit.vote(YES)
    election.ended()
    assert "below the minimum" in refused(Trustee(election))


def test_a_cancelled_contest_is_never_opened() -> None:
    election = voted()
    election.publish(Cancel(CONGRESS, HALL, election.contest, "wrong list"))
    election.checkpoint(CLOSED_S + 70)
    assert "called off" in refused(Trustee(election))


def test_every_fault_of_the_log_is_said_and_one_is_enough() -> None:
    election = voted()
    leaves = list(election.leaves)
    for at in (len(leaves) - 1, len(leaves) - 2):
        leaves[at] = leaves[at][:-1] + bytes([leaves[at][-1] ^ 1])
    election.leaves = leaves
    trustee = Trustee(election)
    with pytest.raises(TallyRefused):
        trustee.approve()


def test_a_tally_of_one_ballot_less_is_refused() -> None:
    election = voted()
    wrong = signed(replace(election.tally(), counted=2), ("binh",))
    assert "3 ballots count here, 2 there" in refused(Trustee(election), proposed=wrong)


def test_who_does_not_type_the_fingerprint_signs_nothing() -> None:
    election = voted()
    trustee = Trustee(election, typed="AAAA")
    with pytest.raises(NotConfirmed):
        trustee.approve()
    assert trustee.stick.lines == {}


def test_a_key_that_is_not_the_charters_signs_nothing() -> None:
    election = voted()
    trustee = Trustee(election)
    trustee.stick.name = "board-1"
    with pytest.raises(TallyRefused) as caught:
        trustee.approve()
    assert caught.value.why == "not-a-trustee"


def test_no_share_before_the_tally_stands_under_a_newer_witnessed_head() -> None:
    election = voted()
    trustee = Trustee(election)
    with pytest.raises(TallyRefused):
        trustee.share()
    assert "No tally stands in the log" in trustee.said
    note = election.cosigned[-1]
    log_tally(election)
    with pytest.raises(TallyRefused):
        trustee.share(note=note)
    assert "has not seen the tally" in trustee.said
    assert trustee.share()


def test_two_quorums_two_tallies_no_share() -> None:
    """A fleet that got another tally signed by others finds this trustee's memory in the way."""
    election = voted()
    trustee = Trustee(election)
    trustee.approve()
    election.store_beacon()
    election.checkpoint(CLOSED_S + 80)
    log_tally(election, ("binh", "chi", "w-inside", "w-press"))
    with pytest.raises(TallyRefused):
        trustee.share()
    assert "only ever one" in trustee.said


def test_a_share_of_another_election_key_is_not_given() -> None:
    election = voted()
    trustee = Trustee(election)
    log_tally(election)
    trustee.stick.secret += 1
    with pytest.raises(TallyRefused) as caught:
        trustee.share()
    assert caught.value.why == "other-share"


def test_memory_is_written_before_the_signature_exists() -> None:
    election = voted()
    trustee = Trustee(election)

    class Full(type(trustee.laptop)):  # type: ignore[misc]
        def remember(self, lines: object) -> None:
            raise TallyRefused("laptop-differs", line="disk full")

    trustee.laptop = Full()
    with pytest.raises(TallyRefused):
        trustee.approve()
    assert "MINUTES" not in trustee.said


def test_a_whole_election_with_its_own_charter_is_refused() -> None:
    own = replace(CHARTER, board_quorum=2, witness_quorum=1)
    election = Election(3, charter=own).open()
    for unit in election.units:
        unit.vote(YES)
    election.ended()
    trustee = Trustee(election)
    assert "another charter" in refused(trustee)


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x80", b"hallward", bytes(100)])
def test_a_file_that_is_no_export_is_refused_in_words(data: bytes) -> None:
    election = voted()
    with pytest.raises(TallyRefused) as caught:
        Trustee(election).approve(data)
    assert caught.value.why == "unreadable"


def test_fewer_than_k_shares_give_no_result() -> None:
    election = voted()
    log_tally(election)
    trustee = Trustee(election)
    with pytest.raises(TallyRefused) as caught:
        acts.result(trustee.desk, election.export(), "hall.log", None, [trustee.share()])
    assert caught.value.why == "few-shares"


def test_view_needs_no_key_and_tells_everything() -> None:
    election = voted()
    trustee = Trustee(election)
    assert acts.view(trustee.desk, election.export(), "hall.log") == 0
    assert "3 ballots count" in trustee.said
    assert isinstance(trustee.person, Script)
