"""What the display beside the gate says: pure tables, Vietnamese and English. At most four short lines.

Each line is a whole sentence: first what is known, then what to do. Nobody is accused: whoever the gate does
not let in is asked for a badge, or sent to a person who decides.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from itertools import zip_longest
from typing import Final, NamedTuple

from edge.rollcall_gate.display.panel import Colour, Icon, Panel, Sound
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.who.decide import (
    AlreadyInside,
    Ambiguous,
    AttackSuspected,
    BadBadge,
    Decision,
    LowQuality,
    NoMatch,
    NotOnRoster,
    NotTheBearer,
    PinLocked,
    Revoked,
    WrongPin,
)
from wire.lane import PIN_DIGITS, Greeting


class View(StrEnum):
    """The pictures the gate knows."""

    STARTING = "starting"
    NO_SITTING = "no-sitting"
    READY = "ready"
    LOOK = "look"
    ONE_AT_A_TIME = "one-at-a-time"
    CHALLENGE_BLINK = "challenge-blink"
    CHALLENGE_LEFT = "challenge-left"
    CHALLENGE_RIGHT = "challenge-right"
    WALK_IN = "walk-in"
    STORED = "stored"
    NOT_STORED = "not-stored"
    BADGE_LANE = "badge-lane"
    PIN_ENTRY = "pin-entry"
    PIN_WAIT = "pin-wait"
    SHOW_FACE = "show-face"
    ALREADY_INSIDE = "already-inside"
    WRONG_WAY = "wrong-way"
    HELD = "held"
    JAMMED = "jammed"
    SHUT_DOOR = "shut-door"
    CAMERA_OUT = "camera-out"
    DOOR_OUT = "door-out"
    EVACUATION = "evacuation"


class Picture(NamedTuple):
    """One view for every sense. vi, en: one or two lines, `{…}` filled in by panel(). code: Panel's."""

    colour: Colour
    icon: Icon
    sound: Sound
    vi: tuple[str, ...]
    en: tuple[str, ...]
    code: str = ""


class Why(NamedTuple):
    """Why somebody is not let in just now. icon: of what helps."""

    code: str
    icon: Icon
    vi: str
    en: str


class Tongue(NamedTuple):
    """What the gate says besides PICTURES, in one language."""

    welcome: str
    seat: str
    wait: str
    wait_s: str
    usher: str
    number: str


_USHER_VI, _USHER_EN = "Xin gặp người hướng dẫn.", "Please see the usher."
_BADGE_VI, _BADGE_EN = "Xin đưa thẻ, hoặc gặp người hướng dẫn.", "Please show your badge, or see the usher."
TONGUES: Final[Mapping[str, Tongue]] = {
    "vi": Tongue(
        "Kính chào {name}.", "Ghế {seat}.", "một lát", "{seconds} giây", _USHER_VI, "Nhập số thẻ, rồi bấm E."
    ),
    "en": Tongue(
        "Welcome, {name}.",
        "Seat {seat}.",
        "later",
        "in {seconds} s",
        _USHER_EN,
        "Type your badge number, then press E.",
    ),
}
_OFF, _GREEN, _AMBER, _RED = Colour.OFF, Colour.GREEN, Colour.AMBER, Colour.RED
_SILENCE, _ATTENTION = Sound.SILENCE, Sound.ATTENTION

