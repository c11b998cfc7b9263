"""What a telephone reads off the glass is the ballot that was opened, and no page shows it beside a code."""

import cv2
import numpy as np
import pytest

from ballot.seeds import Check, check_text, parse_check_text
from edge.ballot_keypad.display.drawing.matrix_code import BORDER, MODULE_PX
from edge.ballot_keypad.display.drawing.picture import SIZES, Size, draw, parts
from edge.ballot_keypad.display.page import Page, lines
from edge.ballot_keypad.secret.frames import FRAME_LETTERS, frames_of, joined
from wire.ids import ContestId, VoterRef

pytestmark = pytest.mark.slow


def text(options: int) -> str:
    contest, voter = ContestId(bytes(range(16))), VoterRef(bytes(range(16, 32)))
    return check_text(Check(contest, voter, 0, 3, b"l" * 32, b"n" * 32, bytes(options - 1) + b"\1"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", [3, 61, 130])
def test_every_frame_is_read_off_the_glass_and_all_together_are_the_ballot(size: Size, options: int) -> None:
    page = Page(
        "A-12",
        title="Phiếu kiểm tra, không được tính",
        hint=(("OK", "chọn lại"),),
        qr=frames_of(text(options)),
    )
    found = []
    for part in range(parts(page, size)):
        picture = np.array(draw(page, size, part).convert("L"))
        picture = cv2.copyMakeBorder(picture, 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=0)
        read, *_ = cv2.QRCodeDetector().detectAndDecode(
            cv2.resize(picture, None, fx=6, fy=6, interpolation=0)
        )
        found.append(read)
    assert found == list(page.qr)
    assert parse_check_text(joined(reversed(found)) or "").choices == bytes(options - 1) + b"\1"


def test_a_frame_fills_the_height_of_the_glass_and_no_more() -> None:
    version_2 = 25
    assert (version_2 + 2 * BORDER) * MODULE_PX <= SIZES[0][1]
    assert all(len(frame) <= FRAME_LETTERS for frame in frames_of(text(130)))


def test_frames_of_which_one_is_missing_or_foreign_are_no_ballot() -> None:
    frames = frames_of(text(3))
    assert joined(frames[1:]) is None
    assert joined((*frames[:-1], frames_of(text(130))[-1])) is None
    assert joined(frames_of("HV1:SHORT")) == "HV1:SHORT"


def test_a_page_shows_no_opened_ballot_beside_a_code() -> None:
    with pytest.raises(ValueError, match="never stand on one page"):
        Page(code="7K4Q-0D8B-5S2Z", qr=("HV1:A",))
    assert "HV1:A" in lines(Page(qr=("HV1:A",)))
