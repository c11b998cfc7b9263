"""A unit that is nobody's yet: its QR code is read by a machine from the very pixels, its code by people."""

import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.ballot_keypad import claiming
from edge.ballot_keypad.adapters.silence import NoTones
from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.claiming import KeypadPresence, glass_page
from edge.ballot_keypad.config import keypad_config
from edge.ballot_keypad.display.drawing.picture import SIZES, Size, draw, parts
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.sound.tones import Tone
from edge.device.claim.pages import Situation, page_of
from edge.device.claim.seed import parse_seed
from edge.device.claim.table import State

BUTTON = ("OK", "OK")
SHORT = "https://192.168.1.10:8443/c/ABCD2345#0123456789abcdef"
LONG = "https://may-chu-hoi-truong.local:8443/c/ABCD2345#0123456789abcdef"
FAR_TOO_LONG = f"https://{'x' * 60}.local:8443/c/ABCD2345#0123456789abcdef"


def waiting(address: str) -> Page:
    found = Situation("SN-0001", code="ABCD2345", address=address)
    return glass_page(page_of(State.WAITING, found, BUTTON), "vi+en", 0)


def scanned(page: Page, size: Size) -> str:
    """As a telephone sees the first part of it: enlarged, on a dark housing, a little out of focus."""
    glass = draw(page, size).convert("L").resize((size[0] * 6, size[1] * 6), 0)
    seen = cv2.copyMakeBorder(np.array(glass), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(20,))
    return str(cv2.QRCodeDetector().detectAndDecode(cv2.GaussianBlur(seen, (5, 5), 0))[0])


@pytest.mark.parametrize("size", SIZES)
def test_the_qr_code_leads_to_the_claim_with_the_keys_fingerprint_where_it_fits(size: Size) -> None:
    assert scanned(waiting(SHORT), size) == SHORT
    assert scanned(waiting(LONG), size) == LONG.partition("#")[0]


@pytest.mark.parametrize("size", SIZES)
def test_an_address_that_fits_no_glass_leaves_the_code_alone(size: Size) -> None:
    page = waiting(FAR_TOO_LONG)
    assert scanned(page, size) == ""
    assert parts(page, size) == 1


def test_a_wide_glass_shows_both_and_a_narrow_one_by_turns() -> None:
    narrow, wide = SIZES
    assert (parts(waiting(SHORT), narrow), parts(waiting(SHORT), wide)) == (2, 1)


@pytest.mark.parametrize("size", SIZES)
def test_the_code_is_written_large_and_whole(size: Size) -> None:
    """22 rows a letter: in one row of eight, or in two of four."""
    page = waiting(SHORT)
    last = parts(page, size) - 1
    glass, other = (
        np.array(draw(replace(page, claim=code), size, last)) for code in ("88888888", "11111111")
    )
    changed = {int(row) for row in np.argwhere(glass != other)[:, 0]}
    assert len(changed) >= (20 if size == SIZES[1] else 40)
    assert max(changed) < size[1] - 1


def test_whoever_is_to_press_sees_the_place_large_and_a_sign_that_blinks() -> None:
    page = page_of(State.PLACED, Situation("SN-0001", place="Ghế A-12"), BUTTON)
    shown = [glass_page(page, "vi+en", now_ms) for now_ms in (0, 500, 1_000)]
    assert [one.sign for one in shown] == [Sign.WARNING, Sign.NONE, Sign.WARNING]
    assert all(one.large == "Ghế A-12" and "OK" in one.title for one in shown)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("language", ["vi", "en", "vi+en"])
def test_every_page_goes_onto_every_glass(state: State, language: str) -> None:
    found = Situation("10000000abcdef01", ("Từ chối.", "No."), "why exactly", "ABCD2345", SHORT, "Ghế A-12")
    page = glass_page(page_of(state, found, BUTTON), language, 0)
    for size in SIZES:
        assert all(draw(page, size, part).getbbox() for part in range(parts(page, size)))


class Heard(NoTones):
    def __init__(self) -> None:
        self.played: list[Tone] = []

    def play(self, tone: Tone) -> None:
        self.played.append(tone)


def test_it_beeps_when_its_place_is_tapped_and_hears_ok_alone() -> None:
    keys, screen, tones = SimulatedKeys(lambda: 0), SimulatedScreen(), Heard()
    closed: list[bool] = []
    presence = KeypadPresence(keys, screen, tones, "en", lambda: 0, lambda: closed.append(True))
    pressed: list[bool] = []
    presence.start(lambda: pressed.append(True))
    presence.attention()
    assert tones.played == [Tone.ATTENTION]
    for button in (Button.YES, Button.DIGIT_5, Button.CLEAR):
        keys.push(button)
    assert not pressed
    keys.push(Button.OK)
    assert pressed == [True]
    presence.show(page_of(State.WAITING, Situation("SN-1", code="ABCD2345"), BUTTON))
    assert re.search("ABCD2345", "\n".join(presence.lines))
    screen.unplug()
    presence.show(page_of(State.HELLO, Situation("SN-1"), BUTTON))  # a dark display is no reason to stop
    presence.close()
    assert closed == [True]


def test_a_keypad_of_the_class_that_is_shipped_can_be_claimed() -> None:
    classes = Path(claiming.__file__).parents[2] / "provisioning" / "media" / "classes"
    shipped = classes / "keypad" / "hardware.toml"
    seed = parse_seed('role = "keypad"', "seed.toml", shipped.read_text("utf-8"))
    assert keypad_config(seed.parts, str(shipped), simulated=False).display.kind == "ssd1306"