PICTURES: Final[Mapping[View, Picture]] = {
    View.STARTING: Picture(
        _OFF,
        Icon.STARTING,
        _SILENCE,
        ("Cổng đang khởi động.", "Xin chờ một lát."),
        ("The gate is starting.", "One moment, please."),
    ),
    View.NO_SITTING: Picture(
        _OFF, Icon.NO_SITTING, _SILENCE, ("Chưa có phiên họp.",), ("No sitting is open.",)
    ),
    View.READY: Picture(
        _OFF,
        Icon.LOOK,
        _SILENCE,
        ("Mời nhìn vào máy ảnh.", "Hoặc đưa thẻ."),
        ("Please look at the camera.", "Or show your badge."),
    ),
    View.LOOK: Picture(
        _OFF,
        Icon.WAIT,
        _SILENCE,
        ("Xin chờ một chút.", "Mời nhìn vào máy ảnh."),
        ("One moment, please.", "Look at the camera."),
    ),
    View.ONE_AT_A_TIME: Picture(
        _AMBER, Icon.ONE, _ATTENTION, ("Xin mời từng người một.",), ("One person at a time, please.",)
    ),
    View.CHALLENGE_BLINK: Picture(
        _AMBER,
        Icon.BLINK,
        _ATTENTION,
        ("Xin chớp mắt.", "Hoặc đưa thẻ."),
        ("Please blink.", "Or show your badge."),
    ),
    # Left and right are the person's own: on a display that faces them, its left side and its right.
    View.CHALLENGE_LEFT: Picture(
        _AMBER,
        Icon.TURN_LEFT,
        _ATTENTION,
        ("Xin quay mặt sang trái.", "Hoặc đưa thẻ."),
        ("Please turn your head left.", "Or show your badge."),
    ),
    View.CHALLENGE_RIGHT: Picture(
        _AMBER,
        Icon.TURN_RIGHT,
        _ATTENTION,
        ("Xin quay mặt sang phải.", "Hoặc đưa thẻ."),
        ("Please turn your head right.", "Or show your badge."),
    ),
    View.WALK_IN: Picture(_GREEN, Icon.WELCOME, Sound.WELCOME, ("Mời vào.",), ("Please walk in.",)),
    View.STORED: Picture(_GREEN, Icon.STORED, _SILENCE, ("Đã lưu. Cảm ơn.",), ("Stored. Thank you.",)),
    View.NOT_STORED: Picture(
        _RED,
        Icon.NOT_STORED,
        Sound.REFUSED,
        ("KHÔNG lưu được.", _USHER_VI),
        ("NOT stored.", _USHER_EN),
        "not-stored",
    ),
    View.BADGE_LANE: Picture(_AMBER, Icon.BADGE, _ATTENTION, (_BADGE_VI,), (_BADGE_EN,)),
    View.PIN_ENTRY: Picture(
        _OFF, Icon.PIN, _SILENCE, ("Nhập mã PIN, rồi bấm E.",), ("Type your PIN, then press E.",)
    ),
    View.PIN_WAIT: Picture(
        _AMBER,
        Icon.LATER,
        _ATTENTION,
        ("Xin chờ {wait} rồi nhập lại mã PIN.", "Hoặc đưa thẻ, hoặc gặp người hướng dẫn."),
        ("Please try your PIN again {wait}.", "Or show your badge, or see the usher."),
        "pin-locked",
    ),
    View.SHOW_FACE: Picture(
        _OFF,
        Icon.BEARER,
        _ATTENTION,
        ("Đã đọc thẻ.", "Mời nhìn vào máy ảnh."),
        ("Your badge was read.", "Now look at the camera."),
    ),
    View.ALREADY_INSIDE: Picture(
        _AMBER,
        Icon.INSIDE,
        _ATTENTION,
        ("Thẻ này vừa được dùng để vào.", _USHER_VI),
        ("This badge has just been used.", _USHER_EN),
        "already-inside",
    ),
    View.WRONG_WAY: Picture(
        _RED,
        Icon.WRONG_WAY,
        Sound.REFUSED,
        ("Lối này chỉ đi một chiều.", "Xin quay lại."),
        ("This lane is one way.", "Please turn back."),
    ),
    View.HELD: Picture(
        _AMBER,
        Icon.HELD,
        _ATTENTION,
        ("Cổng đang tạm dừng. Xin chờ.", "Hoặc gặp người hướng dẫn."),
        ("The gate is on hold. Please wait.", "Or see the usher."),
    ),
    View.JAMMED: Picture(
        _RED, Icon.JAMMED, _ATTENTION, ("Cửa bị kẹt.", _USHER_VI), ("The gate is stuck.", _USHER_EN), "jammed"
    ),
    View.SHUT_DOOR: Picture(
        _AMBER, Icon.DOOR, _ATTENTION, ("Xin đóng cửa.",), ("Please let the door fall shut.",)
    ),
    View.CAMERA_OUT: Picture(
        _AMBER,
        Icon.NO_CAMERA,
        _SILENCE,
        ("Máy ảnh hỏng.", _BADGE_VI),
        ("The camera is out of order.", _BADGE_EN),
        "camera-out",
    ),
    View.DOOR_OUT: Picture(
        _RED,
        Icon.NO_DOOR,
        _ATTENTION,
        ("Cửa hỏng.", _USHER_VI),
        ("The door is out of order.", _USHER_EN),
        "door-out",
    ),
    # Green: who is inside must never read that this way out is shut.
    View.EVACUATION: Picture(
        _GREEN,
        Icon.EXIT,
        Sound.ALARM,
        ("Xin rời khỏi tòa nhà.", "Cửa đã mở khóa."),
        ("Please leave the building.", "The door is unlocked."),
    ),
}
FAULTS: Final[Mapping[Fault, tuple[str, str]]] = {
    Fault.NOT_A_FACE: ("Chưa rõ mặt. Xin bỏ khẩu trang, kính.", "Please take off mask or dark glasses."),
    Fault.TOO_FAR: ("Xin lại gần hơn.", "Please come closer."),
    Fault.BLURRED: ("Xin đứng yên.", "Please hold still."),
    Fault.TOO_DARK: ("Thiếu sáng. Xin quay về phía sáng.", "Too dark here. Please turn to the light."),
    Fault.TOO_BRIGHT: ("Quá sáng. Xin quay khỏi nguồn sáng.", "Too bright. Please turn from the light."),
    Fault.TURNED_AWAY: ("Xin nhìn thẳng vào máy ảnh.", "Please look straight at the camera."),
    Fault.TILTED: ("Xin giữ thẳng đầu.", "Please hold your head upright."),
}
WHYS: Final[Mapping[type[Decision], Why]] = {
    NoMatch: Why("no-match", Icon.BADGE, "Chưa nhận ra quý vị.", "We did not recognise you yet."),
    Ambiguous: Why("ambiguous", Icon.BADGE, "Chưa nhận ra chắc chắn.", "We are not quite sure yet."),
    # In the words of NoMatch: the gate may be wrong, and a bystander must not learn what it thinks.
    AttackSuspected: Why(
        "attack-suspected", Icon.BADGE, "Chưa nhận ra quý vị.", "We did not recognise you yet."
    ),
    NotOnRoster: Why(
        "badge-other-congress", Icon.USHER, "Thẻ của đại hội khác.", "This badge is for another congress."
    ),
    Revoked: Why(
        "badge-revoked", Icon.USHER, "Thẻ này không còn hiệu lực.", "This badge is no longer valid."
    ),
    BadBadge: Why("badge-forged", Icon.USHER, "Không đọc được thẻ.", "This badge cannot be read."),
    AlreadyInside: Why(
        "already-inside", Icon.INSIDE, "Thẻ này vừa được dùng để vào.", "This badge has just been used."
    ),
    NotTheBearer: Why(
        "not-the-bearer", Icon.USHER, "Chưa khớp được mặt với thẻ.", "Face and badge do not match yet."
    ),
    WrongPin: Why(
        "pin-wrong", Icon.PIN, "Mã PIN chưa đúng. Xin nhập lại.", "PIN not right. Please try again."
    ),
    PinLocked: Why(
        "pin-locked", Icon.LATER, "Xin chờ rồi nhập lại mã PIN.", "Please try your PIN again later."
    ),
}
EXPIRED: Final = Why("badge-expired", Icon.USHER, "Thẻ đã hết hạn.", "This badge has expired.")
UNREADABLE: Final = frozenset({"not a Hallward badge", "the badge text is damaged"})
"""Reasons of a BadBadge that is a scratched one, or the QR code of something else: nobody forged anything."""
DISCREET: Final = {"attack-suspected": "no-match", "badge-forged": "badge-unreadable"}
"""Not for bystanders to read: the corner shows the code of what is said, the log has the true one."""
_TO_THE_USHER: Final = frozenset({Icon.USHER, Icon.INSIDE})
"""Where another look at the badge would not help."""


