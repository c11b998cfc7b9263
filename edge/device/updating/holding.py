"""What runs now, by component: which slot, and what lies in it."""

import logging
from collections.abc import Mapping
from typing import Final

from edge.device.errors import StoreError
from edge.device.update import GOLDEN
from edge.device.updating.ports import Slots
from wire.updates import Held

_log: Final = logging.getLogger("hallward.update")


def slots_running(slots: Mapping[str, Slots], firmware: str | None) -> dict[str, str]:
    """firmware: slot that this process runs from; None: the launcher did not say, so it is golden."""
    running = {component: each.in_force() for component, each in slots.items()}
    if "firmware" in running:
        running["firmware"] = firmware or GOLDEN
    return running


def held(slots: Mapping[str, Slots], running: Mapping[str, str]) -> dict[str, Held]:
    """Of a component that cannot be read nothing is said: it must not keep a device from starting."""
    found = {}
    for component, each in slots.items():
        try:
            there = each.holds(running[component])
        except StoreError as err:
            _log.warning("%s: %s", component, err.diagnostics())
            continue
        if there is not None:
            found[component] = there
    return found


def reported(held: Mapping[str, Held]) -> dict[str, str]:
    """As a birth says it."""
    return {component: each.reported() for component, each in held.items()}
