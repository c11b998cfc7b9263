"""The freeze of the sitting that is open: whom it holds, whom two people have freed, and what a spare must
run to join.

The lease itself is the message `freeze/1` to all, signed, of twelve hours, renewed at half of that while the
sitting is open (fleet/desk/desk.py). What devices make of it: edge/device/twin.py.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fleet.api.errors import Conflict
from fleet.db import Connection
from fleet.devices import store as devices
from fleet.devices.rules import is_ready
from fleet.freeze import store
from fleet.freeze.refusals import SAID, held_word, refused
from fleet.freeze.store import FrozenDevice, Holds
from fleet.saying import Said, joined, say
from fleet.sittings import store as sittings
from wire.ids import SittingId

HELD: Final = ("firmware", "models", "config", "os", "environment")
"""Of what a device reports at its birth: what must be the same."""
_SHOWN: Final = 12


def is_frozen(connection: Connection) -> str | None:
    """The sitting for which devices change nothing now."""
    found = sittings.open_sitting(connection)
    return None if found is None else found.sitting


def overridden(connection: Connection, device: str, now_ms: int) -> bool:
    """Whether two people have lifted the freeze that is in force for this device, or for the whole hall."""
    sitting = is_frozen(connection)
    return any(
        lifted.device in (None, device)
        and lifted.sitting == sitting
        and lifted.until_ms is not None
        and now_ms < lifted.until_ms
        for lifted in store.in_states(connection, ("lifted",))
    )


def holds_of(reported: Mapping[str, str]) -> Holds:
    return {name: reported[name] for name in HELD if name in reported}


def begin(connection: Connection, sitting: SittingId, now_ms: int) -> int:
    """Remember who is there under the freeze that begins, and what they run; how many they are. Who is away
    joins by `check_spare`, or takes no part."""
    signs = {light.device: light.sign for light in devices.lights(connection)}
    rows = [
        FrozenDevice(each.device, each.role, True, holds_of(each.reported), now_ms)
        for each in store.born(connection)
        if is_ready("active", signs[each.device], now_ms)
    ]
    store.set_frozen(connection, sitting, rows)
    return len(rows)


def end(connection: Connection, sitting: SittingId, now_ms: int) -> None:
    """Who came while it lasted, or is there now that it ends, is asked for its word too."""
    known = store.frozen(connection, sitting)
    names, since_ms = {row.device for row in known}, min((row.since_ms for row in known), default=now_ms)
    signs = {light.device: light.sign for light in devices.lights(connection)}
    store.set_frozen(
        connection,
        sitting,
        [
            FrozenDevice(each.device, each.role, False, holds_of(each.reported), each.at_ms)
            for each in store.born(connection)
            if each.device not in names
            and (each.at_ms >= since_ms or is_ready("active", signs[each.device], now_ms))
        ],
    )


def check_spare(connection: Connection, device: str, now_ms: int) -> None:
    """Let a device take a seat or a place in an open sitting only if it runs what a device of its role ran
    when the sitting was opened. Raises Conflict.

    Where none of its role was there, there is nothing to compare it with; an override for it allows anything.
    """
    sitting = is_frozen(connection)
    if sitting is None or overridden(connection, device, now_ms):
        return
    found = devices.find(connection, device)
    if found is None:
        return
    rows = store.frozen(connection, sitting)
    allowed = allowed_of(rows, found.role)
    holds = holds_of(devices.reported(connection, device))
    if allowed and holds not in allowed:
        key, facts = refusal(holds, allowed)
        raise refused(Conflict, key, code="spare-differs", device=device, sitting=sitting, **facts)
    if all(row.device != device for row in rows):
        store.set_frozen(connection, sitting, [FrozenDevice(device, found.role, False, holds, now_ms)])


def allowed_of(rows: Iterable[FrozenDevice], role: str) -> list[Holds]:
    """What devices of this role ran that were there, each once. Pure."""
    found: list[Holds] = []
    for row in rows:
        if row.role == role and row.present and row.holds not in found:
            found.append(row.holds)
    return found


def refusal(holds: Holds, allowed: list[Holds]) -> tuple[str, dict[str, Any]]:
    """Key and facts of what to say of a device that runs something else. Pure."""
    if not holds:
        return "spare-silent", {}
    nearest = min(allowed, key=lambda each: len(_differing(holds, each)))
    wrong = [
        say(SAID, "runs", what=held_word(name), has=_shown(holds.get(name)), needs=_shown(nearest.get(name)))
        for name in _differing(holds, nearest)
    ]
    return "spare-differs", {"wrong": joined(wrong, "; ")}


def _differing(one: Holds, other: Holds) -> list[str]:
    return [name for name in HELD if one.get(name) != other.get(name)]


def _shown(held: str | None) -> Said:
    """A hash and a release, short enough to compare by eye."""
    if not held:
        return say(SAID, "nothing")
    digest, _, counter = held.partition(" ")
    shown = digest[:_SHOWN]
    return say(SAID, "release", shown=shown, counter=counter) if counter else Said(shown, shown)
