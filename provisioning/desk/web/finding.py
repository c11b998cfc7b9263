"""A device or place by whatever stands on it: serial, name, place, seat, or the address of its label."""

from typing import Any
from urllib.parse import unquote, urlsplit

from provisioning.plan import Plan

LABEL_PATH = "/d/"


def wanted(text: str) -> str:
    """What is meant by a label's address, pasted or scanned; anything else as it is."""
    path = urlsplit(text.strip()).path
    return unquote(path.partition(LABEL_PATH)[2]) if LABEL_PATH in path else text.strip()


def find_device(text: str, plan: Plan, devices: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The fleet's line of the device that this is written on, or that stands where this is written. Active
    ones before revoked ones, exact words only."""
    asked = wanted(text).casefold()
    places = [
        place.device
        for place in plan.places
        if place.device and asked in {place.place.casefold(), place.label.casefold(), place.seat.casefold()}
    ]
    hits = [
        line
        for line in devices
        if asked in {str(line.get("serial") or "").casefold(), line["device"].casefold()}
        or line["device"] in places
    ]
    return min(hits, key=lambda line: line["state"] != "active", default=None)
