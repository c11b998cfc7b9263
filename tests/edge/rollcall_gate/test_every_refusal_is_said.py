"""Whoever is not let in: a sentence for them, a code for the technician, a record for the auditor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import pytest

from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.record import REFUSALS
from edge.rollcall_gate.who import decide
from edge.rollcall_gate.who.decide import DEFAULT, Admitted, Decision, NoFace, Sample
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from edge.rollcall_gate.who.reception import Manner
from tests.edge.rollcall_gate.rig import CONGRESS, DESK, WALL_MS, Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member
from wire.envelope import Purpose, seal
from wire.ids import CongressId
from wire.records import Alarm
from wire.up import Badge, badge_text, encode_up

ME = member(1)
USHER = "Please see the usher."
BADGE = "Please show your badge, or see the usher."


def looks(degrees: float, axis: int = 1, bona_fide: float | None = None) -> list[Sample]:
    return [Sample(at_angle(degrees, axis), track=1, bona_fide=bona_fide)] * 3


def forged(rig: Rig) -> None:
    badge = Badge(CONGRESS, ME, 1, WALL_MS + 10**9)
    rig.gate.on_badge(badge_text(seal(encode_up(badge), Purpose.BADGE, DESK)))


def revoked(rig: Rig) -> None:
    rig.revoke_badges(1)
    rig.badge(ME)


def already_inside(rig: Rig) -> None:
    rig.badge(ME)
    rig.go_through()
    rig.wait(5_000)
    rig.badge(ME)


def not_the_bearer(rig: Rig) -> None:
    rig.badge(ME)
    rig.walk(*looks(90, axis=7))


def pin_locked(rig: Rig) -> None:
    for _ in range(6):
        rig.keys("77E123456E")


@dataclass(frozen=True)
class Refused:
    """how: it comes about. said: the lines. corner: code on the display. alarm: code of the record."""

    kind: str
    how: Callable[[Rig], None]
    said: tuple[str, ...]
    corner: str
    alarm: str | None
    verifies: bool = False


CASES = [
    Refused("BadBadge", forged, ("This badge cannot be read.", USHER), "badge-unreadable", "badge-forged"),
    Refused(
        "BadBadge",
        lambda rig: rig.gate.on_badge("https://example.org"),
        ("This badge cannot be read.", USHER),
        "badge-unreadable",
        None,
    ),
    Refused(
        "Revoked",
        lambda rig: rig.badge(ME, late=True),
        ("This badge has expired.", USHER),
        "badge-expired",
        "badge-expired",
    ),
    Refused("Revoked", revoked, ("This badge is no longer valid.", USHER), "badge-revoked", "badge-revoked"),
    Refused(
        "NotOnRoster",
        lambda rig: rig.badge(ME, congress=CongressId("another")),
        ("This badge is for another congress.", USHER),
        "badge-other-congress",
        "badge-other-congress",
    ),
    Refused(
        "AlreadyInside",
        already_inside,
        ("This badge has just been used.", USHER),
        "already-inside",
        "already-inside",
    ),
    Refused(
        "AttackSuspected",
        lambda rig: rig.walk(*looks(0, bona_fide=0.01)),
        ("We did not recognise you yet.", BADGE),
        "no-match",
        "attack-suspected",
    ),
    Refused(
        "NotTheBearer",
        not_the_bearer,
        ("Face and badge do not match yet.", USHER),
        "not-the-bearer",
        "not-the-bearer",
        verifies=True,
    ),
    Refused(
        "PinLocked",
        pin_locked,
        ("Please try your PIN again in 300 s.", "Or show your badge, or see the usher."),
        "pin-locked",
        "pin-locked",
    ),
    Refused(
        "WrongPin",
        lambda rig: rig.keys("77E123456E"),
        ("PIN not right. Please try again.", BADGE),
        "pin-wrong",
        None,
    ),
    Refused(
        "NoMatch",
        lambda rig: rig.walk(*looks(90, axis=7)),
        ("We did not recognise you yet.", BADGE),
        "no-match",
        None,
    ),
    Refused(
        "Ambiguous",
        lambda rig: rig.walk(*looks(45)),
        ("We are not quite sure yet.", BADGE),
        "ambiguous",
        None,
    ),
    Refused(
        "LowQuality",
        lambda rig: rig.walk(*[Sample(fault=Fault.BLURRED, track=1)] * 31),
        ("Please hold still.", BADGE),
        "low-quality",
        None,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.corner}-{case.alarm}")
def test_a_refusal_has_a_sentence_a_code_and_for_the_auditor_a_record_that_names_nobody(
    case: Refused,
) -> None:
    rig = Rig(manner=Manner(DEFAULT, UNCALIBRATED, verifies=case.verifies), passback_ms=120_000)
    rig.enrol((ME, 0, at_angle(0)), (member(2), 0, at_angle(90)))
    rig.open_sitting()
    case.how(rig)
    assert rig.seen["decision"] == case.kind
    assert rig.door.locked
    assert rig.display.lines == case.said
    assert rig.seen["code"] == case.corner
    assert rig.alarms() == ([case.alarm] if case.alarm else [])
    for record, row in zip(rig.records(), rig.disk.rows.values(), strict=True):
        if isinstance(record.body, Alarm):
            assert ME not in row
            assert record.body.detail == REFUSALS[record.body.code]


def test_every_kind_of_decision_that_lets_nobody_in_stands_in_the_table() -> None:
    kinds = {kind.__name__ for kind in get_args(Decision)} - {Admitted.__name__, NoFace.__name__}
    assert {case.kind for case in CASES} == kinds
    assert {case.alarm for case in CASES} - {None} == set(REFUSALS)
    assert all(hasattr(decide, kind) for kind in kinds)


def test_a_row_of_forged_badges_does_not_fill_the_disk() -> None:
    rig = Rig()
    rig.open_sitting()
    for serial in range(1, 101):
        badge = Badge(CONGRESS, ME, serial, WALL_MS + 10**9)
        rig.gate.on_badge(badge_text(seal(encode_up(badge), Purpose.BADGE, DESK)))
        rig.wait(100)
    assert rig.alarms() == ["badge-forged"]
    rig.wait(500)
    forged(rig)
    assert rig.alarms() == ["badge-forged"] * 2


def test_a_refusal_on_a_full_disk_is_said_all_the_same() -> None:
    rig = Rig()
    rig.open_sitting()
    rig.disk.full = True
    forged(rig)
    assert rig.display.lines == ("This badge cannot be read.", USHER)
    rig.disk.full = False
    rig.badge(ME)
    assert rig.go_through()
