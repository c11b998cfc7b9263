"""What a delegate sees is what has happened to the vote, and nothing better."""

import io

import pytest

from edge.ballot_keypad.adapters.console_screen import ConsoleScreen
from edge.ballot_keypad.display.page import Page, lines
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.open.ballot import PRESS, REST, Ballot, State, Vote, pressed
from edge.ballot_keypad.open.view import TEXT, Surroundings, page
from wire.down import CommandMessage, Twin

STATES = ("prepared", "open", "held", "closed", "certified")


def test_a_vote_is_chosen_confirmed_stored_and_recorded(voting_seat, fleet):
    seat = voting_seat()
    assert (seat.state, seat.votes) == ("open", [])
    assert "Adopt?" in seat.screen
    seat.press("yes")
    assert seat.state == "chosen"
    assert "Press OK" in seat.screen
    assert seat.votes == []
    seat.press("ok")
    assert seat.votes == ["yes"]
    assert seat.state == "recorded"
    assert "Đã ghi nhận | Recorded" in seat.screen


def test_recorded_is_shown_only_after_a_receipt_that_covers_the_vote(voting_seat, fleet, device):
    seat = voting_seat()
    fleet.answers = False
    seat.press("no", "ok")
    assert seat.votes == ["no"]
    assert seat.state == "stored"
    assert "Đã lưu, đang gửi… | Stored, sending…" in seat.screen
    assert "Recorded" not in seat.screen
    fleet.receipt(1, device.runtime.outbox.epoch, digest=b"x" * 32)
    device.settle()
    assert seat.state == "stored"
    fleet.receipt(1, device.runtime.outbox.epoch)
    device.settle()
    assert seat.state == "recorded"


def test_a_cut_off_keypad_keeps_the_vote_and_says_so(voting_seat, device):
    seat = voting_seat()
    device.link.cut()
    device.settle()
    seat.press("abstain", "ok")
    assert seat.state == "stored"
    assert "No connection, votes are kept" in seat.screen
    device.link.heal()
    device.settle()
    assert (seat.state, seat.votes) == ("recorded", ["abstain"])


def test_a_choice_may_be_changed_before_ok_and_cleared(voting_seat):
    seat = voting_seat().press("yes", "no", "clear", "ok")
    assert (seat.state, seat.votes) == ("open", [])
    assert seat.press("yes", "abstain", "ok").votes == ["abstain"]


def test_a_vote_may_be_changed_when_revoting_is_allowed(voting_seat):
    seat = voting_seat(revote=True).press("yes", "ok", "no")
    assert seat.state == "chosen"
    assert seat.press("clear").state == "recorded"
    assert seat.press("no", "ok").votes == ["yes", "no"]
    assert "Không tán thành" in seat.screen


def test_a_vote_may_not_be_changed_when_it_is_final(voting_seat):
    seat = voting_seat(revote=False).press("yes", "ok", "no")
    assert seat.state == "recorded"
    assert "This vote cannot be changed" in seat.screen
    assert seat.press("ok").votes == ["yes"]
    assert "cannot be changed" not in seat.screen


@pytest.mark.parametrize("state", ["prepared", "held", "closed", "certified"])
def test_no_button_does_anything_unless_the_question_is_open(seat, state):
    seat.start().bind().ask(state).press("yes", "ok")
    assert seat.votes == []


def test_what_was_half_chosen_is_forgotten_when_the_question_closes(voting_seat):
    seat = voting_seat().press("yes").ask("closed")
    assert seat.state == "closed"
    assert seat.press("ok").votes == []


def test_a_seat_that_is_nobodys_says_so_and_takes_no_vote(seat):
    seat.start().ask().press("yes", "ok")
    assert "This seat is not assigned" in seat.screen
    assert seat.votes == []
    seat.bind().press("yes", "ok")
    assert seat.votes == ["yes"]


def test_a_vote_stands_in_the_name_of_the_member_of_that_moment(voting_seat, fleet):
    seat = voting_seat().press("yes", "ok")
    seat.bind(b"n" * 16)
    assert seat.state == "open"
    seat.press("no", "ok")
    assert [r.body.member for r in fleet.records] == [b"m" * 16, b"n" * 16]


def test_a_vote_that_is_not_confirmed_at_closing_is_kept_sent_and_never_shown_as_recorded(
    voting_seat, device, fleet
):
    seat = voting_seat()
    device.link.lose = lambda topic: topic.endswith("/rec")
    seat.press("yes", "ok").ask("closed")
    assert seat.state == "late"
    assert "not counted if it arrived late" in seat.screen
    device.link.lose = lambda _: False
    device.pass_ms(5000)
    assert seat.votes == ["yes"]
    assert device.runtime.outbox.marked_seq == 1
    assert seat.state == "late"
    assert seat.restart().state == "late"


