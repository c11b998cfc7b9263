"""A dead device and a spare, from the command line: the fleet's one act, then the end of a certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.authority.folder import AuthorityFolder
from provisioning.errors import ConfigError
from provisioning.places import Calls
from wire.ids import DeviceId


@dataclass(frozen=True, slots=True)
class Swapped:
    """place: in words. notes: (vi, en), what is left to do by hand. is_taken_back: the authority's list has
    the old certificate; False for one that it never issued, or when no authority was named."""

    dead: str
    spare: str
    place: str
    sittings: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    is_taken_back: bool


def swap(
    fleet: Calls,
    authority: AuthorityFolder | None,
    dead: str,
    spare: str,
    reason: str,
    *,
    fleet_tls: Path | None = None,
) -> Swapped:
    """dead, spare: device, serial number, or the place where it stands. May be repeated: the fleet answers
    the same, and the list is written again.

    Raises ConfigError for a name that means no device or two, FleetRefused; then nothing has changed.
    """
    rows = fleet.call("GET", "/api/devices")
    old, new = _device(rows, dead), _device(rows, spare)
    answer = fleet.call("POST", "/api/swap", {"dead": old, "spare": new, "reason": reason})
    taken_back = False
    if authority is not None and authority.ledger.knows(DeviceId(old)):
        authority.revoke(DeviceId(old))
        authority.write_revocations(*([] if fleet_tls is None else [fleet_tls / "ca.crl"]))
        taken_back = True
    notes = tuple(zip(answer["notes_vi"], answer["notes_en"], strict=True))
    return Swapped(old, new, answer["label"], tuple(answer["sittings"]), notes, taken_back)


def _device(rows: list[Mapping[str, Any]], name: str) -> str:
    """The device that is meant. By its own name first; of a serial number the one in service; of a place
    whoever stands there."""
    if any(row["device"] == name for row in rows):
        return name
    found = [row for row in rows if name in (row["serial"], row["place_id"])]
    active = [row for row in found if row["state"] == "active"] or found
    if len(active) == 1:
        return str(active[0]["device"])
    if not active:
        raise ConfigError(
            f"{name!r:.80} is no device, serial number or place of this hall: look at its label"
        )
    names = ", ".join(str(row["device"]) for row in active)
    raise ConfigError(f"{name!r:.80} means more than one device: say which of {names}")
