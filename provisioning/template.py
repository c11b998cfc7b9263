"""Everything of a hall that another hall can have, too: its places and its policies, without a device.

A template is JSON: {"format": "hallward-template/1", "policy": {…}, "places": [{place, role, label, row,
seat, x, y}, …]}. policy: as policy.toml in the authority's folder. No serial number, no device, no key.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomli_w

from provisioning.desk.settings import POLICY_FILE, check_policy, load_policy
from provisioning.errors import ConfigError
from provisioning.files import PUBLIC, write_whole
from provisioning.places import COLUMNS, Calls, Planned, fields_of, import_plan, places_of, plan_csv
from provisioning.plan import Place

FORMAT: Final = "hallward-template/1"
BYTES_MAX: Final = 4 << 20
PLACES_MAX: Final = 5000
SHARED: Final = tuple(column for column in COLUMNS if column != "serial")
_NUMBERS: Final = frozenset({"x", "y"})


@dataclass(frozen=True, slots=True)
class Template:
    policy: Mapping[str, Any]
    places: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """policy: lines of words, what is other than before; plan: what changes of the places."""

    policy: tuple[str, ...]
    plan: Planned


def template_of(places: Iterable[Place], policy: Mapping[str, Any]) -> Template:
    shared = ({name: value for name, value in fields_of(place).items() if name in SHARED} for place in places)
    return Template(policy, tuple(shared))


def encode(template: Template) -> str:
    """The same hall gives the same text."""
    content = {"format": FORMAT, "policy": template.policy, "places": template.places}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def parse(content: bytes, source: str) -> Template:
    """Raises ConfigError, naming the field. What a place may say, the fleet checks when it is applied."""
    if len(content) > BYTES_MAX:
        raise ConfigError(f"{source} has {len(content)} bytes, a template has at most {BYTES_MAX}")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        raise ConfigError(f"{source} is no template: export it again") from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        found = values.get("format") if isinstance(values, dict) else None
        raise ConfigError(
            f"{source} has the format {found!r:.40}, this program reads {FORMAT}: export it again there"
        )
    if set(values) != {"format", "policy", "places"}:
        raise ConfigError(f"{source} must hold format, policy and places, and nothing else")
    policy, places = values["policy"], values["places"]
    if not isinstance(policy, dict):
        raise ConfigError(f"{source}: policy must be a table")
    check_policy(policy, source)
    if not isinstance(places, list) or not 1 <= len(places) <= PLACES_MAX:
        raise ConfigError(f"{source}: places must be a list of 1 to {PLACES_MAX}")
    return Template(policy, tuple(_place(row, number, source) for number, row in enumerate(places, start=1)))


def _place(row: object, number: int, source: str) -> dict[str, Any]:
    if not isinstance(row, dict) or set(row) != set(SHARED):
        raise ConfigError(f"{source}: place {number} must have just {', '.join(SHARED)}")
    for name, value in row.items():
        wanted = int if name in _NUMBERS else str
        if type(value) is not wanted:
            raise ConfigError(f"{source}: {name} of place {number} is {value!r:.40}, no {wanted.__name__}")
    return row


def apply(template: Template, fleet: Calls, folder: Path, *, dry_run: bool) -> Applied:
    """Make the hall of this fleet and this authority's folder like the template. Serial numbers that the hall
    expects already at a place stay; twice is harmless, and finishes what was cut in between.

    Raises FleetRefused with every fault of the places, ConfigError for other faults; all of them are found
    before anything changes. A fleet that falls silent in between has the policy, and no places yet.
    """
    serials = {place.place: place.serial for place in places_of(fleet)}
    text = plan_csv({**place, "serial": serials.get(place["place"])} for place in template.places)
    plan = import_plan(fleet, text, dry_run=True)
    policy = _changes(load_policy(folder), template.policy)
    if dry_run:
        return Applied(policy, plan)
    if policy:
        write_whole(folder / POLICY_FILE, tomli_w.dumps(dict(template.policy)).encode(), PUBLIC)
    return Applied(policy, import_plan(fleet, text, dry_run=False))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    was, will_be = _flat(before), _flat(after)
    return tuple(
        f"~ {name}: {was.get(name, '-')} -> {will_be.get(name, '-')}"
        for name in sorted(was.keys() | will_be.keys())
        if was.get(name) != will_be.get(name)
    )


def _flat(policy: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in policy.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{field}": content for field, content in value.items()}
        else:
            found[name] = value
    return found
