"""What the fleet knows of devices that bears on updates: the registry, the plan of the hall, births, health,
records `update/1`; as the rules want to see it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import select, update

from fleet.db import Connection
from fleet.ddi.following import as_its_client_says
from fleet.ddi.store import Client, clients
from fleet.devices.rules import UPDATE
from fleet.devices.store import sign_of
from fleet.rollout.rules.shape import Backend, Device, Observation
from fleet.tables import births, devices, health, places, update_outcomes
from wire.errors import BadSchema
from wire.ids import DeviceId, HallId
from wire.updates import COMPONENTS, Held, parse_held

_SAID: Final[tuple[str, ...]] = ("hardware", "environment", "runtime", "camera")
"""What a birth may report that failures may have in common, beside what the device holds."""

_CHANGED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "firmware": ("firmware", "software"),
    "models": ("models", "runtime"),
    "config": ("config",),
    "os": ("os", "os-version", "environment", "runtime", "software"),
}
"""Facts that are others once a component is replaced."""
_HASH_CHARACTERS: Final = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """A device as the registry, the plan of the hall and its last words show it. status: of its twin key
    `update`. born_ms: when its last birth came, 0: never."""

    device: Device
    status: str
    born_ms: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """after: SHA-256 of the target; None: golden. received_ms: when it became a leaf."""

    step: str
    cause: str
    readings: Mapping[str, int]
    after: bytes | None = None
    received_ms: int = 0


def seen(connection: Connection, hall: HallId) -> dict[DeviceId, Seen]:
    """Every device of the registry that can be updated."""
    query = (
        select(
            devices.c.device,
            devices.c.role,
            devices.c.state,
            devices.c.backend,
            places.c.row,
            places.c.seat,
            births.c.received_ms,
            births.c.software,
            births.c.reported,
            health.c.last_seen_ms,
            health.c.clock_skew_ms,
            health.c.readings,
        )
        .outerjoin(births, births.c.device == devices.c.device)
        .outerjoin(health, health.c.device == devices.c.device)
        .outerjoin(places, places.c.device == devices.c.device)
        .order_by(devices.c.device)
    )
    told = clients(connection)
    return {
        DeviceId(row.device): _told(_seen(row, hall), told.get(DeviceId(row.device)))
        for row in connection.execute(query).all()
    }


def outcomes(connection: Connection, rollout: str) -> dict[tuple[str, int], Outcome]:
    """What devices have said under this rollout, by device and generation: the newest step, and the readings
    of all its steps, the newer over the older."""
    c = update_outcomes.c
    query = (
        select(c.device, c.generation, c.step, c.cause, c.readings, c.after_sha256, c.received_ms)
        .where(c.rollout == rollout)
        .order_by(c.leaf_index)
    )
    found: dict[tuple[str, int], Outcome] = {}
    for device, generation, step, cause, readings, after, received_ms in connection.execute(query).all():
        key = (device, generation)
        before = found[key].readings if key in found else {}
        found[key] = Outcome(step, cause, {**before, **_json(readings)}, after, received_ms)
    return found


def observed(seen: Seen, component: str, before: bytes | None, outcome: Outcome | None) -> Observation:
    """What the rules judge a device by. before: SHA-256 of what it had when the rollout was planned. Facts
    that the update itself changes would only tell failures from failures: what was before takes their
    place."""
    said = outcome or Outcome("", "", {})
    facts = {name: value for name, value in seen.facts.items() if name not in _CHANGED_BY[component]}
    if before is not None:
        facts[f"{component}-before"] = before.hex()[:_HASH_CHARACTERS]
    return Observation(
        device=seen.device.device,
        seen_ms=seen.device.seen_ms if seen.device.is_active else None,
        held=_held(seen, component, said),
        step=said.step or None,
        cause=said.cause,
        status=seen.status,
        readings=said.readings,
        facts=facts,
        status_ms=seen.born_ms,
    )


def _held(seen: Seen, component: str, said: Outcome) -> Held | None:
    """As its last birth has it; but a birth is not kept by the device until it is stored, as a record is: one
    that came before the word `committed` knows less than that word."""
    reported = seen.device.held.get(component)
    if said.step != "committed" or said.after is None or said.received_ms < seen.born_ms:
        return reported
    return reported if reported is not None and reported.sha256 == said.after else Held(said.after, 0)


def names(connection: Connection) -> list[DeviceId]:
    """Of every device."""
    return [DeviceId(name) for name in connection.execute(select(devices.c.device)).scalars()]


def active(connection: Connection) -> set[DeviceId]:
    """Devices that are not revoked."""
    query = select(devices.c.device).where(devices.c.state == "active")
    return {DeviceId(name) for name in connection.execute(query).scalars()}


def backend_of(connection: Connection, device: str) -> Backend | None:
    """Who carries out orders for this device. None: there is no such device."""
    row = connection.execute(select(devices.c.backend).where(devices.c.device == device)).first()
    return None if row is None else Backend(row.backend or Backend.NATIVE)


def set_backend(connection: Connection, device: str, backend: Backend) -> None:
    connection.execute(update(devices).where(devices.c.device == device).values(backend=str(backend)))


def _seen(row: Any, hall: HallId) -> Seen:
    said = _reported(row.reported or "{}")
    readings = _json(row.readings or "{}")
    backend = Backend(row.backend or Backend.NATIVE)
    device = Device(
        device=DeviceId(row.device),
        role=row.role,
        hall=hall,
        row=row.row or "",
        seat=row.seat or "",
        backend=backend,
        is_active=row.state == "active",
        seen_ms=sign_of(row.received_ms, row.last_seen_ms, row.clock_skew_ms).last_seen_ms,
        hardware=said.reported.get("hardware"),
        environment=said.reported.get("environment", ""),
        held=said.held,
        memory_kb=readings.get("memory-kb"),
        disk_kb=readings.get("disk-free-kb"),
    )
    facts = {**said.facts, "software": row.software or "", "row": device.row, "backend": backend.value}
    return Seen(device, said.reported.get(UPDATE, ""), row.received_ms or 0, facts)


def _told(found: Seen, client: Client | None) -> Seen:
    if client is None or found.device.backend is not Backend.DDI:
        return found
    device, facts = as_its_client_says(found.device, client)
    return replace(found, device=device, facts={**found.facts, **facts})


@dataclass(frozen=True, slots=True)
class _Said:
    reported: Mapping[str, str]
    held: Mapping[str, Held]
    facts: Mapping[str, str]


@lru_cache(maxsize=16_384)
def _reported(text: str) -> _Said:
    """A birth's words, and what the device holds; of a component that it words badly it holds nothing known.
    The same text comes twice a second as long as it stands: read once."""
    reported: dict[str, str] = json.loads(text)
    held = {}
    for component in COMPONENTS:
        try:
            held[component] = parse_held(reported[component])
        except (KeyError, BadSchema):
            continue
    facts: dict[str, str] = {name: reported[name] for name in _SAID if name in reported}
    facts |= {component: f"release {each.counter}" for component, each in held.items()}
    return _Said(reported, held, facts)


@lru_cache(maxsize=16_384)
def _json(text: str) -> Mapping[str, int]:
    found: dict[str, int] = json.loads(text)
    return found
