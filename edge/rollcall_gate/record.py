"""Decision + passage -> the record that is signed and kept. Carries no score, no picture, no embedding."""

from edge.rollcall_gate.decide import Admitted
from wire.ids import SittingId
from wire.records import Alarm, Passage

FORCED = Alarm("door-forced", "the door was opened without being released")
HELD_OPEN = Alarm("door-held-open", "the door has stood open longer than a passage takes")


def passage_of(admitted: Admitted, sitting: SittingId, direction: str) -> Passage:
    """direction: `in` or `out`."""
    return Passage(sitting, admitted.member, direction, admitted.method)
