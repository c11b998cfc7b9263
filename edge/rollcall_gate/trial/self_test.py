"""What a technician's self-test says about a gate's own parts: one line per part, each with what to do. Pure.

The limits stand here as data, those of the camera in sight.py; who measures is checks.py. What every device
has is judged in edge/device/findings.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.device.findings import Finding

DOOR_SETTLE_MS: Final = 500
MEMORY_KB_MIN: Final = 300 * 1024
MEMORY_KB_DANGER: Final = 120 * 1024


# -- door and lane -----------------------------------------------------------------------------------------


def fire_contact(active: bool | None, fault: str | None = None) -> Finding:
    """active: None when no contact is wired."""
    name = "fire contact"
    if fault is not None:
        return Finding(name, False, fault, "look at the contact's two wires and their pin in device.toml")
    if active is None:
        return Finding(name, True, "none is wired to this computer; the alarm opens the door by its own wire")
    if active:
        advice = "alarm, or a cut wire: until it ends, the door stays released and is not tried"
        return Finding(name, False, "active", advice)
    return Finding(name, True, "at rest")


def pass_sensor(crossings: int | None, fault: str | None = None) -> Finding:
    """crossings: seen while nobody should have passed; None when no sensor is wired."""
    name = "pass sensor"
    if fault is not None:
        return Finding(name, False, fault, "look at the beams' supply, wires and pins in device.toml")
    if crossings is None:
        return Finding(name, True, "none is wired; the door's contact alone tells who passed")
    if crossings:
        advice = "if nobody went through: align the beams, wipe them, and check again"
        return Finding(name, None, f"{crossings} crossing(s) during this check", advice)
    return Finding(name, True, "both beams answer, nobody passed")


@dataclass(frozen=True, slots=True)
class DoorCycle:
    """What the door did. moved: False when it was left alone, and `reason` says why. fault: its error's
    words. open_before: the contact, before anything was moved. bolted: it took the bolt. opened: the contact
    opened while the bolt was out."""

    moved: bool = False
    reason: str = ""
    fault: str | None = None
    jammed: bool = False
    open_before: bool = False
    bolted: bool = False
    opened: bool = False


def door_cycles(cycle: DoorCycle) -> Finding:
    name = "door"
    if cycle.fault is not None:
        return Finding(name, False, cycle.fault, "look at wires and pins of lock and contact")
    if cycle.jammed:
        return Finding(name, False, "its fault contact says that it cannot turn", "free it, then check again")
    if cycle.open_before:
        advice = "shut the door and check again; if it is shut, the contact or its magnet is out of place"
        return Finding(name, False, "the contact says that it is open, so it was not moved", advice)
    if not cycle.moved:
        return Finding(name, None, f"not moved: {cycle.reason}")
    if not cycle.bolted:
        return Finding(name, False, "it did not take the bolt", "keep away from the door and check again")
    if cycle.opened:
        advice = "the bolt misses its plate, or the contact is loose: adjust it until the door holds"
        return Finding(name, False, "it came open while it was secured", advice)
    return Finding(name, True, "released, secured, released; you should have heard it twice")


# -- the machine ------------------------------------------------------------------------------------------


def memory_suffices(available_kb: int | None) -> Finding:
    if available_kb is None:
        return Finding("memory", None, "not to be read", "is this a Linux machine?")
    words, measured = f"{available_kb // 1024} MB available", {"available-kb": available_kb}
    if available_kb < MEMORY_KB_MIN:
        advice = f"a gate takes up to {MEMORY_KB_MIN // 1024} MB: stop what else runs here"
        return Finding("memory", False if available_kb < MEMORY_KB_DANGER else None, words, advice, measured)
    return Finding("memory", True, words, "", measured)


# -- what was put onto it ----------------------------------------------------------------------------------


def models_match(named: Mapping[str, str], found: Mapping[str, str | None]) -> Finding:
    """named: file -> SHA-256 in hex, as SHA256SUMS says. found: the same of the files that a gate loads, None
    for one that cannot be read."""
    wrong = sorted(name for name, sha256 in found.items() if sha256 is None or named.get(name) != sha256)
    if wrong or not found:
        words = f"{', '.join(wrong) or 'no file'} not as SHA256SUMS says"
        return Finding("networks", False, words, "copy the whole folder int8 of `hallward models all` again")
    words = ", ".join(f"{name} {sha256[:8]}" for name, sha256 in sorted(found.items()) if sha256)
    return Finding("networks", True, words)


def sealing_key(fingerprint: str) -> Finding:
    """fingerprint: first 16 hexadecimal digits of SHA-256 over the public key."""
    spoken = " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
    return Finding(
        "sealing key print", True, f"{spoken}; the whole key, above, goes to the enrolment desk (--gate)"
    )
