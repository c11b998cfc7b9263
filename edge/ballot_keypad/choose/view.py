"""What the glass shows while somebody chooses: a pure view of the machines, with words in both languages."""

from dataclasses import dataclass
from typing import Final

from edge.ballot_keypad.choose import each, motion, pick
from edge.ballot_keypad.choose.each import Each, Mark
from edge.ballot_keypad.choose.motion import Motion
from edge.ballot_keypad.choose.pick import Note, Pick
from edge.ballot_keypad.choose.selection import Selection
from edge.ballot_keypad.display.language import Words
from edge.ballot_keypad.keys.press import Button

Hint = tuple[Button, Words]


@dataclass(frozen=True, slots=True)
class Shown:
    """Parts of a page, every text in both languages. plain: lines that are names, in no language. large: a
    name or a number as large as it goes. keys_turn: UP and DOWN mean nothing else here, and may turn a long
    page."""

    title: Words = ("", "")
    body: tuple[Words, ...] = ()
    plain: tuple[str, ...] = ()
    large: str = ""
    hint: tuple[Hint, ...] = ()
    keys_turn: bool = False


NOTES: Final[dict[Note, Words]] = {
    Note.UNKNOWN_NUMBER: ("Không có số này", "There is no such number"),
    Note.ENOUGH: (
        "Đã chọn đủ {hi}. Muốn thêm, hãy bỏ bớt: nhập lại số đã chọn",
        "You have chosen all {hi}. To add one, take one off: type its number again",
    ),
    Note.TOO_FEW: ("Chọn ít nhất {lo}, hoặc bỏ phiếu trắng", "Choose at least {lo}, or leave it blank"),
    Note.NOT_EMPTY: (
        "Đã chọn {count}: bỏ hết rồi mới bỏ phiếu trắng",
        "{count} chosen: take all off to leave it blank",
    ),
    Note.NO_BLANK: ("Phiếu này không được để trắng", "This ballot cannot be left blank"),
    Note.TAKEN: ("Đã chọn thêm", "Added"),
    Note.GIVEN_BACK: ("Đã bỏ chọn", "Taken off"),
}
CHOSEN: Final[Words] = ("Chọn {count}, tối đa {hi}", "Chosen {count} of at most {hi}")
TYPE_NUMBER: Final[Words] = ("Nhập số", "Type a number")
MARKS: Final[dict[Mark, Words]] = {
    Mark.NEITHER: ("Chưa chọn", "Neither"),
    Mark.FOR: ("ĐỒNG Ý", "AGREE"),
    Mark.AGAINST: ("KHÔNG ĐỒNG Ý", "DISAGREE"),
}
_COUNTED: Final[Words] = (
    "Đồng ý {for_}, không đồng ý {against}, để trống {neither}",
    "Agree {for_}, disagree {against}, neither {neither}",
)
_LARGE_LETTERS_MAX: Final = 15
"""Beyond it a choice would not be whole on a narrow glass beside anything else."""
_NOTHING: Final[Words] = ("", "")
"""The cap of the key says it all."""
_OK_SEND: Final[Hint] = (Button.OK, ("xong", "done"))
_BACK: Final[Hint] = (Button.CLEAR, ("lại", "back"))


def shown(selection: Selection) -> Shown:
    match selection:
        case Motion():
            return _motion(selection)
        case Pick():
            return _pick(selection)
        case Each():
            return _each(selection)


def _motion(selection: Motion) -> Shown:
    if selection.place is motion.Place.EMPTY:
        return Shown(title=("Mời chọn", "Please choose"), plain=selection.form.names, keys_turn=True)
    hint: tuple[Hint, ...] = ((Button.OK, ("xong", "done")), (Button.CLEAR, ("chọn lại", "again")))
    name = selection.chosen[0]
    if len(name) > _LARGE_LETTERS_MAX:
        return Shown(_as_it_is(name), hint=hint, keys_turn=True)
    return Shown(large=name, hint=hint, keys_turn=True)


def _pick(selection: Pick) -> Shown:
    form, count = selection.form, len(selection.picked)
    facts = {"hi": form.hi, "lo": form.lo, "count": count}
    chosen = _filled(CHOSEN, **facts)
    match selection.place:
        case pick.Place.TYPE:
            more: tuple[Hint, ...] = ((Button.BLANK, _NOTHING),) if form.has_blank and not count else ()
            ok: Hint = (Button.OK, ("xem", "look") if selection.typed else ("xem lại", "review"))
            title = _filled(NOTES[selection.note], **facts) if selection.note else TYPE_NUMBER
            return Shown(title, (chosen,), large=selection.typed, hint=(ok, *more))
        case pick.Place.TAKE | pick.Place.GIVE_BACK:
            is_new = selection.place is pick.Place.TAKE
            ok = (Button.OK, ("chọn", "choose") if is_new else ("bỏ chọn", "take off"))
            body = (chosen,) if is_new else (("Đã được chọn", "Is chosen"), chosen)
            return Shown(_as_it_is(f"{selection.number}. {selection.name}"), body, hint=(ok, _BACK))
        case pick.Place.BLANK:
            body = (("Không chọn ai, phiếu vẫn hợp lệ", "Nobody is chosen, the ballot is valid"),)
            return Shown(("BỎ PHIẾU TRẮNG?", "LEAVE IT BLANK?"), body, hint=(_OK_SEND, _BACK))
        case _:
            return Shown(chosen, (), plain=selection.chosen, hint=(_OK_SEND, _BACK), keys_turn=True)


def _each(selection: Each) -> Shown:
    total = len(selection.marks)
    if selection.place is each.Place.WALK:
        at = selection.at
        if selection.typed:
            go: Hint = (Button.OK, ("tới", "go"))
            return Shown(("Tới số", "Go to"), large=selection.typed, hint=(go, _BACK))
        note: tuple[Words, ...] = (NOTES[Note.UNKNOWN_NUMBER],) if selection.is_unknown else ()
        title = _as_it_is(f"{at + 1}/{total}. {selection.form.names[at]}")
        skip: Hint = (Button.OK, ("bỏ qua", "skip"))  # YES and NO say on their caps what they do
        return Shown(title, (*note, MARKS[selection.marks[at]]), hint=(skip, _BACK) if at else (skip,))
    counts = selection.counts
    facts = {"for_": counts[Mark.FOR], "against": counts[Mark.AGAINST], "neither": counts[Mark.NEITHER]}
    signs = {Mark.FOR: "✓", Mark.AGAINST: "✕", Mark.NEITHER: "–"}
    names = tuple(
        f"{signs[mark]} {number}. {name}"
        for number, (mark, name) in enumerate(
            zip(selection.marks, selection.form.names, strict=True), start=1
        )
    )
    return Shown(_filled(_COUNTED, **facts), (), plain=names, hint=(_OK_SEND, _BACK), keys_turn=True)


def _as_it_is(text: str) -> Words:
    """A name has no language."""
    return text, text


def _filled(words: Words, **facts: int) -> Words:
    return words[0].format(**facts), words[1].format(**facts)
