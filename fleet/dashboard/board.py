"""What the live page shows, as one JSON-able state. Pure: everything it says comes in as arguments."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ballot.rules.sums import quorum
from fleet.attendance.rules import Attendance
from fleet.devices.rules import Sign, condition
from fleet.sittings.rules import seat_order
from wire.ids import DeviceId

MISSING_SHOWN: Final = 40
_PUBLIC_RESULT: Final = (
    "outcome", "yes", "no", "abstain", "cast", "present", "summoned", "majority", "quorum", "outcome_words",
    "rule_words", "sums", "refusals", "persons", "paper", "blank", "invalid", "base",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeviceLine:
    device: DeviceId
    role: str
    place: str
    state: str
    sign: Sign
    seat: str
    """Label of the seat in the sitting on show; empty for a keypad that speaks for nobody."""


@dataclass(frozen=True, slots=True)
class SittingLine:
    sitting: str
    title: str
    state: str
    quorum_num: int
    quorum_den: int
    attendance: Attendance
    by_method: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """state: with `closing`. paper: counted by hand; seated, voted and missing are of its boxes. held_why:
    the fleet held it. result: as frozen, None before."""

    question: str
    text: str
    state: str
    revote: bool
    seated: int
    voted: int
    missing: Sequence[str]
    result: Mapping[str, Any] | None
    paper: bool = False
    held_why: str | None = None


@dataclass(frozen=True, slots=True)
class SecretLine:
    """A secret question that is open or held: how many have cast a ballot, and nothing else of it."""

    question: str
    text: str
    state: str
    seated: int
    cast: int
    held_why: str | None


def devices_state(lines: Sequence[DeviceLine], now_ms: int) -> dict[str, Any]:
    """gates and other devices as objects; keypads as rows [device, seat, word, seen_ms], by seat, unseated
    ones last."""
    keypads = [line for line in lines if line.role == "keypad" and (line.seat or line.state == "active")]
    rows = [
        [line.device, line.seat, condition(line.state, line.sign, now_ms).value, line.sign.last_seen_ms]
        for line in sorted(keypads, key=lambda line: (not line.seat, seat_order(line.seat), line.device))
    ]
    return {
        "gates": [
            {
                "device": line.device,
                "role": line.role,
                "place": line.place,
                "word": condition(line.state, line.sign, now_ms).value,
                "seen_ms": line.sign.last_seen_ms,
            }
            for line in lines
            if line.role != "keypad" and line.state == "active"
        ],
        "keypads": rows,
        "keypad_words": dict(Counter(row[2] for row in rows)),
    }


def sitting_state(line: SittingLine) -> dict[str, Any]:
    where = line.attendance
    summoned = len(where.present) + len(where.left) + len(where.absent)
    return {
        "sitting": line.sitting,
        "title": line.title,
        "state": line.state,
        "summoned": summoned,
        "present": len(where.present),
        "left": len(where.left),
        "absent": len(where.absent),
        "guests": len(where.guests),
        "by_method": dict(line.by_method),
        "quorum": asdict(quorum(len(where.present), summoned, line.quorum_num, line.quorum_den)),
    }


def question_state(line: QuestionLine) -> dict[str, Any]:
    """Turnout only, until there is a result. The list by name has its own route."""
    result = (
        None
        if line.result is None
        else {key: line.result[key] for key in _PUBLIC_RESULT if key in line.result}
    )
    return {
        "question": line.question,
        "text": line.text,
        "state": line.state,
        "revote": line.revote,
        "seated": line.seated,
        "voted": line.voted,
        "missing": list(line.missing[:MISSING_SHOWN]),
        "missing_count": len(line.missing),
        "paper": line.paper,
        "held_why": line.held_why,
        "result": result,
    }


def secret_state(line: SecretLine) -> dict[str, Any]:
    """In the place of an open question; its result has its own page."""
    return {
        "question": line.question,
        "text": line.text,
        "state": line.state,
        "secret": True,
        "seated": line.seated,
        "voted": line.cast,
        "held_why": line.held_why,
        "result": None,
    }


def material(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state without the moments that change by themselves: two that are equal in this need no new
    event."""
    devices = state["devices"]
    return {
        **{key: value for key, value in state.items() if key not in ("at_ms", "devices")},
        "gates": [
            {key: value for key, value in gate.items() if key != "seen_ms"} for gate in devices["gates"]
        ],
        "keypads": [row[:3] for row in devices["keypads"]],
    }
