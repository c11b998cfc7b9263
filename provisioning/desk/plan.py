"""Where on the plan of the hall a device may go. Pure."""

from typing import Final

from provisioning.plan import Plan
from wire.ids import DeviceId

SPARE: Final = ("Dự phòng", "spare")
"""What stands for a place where there is none: a device of the pool of spares."""
GREEN: Final = "green"

Fault = tuple[str, dict[str, str]]
"""Code and values for its words; the code is empty when nothing is wrong."""


def fault(plan: Plan, place: str, *, role: str, serial: str, device: DeviceId) -> Fault:
    """Why this device cannot stand there: code and values for its words; code empty when it can."""
    found = plan.by_place.get(place)
    if found is None:
        return "no-such-place", {"place": place}
    label = found.label or place
    if found.role != role:
        return "wrong-role", {"place": label}
    if found.device not in (None, device) and found.state == "active":
        return "place-taken", {"place": label}
    if found.serial is not None and found.serial != serial:
        return "other-serial", {"place": label, "expected": found.serial, "serial": serial}
    return "", {}
