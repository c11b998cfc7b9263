"""The plan of the hall, as the fleet tells it (GET /api/places): the one reading of it here. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from provisioning.errors import FleetRefused


@dataclass(frozen=True, slots=True)
class Place:
    """A line of GET /api/places. x, y: 0 to 9999, from the left and from the podium. serial: expected here;
    device: that stands here; state: of that device; word, colour, age_s: how it does."""

    place: str
    role: str
    label: str
    row: str
    seat: str
    x: int
    y: int
    serial: str | None
    device: str | None
    state: str | None
    word: str | None
    colour: str | None
    age_s: int | None


_NAMES: Final = tuple(field.name for field in fields(Place))


class Plan:
    """by_place, by_serial, by_device: each place once."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self.places: Final = tuple(places)
        self.by_place: Final = {place.place: place for place in self.places}
        self.by_serial: Final = {place.serial: place for place in self.places if place.serial}
        self.by_device: Final = {place.device: place for place in self.places if place.device}


def plan_of(answer: Any) -> Plan:
    """From the fleet's answer. Raises FleetRefused when it is none."""
    try:
        return Plan(Place(**{name: row[name] for name in _NAMES}) for row in answer)
    except (KeyError, TypeError):
        raise FleetRefused(
            "the fleet does not know places as this program does: bring both to one release"
        ) from None