def panel(
    view: View,
    language: str,
    *,
    decision: Decision | None = None,
    greeting: Greeting | None = None,
    seconds: int | None = None,
    typed: int = 0,
    number: str | None = None,
) -> Panel:
    """The picture of a view.

    language: `vi`, `en`, `vi+en`; the first is said first. decision: why somebody is asked for a badge; never
    who they are. greeting: of whom has just been admitted, shown by WALK_IN alone. seconds: until a PIN may
    be tried again. typed: digits of a PIN so far, 0 to 6. number: digits of
    a badge's number so far, while that is what is typed.
    """
    picture = PICTURES[view]
    why = _why(decision) if view is View.BADGE_LANE else None
    chosen = language.split("+")
    if view is View.WALK_IN and greeting is not None:
        spoken = [_welcome(tongue, greeting) or getattr(picture, tongue) for tongue in chosen]
    elif view is View.PIN_WAIT:
        spoken = [_wait(tongue, getattr(picture, tongue), seconds) for tongue in chosen]
    elif view is View.PIN_ENTRY and number is not None:
        spoken = [(TONGUES[tongue].number,) for tongue in chosen]
    elif why is not None:
        spoken = [_explained(tongue, getattr(picture, tongue), why) for tongue in chosen]
    else:
        spoken = [getattr(picture, tongue) for tongue in chosen]
    # What matters most first, in each language: a small display shows the first two lines alone.
    rows = [line for rank in zip_longest(*spoken) for line in rank if line is not None]
    if view is View.PIN_ENTRY:
        rows.insert(0, _dots(typed) if number is None else number or "_")
    if why is not None:
        return Panel(picture.colour, why.icon, tuple(rows), DISCREET.get(why.code, why.code))
    return Panel(picture.colour, picture.icon, tuple(rows), picture.code)


