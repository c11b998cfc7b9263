"""What hawkBit clients have said, as the rules of rollouts see it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from fleet.db import Connection
from fleet.ddi import store
from fleet.ddi.rules import word_of
from fleet.ddi.store import Client
from fleet.rollout.rules.shape import Backend, Course, Device, Observation
from wire.errors import BadSchema
from wire.ids import DeviceId
from wire.updates import Held, parse_held

_FACTS: Final = ("hardware", "os-version")


def as_its_client_says(device: Device, client: Client) -> tuple[Device, Mapping[str, str]]:
    """The device with what its hawkBit client says, where it says nothing itself; and what failures may have
    in common. Pure."""
    held = _held(client.holds)
    changed = replace(
        device,
        hardware=device.hardware or client.attributes.get("hardware"),
        environment=device.environment or client.attributes.get("environment", ""),
        held={**({"os": held} if held else {}), **device.held},
        seen_ms=max((ms for ms in (device.seen_ms, client.polled_ms) if ms is not None), default=None),
    )
    facts = {name: client.attributes[name] for name in _FACTS if name in client.attributes}
    return changed, facts | ({"os": f"release {held.counter}"} if held else {})


def _held(text: str) -> Held | None:
    try:
        return parse_held(text)
    except BadSchema:
        return None


def observed(
    connection: Connection, rollout: str, courses: Iterable[Course], seen: Mapping[DeviceId, Observation]
) -> dict[DeviceId, Observation]:
    """Of the devices of a rollout that a hawkBit client updates: what is seen of them, with what their
    actions say."""
    ours = [course for course in courses if course.planned.backend is Backend.DDI]
    if not ours:
        return {}
    actions = store.newest_of(connection, rollout)
    found = {}
    for course in ours:
        device = course.planned.device
        if device in seen:
            word = word_of(actions.get(device), course)
            found[device] = replace(
                seen[device], step=word.step or None, cause=word.cause, status=word.status, status_ms=None
            )
    return found
