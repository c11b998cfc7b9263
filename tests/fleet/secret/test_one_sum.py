"""A secret vote has one sum: proposals that would open another are refused, and what is printed beside it."""

import io
from dataclasses import replace

import pytest

from ballot.documents.bodies import Cancel
from ballot.hashing import hash_of
from ballot.rules.rule import Base, Elect, Rule, Tie
from ballot.seeds import code_of
from ballot.shape import LINEAR, Relation, Shape
from tests.ballot.board.election import CONGRESS, HALL, NO, TRUSTEES, YES
from tests.fleet.hall_under_test import ok, refused
from tests.fleet.secret.congress import Congress, SecretHall, dispose

pytestmark = pytest.mark.slow

BOARD = ("board-1", "board-2")


def counted(hall: SecretHall) -> Congress:
    """Closed, with three ballots and a seat whose unit died."""
    congress = Congress(hall).opened()
    congress.vote(YES, YES, NO)
    congress.closed().ended(4)
    ok(congress.hand_in(dispose(congress, 4)), 201)
    congress.follow()
    return congress


def test_a_subtotal_is_refused_in_words(hall: SecretHall) -> None:
    congress = counted(hall)
    tally = congress.tallied()
    for number in (1, 2):
        ok(congress.share(tally, number), 201)

    sentence = refused(congress.browser.get(congress.path("/result?by=group")), 409, "one-aggregate")
    assert "subtotal" in sentence


def test_a_tally_of_fewer_ballots_or_of_another_sum_is_refused(hall: SecretHall) -> None:
    congress = counted(hall)
    tally = congress.tally_body()

    refused(congress.hand_in(replace(tally, counted=2)), 409, "one-aggregate")
    refused(congress.hand_in(replace(tally, aggregate_hash=bytes(32))), 409, "one-aggregate")
    refused(congress.hand_in(replace(tally, root=bytes(32))), 409, "tally-root")
    refused(congress.hand_in(replace(tally, size=tally.size + 9)), 409, "tally-root")


def test_a_tally_waits_for_its_trustees_and_then_for_witnesses(hall: SecretHall) -> None:
    congress = counted(hall)
    tally = congress.tally_body()
    first = ok(congress.hand_in(tally, ("an",)), 201)
    assert "1 of 2" in first["waiting"]["en"]
    second = ok(congress.hand_in(tally, ("binh",)), 201)
    assert "witnesses" in second["waiting"]["en"]
    third = ok(congress.hand_in(tally, ("w-inside", "w-press")), 201)

    assert third["waiting"] is None
    assert third["names"] == ["an", "binh", "w-inside", "w-press"]
    assert congress.seen()["state"] == "tallied"


def test_a_second_tally_is_refused_and_so_is_a_cancellation_after_it(hall: SecretHall) -> None:
    congress = counted(hall)
    congress.tallied()
    hall.clock.step(6000)
    later = congress.tally_body(congress.witness())

    refused(congress.hand_in(later), 409, "second-tally")
    cancel = Cancel(CONGRESS, HALL, congress.contest, "đổi ý")
    refused(congress.hand_in(cancel), 409, "too-late-to-cancel")


def test_a_share_waits_until_witnesses_have_seen_the_tally_in_the_log(hall: SecretHall) -> None:
    congress = counted(hall)
    tally = congress.tallied(witnessed=False)
    refused(congress.share(tally, 1), 409, "share-before-witnesses")
    hall.clock.step(6000)
    congress.witness()

    assert ok(congress.share(tally, 1), 201)["kind"] == "share/1"


def test_a_share_that_does_not_hold_or_comes_twice_is_refused(hall: SecretHall) -> None:
    congress = counted(hall)
    tally = congress.tallied()
    wrong = congress.election.share(tally, 1, secret=12345)
    refused(congress.hand_in(wrong, (TRUSTEES[0],)), 409, "bad-share")
    ok(congress.share(tally, 1), 201)
    again = congress.election.share(tally, 1)
    refused(congress.hand_in(again, (TRUSTEES[0],)), 409, "second-share")
    refused(congress.hand_in(congress.election.share(tally, 2), (TRUSTEES[0],)), 422, "too-few-signatures")

    assert (congress.seen()["shares"], congress.seen()["has_result"]) == (1, False)