def sound_of(view: View) -> Sound:
    """What goes with the view for those who do not see it; played once, when it appears."""
    return PICTURES[view].sound


def code_of(decision: Decision) -> str | None:
    """For the technician and the log: stable, kebab-case. None when all is well, or nobody was there."""
    why = _why(decision)
    return why.code if why else None


def _why(decision: Decision | None) -> Why | None:
    if isinstance(decision, LowQuality):
        return Why("low-quality", Icon.LOOK, *FAULTS[decision.fault])
    if isinstance(decision, Revoked) and decision.reason == "expired":
        return EXPIRED
    if isinstance(decision, BadBadge) and decision.reason in UNREADABLE:
        return WHYS[BadBadge]._replace(code="badge-unreadable")
    return WHYS.get(type(decision)) if decision is not None else None


def _explained(tongue: str, action: tuple[str, ...], why: Why) -> tuple[str, ...]:
    sentence: str = getattr(why, tongue)
    return (sentence, TONGUES[tongue].usher) if why.icon in _TO_THE_USHER else (sentence, *action)


def _welcome(tongue: str, greeting: Greeting) -> tuple[str, ...]:
    name, seat = _shown(greeting.name), _shown(greeting.seat)
    words = TONGUES[tongue]
    said = (words.welcome.format(name=name) if name else "", words.seat.format(seat=seat) if seat else "")
    return tuple(line for line in said if line)


def _wait(tongue: str, lines: tuple[str, ...], seconds: int | None) -> tuple[str, ...]:
    words = TONGUES[tongue]
    wait = words.wait if seconds is None else words.wait_s.format(seconds=seconds)
    return tuple(line.format(wait=wait) for line in lines)


def _shown(text: str) -> str:
    """One line of letters that a font has: composed (marks apart from their letter are not placed)."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in composed).split())


def _dots(typed: int) -> str:
    done = min(max(typed, 0), PIN_DIGITS)
    return "\N{NO-BREAK SPACE}".join("•" * done + "_" * (PIN_DIGITS - done))
