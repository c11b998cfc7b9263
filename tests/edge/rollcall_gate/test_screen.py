"""What the display says: short, in two languages, naming only who is welcomed, accusing nobody."""

import re
import unicodedata
from typing import Any, Final, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.rollcall_gate.display.panel import Colour, Icon, Panel, Sound
from edge.rollcall_gate.display.screen import FAULTS, PICTURES, View, code_of, panel, sound_of
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.who import decide
from edge.rollcall_gate.who.badge import read_badge
from edge.rollcall_gate.who.decide import (
    Admitted,
    AlreadyInside,
    Ambiguous,
    AttackSuspected,
    BadBadge,
    Decision,
    LowQuality,
    NoFace,
    NoMatch,
    NotOnRoster,
    NotTheBearer,
    PinLocked,
    Revoked,
    WrongPin,
)
from wire.envelope import Purpose, seal
from wire.ids import CongressId, MemberRef
from wire.lane import Greeting
from wire.signers import Ed25519Signer
from wire.up import Badge, badge_text, encode_up

LANGUAGES: Final = ("vi", "en", "vi+en")
LINE_MAX: Final = 44
SOMEBODY: Final = Greeting("Nguyễn Văn An", "A12")
MEMBER: Final = MemberRef(b"m" * 16)
CODES: Final[dict[Decision, str | None]] = {
    Admitted(MEMBER, "face", 0.9): None,
    NoFace(): None,
    NoMatch(0.2): "no-match",
    Ambiguous(): "ambiguous",
    AttackSuspected(): "attack-suspected",
    LowQuality(Fault.BLURRED): "low-quality",
    NotOnRoster(): "badge-other-congress",
    Revoked("expired"): "badge-expired",
    Revoked("replaced by a newer badge, or withdrawn"): "badge-revoked",
    BadBadge("the signature does not verify"): "badge-forged",
    BadBadge("the badge text is damaged"): "badge-unreadable",
    AlreadyInside(): "already-inside",
    NotTheBearer(): "not-the-bearer",
    WrongPin(): "pin-wrong",
    PinLocked(30): "pin-locked",
}
REFUSALS: Final = [decision for decision, code in CODES.items() if code is not None]


def every_panel(language: str) -> list[Panel]:
    """Each view with all that can be said in it, and the badge lane with each reason."""
    shown = [panel(view, language, greeting=SOMEBODY, seconds=3600, typed=6) for view in View]
    shown += [panel(view, language) for view in View]
    shown += [panel(View.BADGE_LANE, language, decision=decision) for decision in REFUSALS]
    return shown + [panel(View.BADGE_LANE, language, decision=LowQuality(fault)) for fault in Fault]


def test_every_view_has_its_words_its_icon_and_its_sound_in_both_languages() -> None:
    assert set(PICTURES) == set(View)
    assert len({picture.icon for picture in PICTURES.values()}) == len(View)
    for picture in PICTURES.values():
        assert len(picture.vi) == len(picture.en) in (1, 2)
        assert all((*picture.vi, *picture.en))


@pytest.mark.parametrize("language", LANGUAGES)
def test_four_short_lines_are_the_most_that_is_ever_said(language: str) -> None:
    for shown in every_panel(language):
        assert 1 <= len(shown.lines) <= 4, shown
        assert [line for line in shown.lines if len(line) > LINE_MAX or "{" in line] == []


@pytest.mark.parametrize("view", list(View))
def test_two_languages_say_together_what_each_says_alone_and_the_first_comes_first(view: View) -> None:
    both = panel(view, "vi+en", greeting=SOMEBODY, typed=2).lines
    vi = panel(view, "vi", greeting=SOMEBODY, typed=2).lines
    en = panel(view, "en", greeting=SOMEBODY, typed=2).lines
    assert set(both) == {*vi, *en}
    assert both[0] == vi[0]
    assert [line for line in both if line in vi] == list(vi)


def test_vietnamese_is_composed_so_that_no_mark_stands_beside_its_letter() -> None:
    for shown in every_panel("vi+en"):
        assert all(unicodedata.is_normalized("NFC", line) for line in shown.lines)
    decomposed = Greeting(unicodedata.normalize("NFD", "Nguyễn Thị Ế"), "A1")
    assert panel(View.WALK_IN, "vi", greeting=decomposed).lines[0] == "Kính chào Nguyễn Thị Ế."


