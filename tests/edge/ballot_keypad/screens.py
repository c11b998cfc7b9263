"""python -m tests.edge.ballot_keypad.screens SHEET.png [vi | en | vi+en]: what a delegate meets, by states.

An open vote and a secret one as the firmware itself shows them, on both glasses, to be looked at by people.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from PIL import Image
from PIL.Image import Resampling

from ballot.documents.bodies import Bind, Cancel
from ballot.rules.rule import Base, Elect, Rule
from ballot.shape import at_most, each_of
from edge.ballot_keypad.display.drawing.letters import Face, set_text
from edge.ballot_keypad.display.drawing.picture import SIZES, draw, parts
from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.open import ballot as life
from edge.ballot_keypad.open.ballot import Ballot, Cast
from edge.ballot_keypad.open.view import Surroundings, page
from tests.ballot.board.election import CONGRESS, CONTEST
from tests.ballot.board.election import HALL as HALL_ID
from tests.edge.ballot_keypad.secret.hall import DEVICE, Hall
from tests.edge.conftest import NOW_MS
from wire.down import BallotNotice, Twin
from wire.ids import MemberRef, QuestionId, SittingId

_SCALE: Final = 2
_GAP: Final = 10
_NAME_PX: Final = 250
_BLOCK_PX: Final = 1_600
_COLUMNS: Final = 3
_GROUND, _INK = 96, 255
_MEMBER: Final = MemberRef(b"m" * 16)
_TITLE: Final = "Bầu Ban Chấp hành Đảng bộ khoá XIV"
_NAMES: Final = (
    "Nguyễn Thị Ngọc Ánh", "Trần Quốc Khánh", "Lê Ậu", "Phạm Ngữ Quỳnh Uyển", "Vũ Đức Hiển", "Đỗ Thuỳ Dương",
    "Hoàng Văn Thắng", "Đinh Thị Mỹ Hạnh", "Bùi Xuân Trường", "Ngô Bảo Châu", "Lý Thường Kiệt",
    "Mai Thị Bưởi",
)  # fmt: skip

Named = tuple[str, Page]


def screens(language: str = "vi+en") -> list[Named]:
    """(state, page), in the order in which a delegate may meet them."""
    return [*_open(language), *_secret(language), *_ends(language), *_refusals(language), *_lists(language)]


def _open(language: str) -> Iterator[Named]:
    """By the tables of the open vote alone."""
    around = Surroundings("keypad-01", "A-12", "", True, False)
    sitting, question = SittingId("s1"), QuestionId("q1")

    def notice(state: str, revote: bool = True) -> BallotNotice:
        return BallotNotice(sitting, question, state, "Thông qua Nghị quyết số 14/2026?", revote)

    def said(ballot: Ballot, state: str) -> Ballot:
        return life.noticed(ballot, notice(state), NOW_MS + 10_000)

    idle = life.seated(Ballot(), _MEMBER)
    opened = said(idle, "open")
    chosen, _ = life.pressed(opened, Button.NO)
    stored = life.saved(chosen, Cast(sitting, question, _MEMBER, "no", 1))
    recorded = life.marked(stored, 1)
    found = {
        "idle": idle,
        "prepared": said(idle, "prepared"),
        "open": opened,
        "chosen": chosen,
        "not stored": life.not_saved(chosen),
        "stored": stored,
        "recorded": recorded,
        "held": said(opened, "held"),
        "closed, no vote": said(opened, "closed"),
        "closed, recorded": said(recorded, "closed"),
        "closed, not confirmed": said(stored, "closed"),
        "expired": life.aged(opened, NOW_MS + 20_000),
    }
    for name, ballot in found.items():
        yield f"open: {name}", page(ballot, around, language)
    off = life.enabled(opened, False)
    yield "open: disabled", page(off, replace(around, why="absent"), language)
    yield "open: no connection", page(stored, replace(around, is_connected=False), language)


def _hall(language: str, **how: object) -> Hall:
    hall = Hall(**how)  # type: ignore[arg-type]
    hall.election.manifest = replace(hall.election.manifest, title=_TITLE)
    hall.seat.language = language
    return hall


def _seated(hall: Hall, **more: object) -> Hall:
    hall.say(Twin({"seat": "A-12", "member": _MEMBER, **more}), DEVICE)
    return hall


def _secret(language: str) -> Iterator[Named]:
    hall = _hall(language)
    seat = hall.seat
    seat.start()
    _seated(hall)
    hall.notice("prepared")
    seat.pass_ms(1_000)
    yield "secret: waiting", seat.glass.page
    hall = _seated(_hall(language).prepare())
    yield "secret: ready", hall.seat.glass.page
    hall.notice("open")
    yield "secret: committing", hall.seat.glass.page
    hall = _seated(_hall(language).open())
    seat = hall.seat
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("begin", lambda: None),
        ("choose", lambda: seat.press("ok")),
        ("chosen", lambda: seat.press("no")),
        ("one key at a time", lambda: _two_keys(hall)),
        ("not stored", lambda: _full(hall, "no", "ok")),
        ("sealing", lambda: seat.pass_ms(5_000).press("ok")),
        ("code", seat.wait),
        ("check?", lambda: seat.press("check")),
        ("checking", lambda: seat.press("ok")),
        ("checked", seat.wait),
        ("held", lambda: hall.notice("held")),
        ("held no more", lambda: hall.notice("open")),
        ("power lost", lambda: seat.press("ok", "yes", "ok").wait().restart().wait()),
        ("stored", lambda: seat.press("ok", "yes", "ok").wait().press("ok")),
        ("no connection", lambda: (seat.link.cut(), seat.pass_ms(1_500))),
        ("recorded", lambda: (seat.link.heal(), seat.wait().wait())),
        ("closed, recorded", lambda: (setattr(hall, "use_cosigned", False), hall.close(), seat.wait())),
        ("in the closed record", lambda: (setattr(hall, "use_cosigned", True), hall.witness(), seat.wait())),
    )  # fmt: skip
    for name, do in steps:
        do()
        yield f"secret: {name}", seat.glass.page


def _two_keys(hall: Hall) -> None:
    seat = hall.seat
    seat.keys.hold(Button.YES)
    seat.keys.hold(Button.DIGIT_7)
    seat.settle()
    seat.keys.release()
    seat.settle()


def _full(hall: Hall, *keys: str) -> None:
    seat = hall.seat
    seat.pass_ms(5_000)
    seat.disk.full = True
    seat.press(*keys)
    seat.disk.full = False


def _ends(language: str) -> Iterator[Named]:
    hall = _seated(_hall(language).open())
    hall.notice("closed")
    yield "secret: closed, asking for the proof", hall.seat.glass.page
    hall = _seated(_hall(language).open())
    hall.close()
    hall.seat.wait().wait()
    yield "secret: closed, no vote", hall.seat.glass.page
    hall = _seated(_hall(language).open())
    hall.seat.press("ok", "yes", "ok").wait().press("ok")
    hall.election.close()
    hall.closing = len(hall.election.leaves) - 1
    hall.seat.wait().wait()
    yield "secret: too late", hall.seat.glass.page
    hall = _seated(_hall(language).open())
    hall.document(Cancel(CONGRESS, HALL_ID, CONTEST, "sai danh sách"))
    hall.notice("cancelled")
    yield "secret: cancelled", hall.seat.glass.page


def _refusals(language: str) -> Iterator[Named]:
    hall = _seated(_hall(language).open())
    _seated(hall, enabled=False, why="recused")
    yield "secret: disabled", hall.seat.glass.page
    hall.seat.pass_ms(4_000_000, step_ms=500_000)
    _seated(hall)
    yield "secret: expired", hall.seat.glass.page
    hall = _seated(_hall(language).open())
    voter = hall.election.rows.rows[0].voter
    hall.document(Bind(CONGRESS, CONTEST, voter, 1, b"k" * 32, "đổi máy"), ("comm-1", "comm-2"))
    yield "secret: replaced", hall.seat.glass.page
    hall = _seated(_hall(language).open())
    hall.bend = lambda answer: replace(answer, path=b"")
    hall.seat.press("ok", "yes", "ok").wait()
    yield "secret: the record does not fit", hall.seat.glass.page
    hall = _seated(_hall(language).open())
    for _ in range(7):
        hall.seat.press("ok", "yes", "ok").wait().press("clear").wait()
    hall.seat.press("ok", "yes", "ok").wait()
    yield "secret: the last code", hall.seat.glass.page
    hall.seat.press("clear").wait()
    yield "secret: used up", hall.seat.glass.page
    hall = _hall(language)
    hall.seat.charter = None
    hall.seat.start()
    hall.notice("open")
    yield "secret: no charter", hall.seat.glass.page


def _lists(language: str) -> Iterator[Named]:
    people = tuple(f"c{number}" for number in range(1, len(_NAMES) + 1))
    hall = _hall(language, shape=at_most(3, people), labels=(*_NAMES, "Trắng"))
    rule = Rule("list", Elect.TOP, Base.VALID, 1, 2, seats=3, blank_allowed=True)
    hall.election.manifest = replace(hall.election.manifest, rule=rule)
    seat = _seated(hall.open()).seat
    seat.press("ok")
    for name, keys in (
        ("type", ()), ("typed", ("1", "2")), ("take?", ("ok",)), ("added", ("ok",)),
        ("blank refused", ("blank",)),
        ("no such number", ("9", "9", "ok")), ("take off?", ("1", "2", "ok")),
        ("over-vote", ("clear", "1", "ok", "ok", "4", "ok", "ok", "5", "ok", "ok")), ("review", ("ok",)),
    ):  # fmt: skip
        yield f"list: {name}", seat.press(*keys).glass.page
    pairs = [f"{name}: {side}" for name in _NAMES[:3] for side in ("đồng ý", "không")]
    hall = _hall(language, shape=each_of(people[:3]), labels=tuple(pairs))
    rule = Rule("each", Elect.EACH, Base.VALID, 1, 2, seats=3)
    hall.election.manifest = replace(hall.election.manifest, rule=rule)
    seat = _seated(hall.open()).seat
    for name, keys in (("begin", ()), ("first", ("ok",)), ("second", ("yes",)), ("review", ("no", "ok"))):
        yield f"each: {name}", seat.press(*keys).glass.page


def sheet(found: Sequence[Named]) -> Image.Image:
    """For each state its name and the page on both glasses, all its parts beside each other; in columns."""
    blocks = [_block(name, each) for name, each in found]
    tall = -(-sum(block.height for block in blocks) // _COLUMNS)
    columns: list[list[Image.Image]] = [[]]
    for block in blocks:
        if columns[-1] and sum(each.height for each in columns[-1]) >= tall:
            columns.append([])
        columns[-1].append(block)
    down = max(sum(block.height for block in column) for column in columns)
    whole = Image.new("L", (len(columns) * _BLOCK_PX, down), _GROUND)
    for number, column in enumerate(columns):
        top = 0
        for block in column:
            whole.paste(block, (number * _BLOCK_PX, top))
            top += block.height
    return whole


def _block(name: str, page: Page) -> Image.Image:
    shown = [draw(page, size, part) for size in SIZES for part in range(parts(page, size))]
    places: list[tuple[int, int]] = []
    x, line = _NAME_PX, 0
    for glass in shown:
        if x + glass.width * _SCALE > _BLOCK_PX - _GAP:
            x, line = _NAME_PX, line + 1
        places.append((x, line * (SIZES[0][1] * _SCALE + _GAP)))
        x += glass.width * _SCALE + _GAP
    block = Image.new("L", (_BLOCK_PX, (line + 1) * (SIZES[0][1] * _SCALE + _GAP)), _GROUND)
    ink = Image.new("1", (_NAME_PX - _GAP, 24))
    set_text(ink, (0, 16), name, Face(13))
    block.paste(_INK, (_GAP, 0), ink)
    for glass, at in zip(shown, places, strict=True):
        large = (glass.width * _SCALE, glass.height * _SCALE)
        block.paste(glass.convert("L").resize(large, Resampling.NEAREST), at)
    return block


def main(words: Sequence[str]) -> int:
    """Exit status 2 with the usage for other words than these."""
    language = words[1] if len(words) > 1 else "vi+en"
    if len(words) not in (1, 2) or language not in ("vi", "en", "vi+en"):
        sys.stderr.write("usage: python -m tests.edge.ballot_keypad.screens SHEET.png [vi | en | vi+en]\n")
        return 2
    sheet(screens(language)).quantize(4).save(words[0], optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
