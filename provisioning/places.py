"""The plan of a hall between a spreadsheet and the fleet: import, export, spares, and what a change means in
words. What a table may say, the fleet decides (its PUT /api/places); nothing of that is decided here."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from provisioning.errors import ConfigError, FleetRefused
from provisioning.plan import Place, plan_of

COLUMNS: Final = ("place", "role", "label", "row", "seat", "x", "y", "serial")
CSV_CHARACTERS_MAX: Final = 900_000
_EMPTY: Final = "-"


class Calls(Protocol):
    """The fleet's API, signed in."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Its JSON answer. Raises FleetRefused."""


@dataclass(frozen=True, slots=True)
class Planned:
    """rows: of the whole plan. changes: a line of words for each place that is not as it was."""

    rows: int
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spare:
    device: str
    role: str
    serial: str
    word: str


def places_of(fleet: Calls) -> tuple[Place, ...]:
    """The plan in force. Raises FleetRefused."""
    return plan_of(fleet.call("GET", "/api/places")).places


def import_plan(fleet: Calls, text: str, *, dry_run: bool) -> Planned:
    """Make this table the plan; importing it twice changes nothing more. Raises FleetRefused with every fault
    of the table by its line, ConfigError for one that is too long; then nothing has changed."""
    if len(text) > CSV_CHARACTERS_MAX:
        raise ConfigError(
            f"the plan has {len(text)} characters, at most {CSV_CHARACTERS_MAX} are taken: shorten its labels"
        )
    answer = fleet.call("PUT", "/api/places", {"csv": text, "dry_run": dry_run})
    try:
        changes = tuple(_in_words(change) for change in answer["changes"])
        return Planned(int(answer["rows"]), changes)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise FleetRefused(
            "the fleet does not know places as this program does: bring both to one release"
        ) from None


def plan_csv(places: Iterable[Mapping[str, Any]]) -> str:
    """A table that `import_plan` reads as these places."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(COLUMNS)
    for place in places:
        sheet.writerow(["" if place[column] is None else place[column] for column in COLUMNS])
    return out.getvalue()


def fields_of(place: Place) -> dict[str, Any]:
    """The columns of a place."""
    return {column: getattr(place, column) for column in COLUMNS}


def spares_of(fleet: Calls) -> list[Spare]:
    """Active devices that stand nowhere, gates first. Raises FleetRefused."""
    rows = fleet.call("GET", "/api/devices")
    spares = [
        Spare(row["device"], row["role"], row["serial"] or _EMPTY, row["word"])
        for row in rows
        if row["state"] == "active" and row["place_id"] is None
    ]
    return sorted(spares, key=lambda spare: (spare.role, spare.device))


def _in_words(change: Mapping[str, Any]) -> str:
    place, was, will_be = change["place"], change["was"], change["will_be"]
    if was is None:
        return f"+ {place}: {will_be['role']}, {will_be['label']}, serial {will_be['serial'] or _EMPTY}"
    if will_be is None:
        return f"- {place}: {was['role']}, {was['label']}"
    differs = [
        f"{name} {_shown(was[name])} -> {_shown(will_be[name])}" for name in was if was[name] != will_be[name]
    ]
    return f"~ {place}: {', '.join(differs)}"


def _shown(value: object) -> str:
    return _EMPTY if value in (None, "") else str(value)