def test_who_walks_in_is_welcomed_by_name_and_told_the_seat() -> None:
    assert panel(View.WALK_IN, "vi", greeting=SOMEBODY).lines == ("Kính chào Nguyễn Văn An.", "Ghế A12.")
    assert panel(View.WALK_IN, "en", greeting=SOMEBODY).lines == ("Welcome, Nguyễn Văn An.", "Seat A12.")


def test_without_a_greeting_or_with_an_empty_one_people_are_still_let_in_with_a_word() -> None:
    assert panel(View.WALK_IN, "vi").lines == ("Mời vào.",)
    assert panel(View.WALK_IN, "vi", greeting=Greeting("", "")).lines == ("Mời vào.",)
    assert panel(View.WALK_IN, "en", greeting=Greeting("An", "")).lines == ("Welcome, An.",)


def test_a_name_cannot_bring_lines_or_orders_of_its_own() -> None:
    hostile = Greeting("An\nEVACUATE\x1b[2J\u202e{seat}", "A\t1")
    assert panel(View.WALK_IN, "en", greeting=hostile).lines == (
        "Welcome, An EVACUATE [2J {seat}.",
        "Seat A 1.",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_named_but_who_is_being_welcomed(language: str) -> None:
    named = []
    for view in View:
        for decision in CODES:
            said = " ".join(panel(view, language, decision=decision, greeting=SOMEBODY).lines)
            if SOMEBODY.name in said or SOMEBODY.seat in said or str(MEMBER.hex()) in said:
                named.append(view)
    assert set(named) == {View.WALK_IN}


def test_every_kind_of_decision_has_its_code_and_every_refusal_a_sentence_of_its_own() -> None:
    assert {type(decision) for decision in CODES} == set(get_args(decide.Decision))
    assert {decision: code_of(decision) for decision in CODES} == CODES
    for decision in REFUSALS:
        code = code_of(decision)
        assert code is not None
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        for language in ("vi", "en"):
            plain = panel(View.BADGE_LANE, language).lines
            explained = panel(View.BADGE_LANE, language, decision=decision).lines
            assert len(explained) == 2
            assert explained[0] not in plain


def test_every_fault_of_a_look_has_a_sentence_that_says_what_to_do() -> None:
    assert set(FAULTS) == set(Fault)
    assert len(set(FAULTS.values())) == len(Fault)
    shown = panel(View.BADGE_LANE, "vi+en", decision=LowQuality(Fault.TOO_FAR))
    assert shown.lines[:2] == ("Xin lại gần hơn.", "Please come closer.")
    assert shown.icon is Icon.LOOK


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_suspected_attack_looks_exactly_like_a_face_that_is_not_known(language: str) -> None:
    suspected = panel(View.BADGE_LANE, language, decision=AttackSuspected())
    assert suspected == panel(View.BADGE_LANE, language, decision=NoMatch(0.1))
    assert code_of(AttackSuspected()) != code_of(NoMatch(0.1))


def test_no_bystander_reads_that_somebody_is_taken_for_a_cheat() -> None:
    for language in LANGUAGES:
        for shown in every_panel(language):
            said = " ".join((*shown.lines, shown.code)).lower()
            assert not re.search("attack|forge|fake|fraud|spoof|giả|gian|tấn công", said), shown


def test_the_technician_reads_the_code_of_what_is_said_in_the_corner() -> None:
    assert panel(View.BADGE_LANE, "vi", decision=Revoked("expired")).code == "badge-expired"
    assert panel(View.BADGE_LANE, "vi", decision=NotOnRoster()).code == "badge-other-congress"
    assert panel(View.ALREADY_INSIDE, "vi", decision=AlreadyInside()).code == "already-inside"
    assert panel(View.PIN_WAIT, "vi", decision=PinLocked(9)).code == "pin-locked"
    faulty = {View.CAMERA_OUT, View.DOOR_OUT, View.JAMMED, View.NOT_STORED}
    assert {view for view in View if panel(view, "vi").code == view} == faulty | {View.ALREADY_INSIDE}
    assert panel(View.READY, "vi", decision=Revoked("expired")).code == ""


@pytest.mark.parametrize(
    "decision", [Revoked("expired"), Revoked("withdrawn"), NotOnRoster(), BadBadge("x"), NotTheBearer()]
)
def test_whom_another_look_at_the_badge_would_not_help_is_sent_to_the_usher(decision: Decision) -> None:
    shown = panel(View.BADGE_LANE, "vi+en", decision=decision)
    assert shown.icon is Icon.USHER
    assert shown.lines[2:] == ("Xin gặp người hướng dẫn.", "Please see the usher.")


def signer(seed: int) -> Ed25519Signer:
    return Ed25519Signer("registrar", Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def test_a_forged_badge_a_scratched_one_and_another_code_are_told_apart_for_the_technician() -> None:
    badge = Badge(CongressId("congress-1"), MEMBER, 1, 10**12)
    forged = badge_text(seal(encode_up(badge), Purpose.BADGE, signer(7)))
    known: dict[str, Any] = {"registrar": signer(3).public_key, "congress": CongressId("congress-1")}
    codes = [
        code_of(read_badge(text, **known, earliest_now_ms=0, revoked=frozenset()))
        for text in (forged, "HW1:Á", "HW1:A", "WIFI:S:hall;;")
    ]
    assert codes == ["badge-forged", "badge-unreadable", "badge-unreadable", "badge-unreadable"]


def test_an_expired_badge_says_so_as_the_badge_reader_words_it() -> None:
    badge = Badge(CongressId("congress-1"), MEMBER, 1, 1_000)
    text = badge_text(seal(encode_up(badge), Purpose.BADGE, signer(3)))
    known: dict[str, Any] = {"registrar": signer(3).public_key, "congress": CongressId("congress-1")}
    assert code_of(read_badge(text, **known, earliest_now_ms=2_000, revoked=frozenset())) == "badge-expired"
    assert code_of(read_badge(text, **known, earliest_now_ms=0, revoked={1})) == "badge-revoked"


@pytest.mark.parametrize(
    ("typed", "dots"), [(0, "______"), (2, "••____"), (6, "••••••"), (9, "••••••"), (-1, "______")]
)
def test_how_many_digits_of_a_pin_were_typed_is_seen_and_none_of_them(typed: int, dots: str) -> None:
    first, *words = panel(View.PIN_ENTRY, "vi+en", typed=typed).lines
    assert first.replace("\N{NO-BREAK SPACE}", "") == dots
    assert len(words) == 2


def test_a_sleeping_pin_pad_says_for_how_long_and_that_badge_and_usher_are_awake() -> None:
    shown = panel(View.PIN_WAIT, "vi+en", seconds=30)
    assert shown.lines[:2] == ("Xin chờ 30 giây rồi nhập lại mã PIN.", "Please try your PIN again in 30 s.")
    assert shown.lines[3] == "Or show your badge, or see the usher."
    assert panel(View.PIN_WAIT, "vi").lines[0] == "Xin chờ một lát rồi nhập lại mã PIN."


def test_what_is_only_on_the_gates_disk_is_not_called_recorded() -> None:
    """`Đã ghi nhận` is what a keypad says after a receipt; a gate says `Đã lưu`, as it does before."""
    assert panel(View.STORED, "vi+en").lines == ("Đã lưu. Cảm ơn.", "Stored. Thank you.")


def test_colour_and_sound_never_contradict_the_words() -> None:
    assert {view for view in View if panel(view, "vi").colour is Colour.GREEN} == {
        View.WALK_IN,
        View.STORED,
        View.EVACUATION,
    }
    assert {view for view in View if sound_of(view) is Sound.WELCOME} == {View.WALK_IN}
    assert {view for view in View if sound_of(view) is Sound.ALARM} == {View.EVACUATION}
    red = {view for view in View if panel(view, "vi").colour is Colour.RED}
    assert all(sound_of(view) is not Sound.SILENCE for view in red)
    assert sound_of(View.BADGE_LANE) is Sound.ATTENTION


def test_at_the_pad_the_number_is_read_back_and_the_pin_is_not() -> None:
    assert panel(View.PIN_ENTRY, "en", number="12").lines == ("12", "Type your badge number, then press E.")
    assert panel(View.PIN_ENTRY, "vi", number="").lines == ("_", "Nhập số thẻ, rồi bấm E.")
    assert panel(View.PIN_ENTRY, "en", typed=2).lines[0].count("•") == 2