def test_a_vote_that_was_recorded_before_closing_stays_recorded(voting_seat):
    seat = voting_seat().press("yes", "ok").ask("closed")
    assert seat.state == "recorded"
    assert seat.restart().state == "recorded"


def test_a_vote_that_was_not_confirmed_before_a_pause_may_be_cast_again_if_revoting_is_allowed(
    voting_seat, fleet
):
    seat = voting_seat(revote=True)
    fleet.answers = False
    seat.press("yes", "ok").ask("held")
    assert seat.state == "held"
    seat.ask("open")
    assert seat.state == "again"
    fleet.answers = True
    seat.press("yes", "ok")
    assert (seat.state, seat.votes) == ("recorded", ["yes", "yes"])


def test_a_final_vote_that_was_not_confirmed_before_a_pause_is_not_contradicted(voting_seat, fleet):
    seat = voting_seat(revote=False)
    fleet.answers = False
    seat.press("yes", "ok").ask("held", revote=False).ask("open", revote=False)
    assert seat.state == "late"
    assert seat.press("no", "ok").votes == ["yes"]


def test_the_next_question_begins_empty(voting_seat):
    seat = voting_seat().press("yes", "ok").ask(question="q2")
    assert seat.state == "open"
    assert seat.press("no", "ok").votes == ["yes", "no"]


def test_a_notice_that_nobody_renews_takes_no_choice_any_more(voting_seat, device):
    seat = voting_seat(expires_in_ms=10_000).press("yes")
    device.pass_ms(11_000)
    assert seat.state == "waiting"
    assert seat.press("yes", "ok").votes == []
    assert seat.ask().press("yes", "ok").votes == ["yes"]


def test_a_store_that_lost_the_vote_makes_recorded_fall_back_to_sending(voting_seat, fleet, device):
    seat = voting_seat().press("yes", "ok")
    fleet.answers = False
    fleet.records.clear()
    fleet.hashes.clear()
    fleet.resend(1, device.runtime.outbox.epoch)
    device.settle()
    assert seat.state == "stored"


def test_a_full_disk_is_told_to_the_person_and_the_vote_may_be_tried_again(voting_seat, device):
    seat = voting_seat()
    device.disk.full = True
    seat.press("yes", "ok")
    assert (seat.state, seat.votes) == ("chosen", [])
    assert "NOT STORED" in seat.screen
    device.disk.full = False
    assert seat.press("ok").votes == ["yes"]
    assert seat.state == "recorded"


def test_identify_shows_the_name_for_a_while(seat, fleet, device):
    seat.start().bind()
    fleet.say(CommandMessage(b"1" * 16, "identify", {}), "keypad-01")
    device.settle()
    assert "keypad-01" in seat.screen
    device.pass_ms(11_000)
    assert seat.screen == "A-12 | Sẵn sàng | Ready"


def test_the_line_of_the_twin_is_shown_while_idle(seat, fleet, device):
    seat.start()
    fleet.say(Twin({"seat": "A-12", "display": "Chào mừng"}), "keypad-01")
    device.settle()
    assert "Chào mừng" in seat.screen


@pytest.mark.parametrize(
    ("language", "has", "lacks"), [("vi", "Sẵn sàng", "Ready"), ("en", "Ready", "Sẵn sàng")]
)
def test_one_language_alone_is_shown_when_it_is_configured(language, has, lacks):
    shown = lines(page(Ballot(), Surroundings("keypad-01", "A-12", "", True), language))
    assert has in shown
    assert lacks not in shown


def test_every_state_has_words_and_every_pair_of_notice_and_vote_a_state():
    assert TEXT.keys() == set(State)
    assert REST.keys() == {(state, vote) for state in STATES for vote in Vote}


def test_ok_and_clear_mean_something_only_when_something_is_chosen():
    assert {state for state, button in PRESS if button in (Button.OK, Button.CLEAR)} == {State.CHOSEN}


@pytest.mark.parametrize("button", Button)
def test_a_keypad_that_never_heard_of_a_question_does_nothing(button):
    assert pressed(Ballot(), button) == (Ballot(), False)


def test_every_press_is_counted_once_whatever_it_does(seat):
    seat.start().press("yes", "ok", "clear")
    assert seat.device.runtime.counters.own == {"keys": 3}


def test_a_question_cannot_steer_a_terminal_or_write_lines_of_its_own():
    paper = io.StringIO()
    ConsoleScreen(paper).show(Page(seat="A-12", title="Adopt?\n\x1b[2JĐã ghi nhận"))
    assert paper.getvalue() == "A-12\nAdopt?  [2JĐã ghi nhận\n"
