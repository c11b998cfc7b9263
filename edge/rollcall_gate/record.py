"""Decision + passage -> the record that is signed and kept, and the alarms of a gate.

No record carries a score, a picture or an embedding; an alarm names nobody, not even by pseudonym.
"""

from typing import Final

from edge.rollcall_gate.display.screen import code_of
from edge.rollcall_gate.door.passage import Effect
from edge.rollcall_gate.who.decide import Admitted, Decision
from wire.ids import SittingId
from wire.records import Alarm, Passage

FORCED: Final = Alarm("door-forced", "the door was opened, or passed, without being released")
HELD_OPEN: Final = Alarm("door-held-open", "the door has stood open longer than a passage takes")
CAMERA_OUT: Final = Alarm("camera-fault", "the camera gives no picture; people come by badge")
DOOR_OUT: Final = Alarm("door-fault", "the door's hardware does not answer; the usher opens by hand")
SENSOR_OUT: Final = Alarm("sensor-fault", "the beams do not answer; passages are told by the door alone")
COMPANY: Final = Alarm("two-at-the-gate", "two people stood at the gate when one of them was admitted")
TAILGATING: Final = Alarm("tailgating", "more people went through than were admitted")
OF_EFFECT: Final = {
    Effect.ALARM_FORCED: FORCED,
    Effect.ALARM_HELD_OPEN: HELD_OPEN,
    Effect.ALARM_TAILGATING: TAILGATING,
    Effect.ALARM_WRONG_WAY: Alarm("wrong-direction", "somebody went through against the lane"),
    Effect.ALARM_JAM: Alarm("door-jammed", "the turnstile cannot turn; the usher hands people past"),
    Effect.ALARM_FIRE: Alarm("fire", "the fire contact is open; the door is released"),
}
REFUSALS: Final = {
    "attack-suspected": "a picture instead of a person is suspected; a human looks",
    "badge-forged": "a badge whose signature does not hold was shown",
    "badge-expired": "a badge that has expired was shown",
    "badge-revoked": "a badge that was replaced or withdrawn was shown",
    "badge-other-congress": "a badge of another congress was shown",
    "already-inside": "a badge was shown again soon after it had opened this gate",
    "not-the-bearer": "a face did not go with the badge that was shown",
    "pin-locked": "too many wrong PINs; the pad waits",
}
"""Of the ways in that were refused, those that an auditor wants to know of. A stranger's face is none."""


def passage_of(admitted: Admitted, sitting: SittingId, direction: str) -> Passage:
    """direction: `in` or `out`."""
    return Passage(sitting, admitted.member, direction, admitted.method)


def refusal_of(decision: Decision) -> Alarm | None:
    """What the log is told of a refusal; None when it is nobody's business."""
    code = code_of(decision)
    return Alarm(code, REFUSALS[code]) if code in REFUSALS else None