def test_a_result_that_says_otherwise_is_not_certified(hall: SecretHall) -> None:
    congress = counted(hall)
    tally = congress.tallied()
    for number in (1, 2):
        ok(congress.share(tally, number), 201)
    result = congress.result_body()
    refused(congress.hand_in(replace(result, counts=(3, 0, 0)), BOARD), 409, "other-result")
    refused(congress.hand_in(replace(result, outcome="not-carried"), BOARD), 409, "other-result")
    refused(congress.hand_in(replace(result, order=(1,)), BOARD), 409, "other-result")

    assert ok(congress.hand_in(result, ("board-1",)), 201)["waiting"] is not None
    assert ok(congress.hand_in(result, ("board-2",)), 201)["waiting"] is None


def test_the_protocol_prints_what_the_sum_stands_on(hall: SecretHall) -> None:
    pypdf = pytest.importorskip("pypdf")
    congress = Congress(hall).opened()
    checking = congress.election.units[0]
    checking.ready()
    checking.prepare(checking.body(YES))
    checking.check(YES)
    congress.vote(YES, YES, NO)
    congress.closed().ended(4)
    ok(congress.hand_in(dispose(congress, 4, "Bàn phím hỏng")), 201)
    congress.follow()
    tally = congress.tallied()
    for number in (1, 2):
        ok(congress.share(tally, number), 201)

    def text(form: str) -> str:
        content = congress.browser.get(congress.path(f"/result?format={form}")).content
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)

    protocol, annex = text("pdf"), text("annex")
    assert "Tán thành" in protocol
    assert tally.hash.hex()[:16] in protocol.replace("\n", "").replace(" ", "")
    assert "Bàn phím hỏng" in annex
    assert congress.election.units[3].voter.hex()[:12] in annex.replace("\n", "")
    table = congress.browser.get(congress.path("/result?format=csv")).content.decode("utf-8-sig")
    assert f"disposition,{congress.election.units[3].voter.hex()},Bàn phím hỏng" in table
    assert f"unit,{checking.voter.hex()},1,0,0" in table
    assert (
        congress.browser.get(congress.path("/result?format=annex")).content
        == congress.browser.get(congress.path("/result?format=annex")).content
    )


def test_a_tie_is_decided_by_the_order_that_the_board_certifies(hall: SecretHall) -> None:
    fields = {"elect": "top", "base": "valid", "num": 0, "den": 1, "seats": 1, "tie": "lot"}
    rule = Rule("own", Elect.TOP, Base.VALID, 0, 1, seats=1, tie=Tie.LOT)
    congress = Congress(hall, preset=None, rule=fields, persons=["Lan", "Minh", "Nga"])
    shape = Shape(("lan", "minh", "nga"), (Relation(((0, 1), (1, 1), (2, 1)), 1, 1, LINEAR),))
    election = congress.election
    election.manifest = replace(election.manifest, shape=shape, labels=("Lan", "Minh", "Nga"), rule=rule)
    congress.opened()
    congress.vote((1, 0, 0), (0, 1, 0))
    congress.closed().ended(3, 4)
    for number in (3, 4):
        ok(congress.hand_in(dispose(congress, number)), 201)
    congress.follow()
    tally = congress.tallied()
    for number in (1, 2):
        ok(congress.share(tally, number), 201)
    assert ok(congress.browser.get(congress.path("/result")))["outcome"] == "tie"
    certified = replace(congress.result_body(), order=(2, 1), outcome="elected elected=2")
    refused(congress.hand_in(replace(certified, order=(1, 2)), BOARD), 409, "other-result")
    ok(congress.hand_in(certified, BOARD), 201)
    result = ok(congress.browser.get(congress.path("/result")))

    assert (result["outcome"], result["order"], result["state"]) == ("elected", [2, 1], "certified")
    assert [each["name"] for each in result["persons"] if each["elected"]] == ["Minh"]


def test_where_votes_may_change_the_annex_names_the_code_that_counts_and_how_often_was_cast(
    hall: SecretHall,
) -> None:
    congress = Congress(hall)
    congress.election.manifest = replace(congress.election.manifest, revote="until-close")
    congress.opened()
    congress.vote(YES, NO)
    unit = congress.election.units[0]
    final = unit.body(NO)
    unit.prepare(final)
    unit.cast(final)
    congress.closed().ended()
    tally = congress.tallied()
    for number in (1, 2):
        ok(congress.share(tally, number), 201)
    listings = {
        each["key"]: each["rows"] for each in ok(congress.browser.get(congress.path("/result")))["annex"]
    }

    code = code_of(congress.election.manifest.hash, unit.voter, 0, 2, hash_of(final))
    assert [unit.voter.hex(), code, "2"] in listings["code"]
    assert [row[2] for row in listings["code"]].count("1") == 1
