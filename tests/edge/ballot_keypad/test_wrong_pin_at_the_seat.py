"""Somebody types a PIN that is not that of the badge; the power goes, the disk is full, the person leaves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire.lane
from edge.ballot_keypad.display.drawing.picture import SIZES, parts
from edge.ballot_keypad.display.page import lines
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.unlock import lock
from edge.ballot_keypad.unlock.asked import Ask, Asked
from edge.ballot_keypad.unlock.lock import PAUSE_MS, Note, Unlock
from edge.ballot_keypad.unlock.tries import SLEEP_MS, WRONG_MAX, Tries, kept_tries
from edge.ballot_keypad.unlock.view import page
from wire.ids import MemberRef
from wire.unlock import Code

LAN, MINH = MemberRef(b"l" * 16), MemberRef(b"m" * 16)
CODE = Code(LAN, 417, "068915")
ASKED = Asked(Ask.PIN, CODE)
NOW = 50_000


class Person:
    """At a seat whose shell keeps what it is asked to keep, and can lose its power."""

    def __init__(self, asked: Asked = ASKED, question: str = "q1") -> None:
        self.now_ms, self.disk, self.disk_is_full = NOW, None, False
        self.writes: list[bytes] = []
        self.at = lock.questioned(lock.told(Unlock(), asked), question)

    def press(self, *buttons: Button) -> "Person":
        for button in buttons:
            self.at, save = lock.pressed(self.at, button, self.now_ms)
            while save:
                if self.disk_is_full:
                    self.at, save = lock.not_saved(self.at), False
                    break
                self.disk = self.at.kept(self.now_ms)
                self.writes.append(self.disk)
                self.at, save = lock.saved(self.at)
        return self

    def type(self, digits: str) -> "Person":
        return self.press(*(Button(digit) for digit in digits), Button.OK)

    def wait(self, ms: int) -> "Person":
        self.now_ms += ms
        self.at = lock.aged(self.at, self.now_ms)
        return self

    def lose_power(self, asked: Asked = ASKED) -> "Person":
        """The clock of the next start begins anew."""
        question, self.now_ms = self.at.question, 1_000
        self.at = lock.told(Unlock(tries=kept_tries(self.disk, self.now_ms)), asked)
        self.at = lock.questioned(self.at, question)
        return self

    @property
    def says(self) -> str:
        return " | ".join(lines(page(self.at, self.now_ms, "A-12", "vi+en")))


@pytest.fixture
def person() -> Person:
    return Person()


def test_the_right_pin_opens_the_seat_for_this_question_and_for_no_other(person: Person) -> None:
    assert not person.at.is_open
    assert person.type(CODE.pin).at.is_open
    person.at = lock.questioned(person.at, "")
    person.at = lock.questioned(person.at, "q1")
    assert person.at.is_open  # held, and open again
    person.at = lock.questioned(person.at, "q2")
    assert not person.at.is_open
    assert person.type(CODE.pin).at.is_open


def test_a_sitting_that_asks_for_nothing_leaves_every_seat_open() -> None:
    person = Person(Asked())
    assert person.at.is_open
    assert person.type("123456").at == Person(Asked()).at


def test_the_fifth_wrong_pin_makes_the_unit_sleep_even_for_the_right_one(person: Person) -> None:
    for left in range(WRONG_MAX - 1, 0, -1):
        person.type("068916")
        assert person.at.note is Note.WRONG
        assert f"còn {left} lần" in person.says
    person.type("068916")
    assert "Đợi 5 phút" in person.says
    assert "usher" in person.says
    assert not person.type(CODE.pin).at.is_open
    person.wait(SLEEP_MS - 1)
    assert "Đợi 1 phút" in person.says
    assert not person.type(CODE.pin).at.is_open
    assert person.wait(1).type(CODE.pin).at.is_open


def test_wrong_pins_are_forgiven_after_five_minutes_and_by_the_right_one(person: Person) -> None:
    for _ in range(WRONG_MAX - 1):
        person.type("000000")
    person.wait(SLEEP_MS).type("000000")
    assert person.at.tries.left(person.now_ms) == WRONG_MAX - 1
    person.type(CODE.pin)
    assert person.at.tries == Tries(LAN)


@pytest.mark.parametrize("tries", range(1, 12))
def test_pulling_the_plug_after_each_try_gives_nobody_another_one(person: Person, tries: int) -> None:
    compared = 0
    for number in range(tries):
        asleep = person.at.tries.wait_ms(person.now_ms)
        person.type(f"{number:06}")
        compared += not asleep
        person.lose_power()
    assert compared == min(tries, WRONG_MAX)
    assert bool(person.at.tries.wait_ms(person.now_ms)) is (tries >= WRONG_MAX)


def test_a_restart_begins_the_wait_anew_and_never_shortens_it(person: Person) -> None:
    for _ in range(WRONG_MAX):
        person.type("000000")
    person.wait(SLEEP_MS - 1000).lose_power()
    assert not person.wait(SLEEP_MS - 1).type(CODE.pin).at.is_open
    assert person.wait(1).type(CODE.pin).at.is_open


def test_a_power_cut_between_keeping_and_comparing_has_cost_the_try(person: Person) -> None:
    person.press(*(Button(digit) for digit in CODE.pin))
    at, save = lock.pressed(person.at, Button.OK, person.now_ms)
    assert save
    assert not at.is_open
    person.disk = at.kept(person.now_ms)
    person.lose_power()
    assert not person.at.is_open
    assert person.at.tries.left(person.now_ms) == WRONG_MAX - 1


def test_who_typed_the_right_one_at_last_does_not_find_the_unit_asleep_after_a_restart(
    person: Person,
) -> None:
    for _ in range(WRONG_MAX - 1):
        person.type("000000")
    assert person.type(CODE.pin).at.is_open
    assert person.lose_power().type(CODE.pin).at.is_open


def test_a_full_disk_compares_nothing_and_says_so(person: Person) -> None:
    person.disk_is_full = True
    person.type(CODE.pin)
    assert not person.at.is_open
    assert "CHƯA KIỂM ĐƯỢC" in person.says
    for _ in range(WRONG_MAX - 1):
        person.type("000000")
    assert person.at.tries.wait_ms(person.now_ms) == SLEEP_MS


def test_half_a_pin_is_not_left_for_the_next_person(person: Person) -> None:
    person.press(Button.DIGIT_0, Button.DIGIT_6, Button.DIGIT_8).wait(PAUSE_MS - 1)
    assert person.at.typed == "068"
    assert person.wait(1).at.typed == ""
    person.press(Button.DIGIT_1, Button.DIGIT_2, Button.BACK)
    assert person.at.typed == "1"
    assert person.press(Button.CLEAR).at.typed == ""
    person.press(Button.DIGIT_1)
    assert lock.questioned(person.at, "q2").typed == ""


def test_five_digits_are_no_try_and_a_seventh_is_none_either(person: Person) -> None:
    person.type("06891")
    assert person.at.note is Note.SHORT
    assert person.writes == []
    assert person.press(Button.CLEAR).type(CODE.pin + "3").at.is_open


def test_somebody_else_at_the_seat_has_tries_of_their_own_and_a_new_badge_has_not(person: Person) -> None:
    person.type(CODE.pin)
    for _ in range(WRONG_MAX):
        person.at = lock.questioned(person.at, "q2")
        person.type("000000")
    newer = Asked(Ask.PIN, Code(LAN, 418, "777777"))
    person.at = lock.told(person.at, newer)
    assert not person.type("777777").at.is_open
    person.at = lock.told(person.at, Asked(Ask.PIN, Code(MINH, 12, "222222")))
    assert not person.at.is_open
    assert person.type("222222").at.is_open


def test_the_same_twin_again_disturbs_nobody_who_types(person: Person) -> None:
    person.press(Button.DIGIT_0, Button.DIGIT_6)
    assert lock.told(person.at, Asked(Ask.PIN, Code(LAN, 417, "068915"))) == person.at
    person.press(Button.CLEAR).type(CODE.pin)
    assert lock.told(person.at, replace(ASKED)).is_open


def test_another_badge_of_the_same_member_locks_the_seat_again(person: Person) -> None:
    person.type(CODE.pin)
    person.at = lock.told(person.at, Asked(Ask.PIN, Code(LAN, 418, "777777")))
    assert not person.at.is_open


def test_every_comparison_is_of_all_six_digits_in_constant_time(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    real = wire.lane.hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(wire.lane.hmac, "compare_digest", counted)
    person.type("968915").type("068914").type(CODE.pin)
    assert compared == [(6, 6)] * 3


def test_neither_display_nor_disk_nor_a_printed_state_says_what_was_typed(person: Person) -> None:
    person.press(*(Button(digit) for digit in CODE.pin))
    said = person.says + repr(person.at)
    person.press(Button.OK)
    said += repr(person.at) + b"".join(person.writes).hex()
    assert CODE.pin not in said
    assert CODE.pin.encode().hex() not in said
    assert str(CODE.serial) not in said


@pytest.mark.parametrize("language", ["vi", "en", "vi+en"])
def test_every_page_fits_the_glass_and_typed_digits_are_dots(person: Person, language: str) -> None:
    person.press(Button.DIGIT_0, Button.DIGIT_6)
    typing = page(person.at, person.now_ms, "A-12", language)
    assert typing.large == "••____"
    asleep = Person()
    for _ in range(WRONG_MAX):
        asleep.type("000000")
    seats = [person.at, person.type("11").at, asleep.at]
    seats += [lock.told(Unlock(), Asked(ask)) for ask in Ask if ask not in (Ask.NOTHING, Ask.PIN)]
    for seat in seats:
        shown = page(seat, NOW, "A-12", language)
        assert all(line.strip() for line in lines(shown))
        for size in SIZES:
            assert parts(shown, size) <= (4 if language == "vi+en" else 2)


@given(st.lists(st.sampled_from(Button), max_size=40), st.integers(0, 4))
def test_no_presses_open_a_seat_but_the_six_digits_and_ok(buttons: list[Button], wrong: int) -> None:
    person = Person()
    for _ in range(wrong):
        person.type("111111")
    typed = ""
    for button in buttons:
        was_open = person.at.is_open
        asleep = bool(person.at.tries.wait_ms(person.now_ms))
        person.press(button)
        if person.at.is_open and not was_open:
            assert button is Button.OK
            assert typed == CODE.pin
            assert not asleep
        if button.digit is not None and not asleep:
            typed = (typed + str(button.digit))[:6]
        elif button is Button.BACK:
            typed = typed[:-1]
        elif button is Button.CLEAR or (button is Button.OK and len(typed) == 6):
            typed = ""
