"""May this machine install what image repository and director name for it? (SPEC §11.1) Pure.

Signatures, versions and expiry are verified before anything comes here; what is weighed is whether the two
say the same, say it to this device, and whether this machine can carry it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.device.errors import UpdateRefused
from wire.errors import BadSchema
from wire.ids import DeviceId
from wire.updates import (
    TARGET_BYTES_MAX,
    About,
    Assigned,
    Held,
    Order,
    component_of,
    hash_of,
    parse_about,
    parse_assigned,
)


@dataclass(frozen=True, slots=True)
class Machine:
    """This device, as it stands now. held: what is in force, by component; of one that is not there: what it
    was made with. minimums: the highest `minimum` that was ever committed, by component. memory_kb, disk_kb:
    in all, and free; None: cannot be told, and then nothing that requires some is installed."""

    device: DeviceId
    hardware: str
    environment: str
    held: Mapping[str, Held]
    minimums: Mapping[str, int] = field(default_factory=dict)
    memory_kb: int | None = None
    disk_kb: int | None = None

    def counter(self, component: str) -> int:
        held = self.held.get(component)
        return 0 if held is None else held.counter


@dataclass(frozen=True, slots=True)
class Said:
    """One target as one of the two repositories lists it."""

    path: str
    length: int
    hashes: Mapping[str, str]
    custom: Any


Lookup = Callable[[str], Said | None]
"""What the image repository lists under a path; None: nothing."""


@dataclass(frozen=True, slots=True)
class Weighed:
    path: str
    length: int
    sha256: bytes
    about: About


def raised(floors: Mapping[str, int], version: Mapping[str, int]) -> dict[str, int]:
    """The floors after `version` (of Wanted) was believed. Names are REPOSITORY/ROLE/KEYS, for root without
    KEYS: of a role, only those of its present keys are kept, since a root that has other keys for it has a
    higher version and never goes back."""
    roles = {_role(name) for name in version}
    kept = {name: floor for name, floor in floors.items() if name in version or _role(name) not in roles}
    return kept | {name: max(number, floors.get(name, 0)) for name, number in version.items()}


def _role(name: str) -> str:
    return "/".join(name.split("/")[:2])


def weigh(order: Order, named: Mapping[str, Said], image: Lookup, machine: Machine) -> Weighed:
    """The target for this order. named: all that the director names, by path; image is asked for one path
    alone, and only once the director's word holds. The very target that is in force passes: there is nothing
    to do. Raises UpdateRefused."""
    director = _for_component(order.component, named)
    _check_assigned(director, order, machine)
    listed = image(director.path)
    if listed is None:
        raise UpdateRefused("unsigned", f"the director names {director.path}, which no officer has released")
    sha256 = _same_bytes(director, listed)
    about = _about(listed, order.component)
    _check_machine(about, sha256, order.component, machine)
    _check_requires(about, machine)
    return Weighed(listed.path, listed.length, sha256, about)


def _for_component(component: str, named: Mapping[str, Said]) -> Said:
    found = []
    for path, said in named.items():
        try:
            if component_of(path) == component:
                found.append(said)
        except BadSchema as err:
            raise UpdateRefused("not-assigned", f"the director's list cannot be read: {err.what}") from None
    if len(found) != 1:
        many = "nothing" if not found else f"{len(found)} targets, it must be one,"
        raise UpdateRefused("not-assigned", f"the director names {many} for this device's {component}")
    return found[0]


def _check_assigned(said: Said, order: Order, machine: Machine) -> None:
    try:
        assigned = parse_assigned(said.custom)
    except BadSchema as err:
        raise UpdateRefused("not-assigned", f"the director's word cannot be read: {err.what}") from None
    if assigned.device != machine.device:
        raise UpdateRefused("not-assigned", f"the director speaks to {assigned.device}, not to this device")
    if assigned != Assigned(machine.device, order.rollout, order.generation):
        raise UpdateRefused(
            "not-assigned",
            f"the director names {said.path} for rollout {assigned.rollout}, generation "
            f"{assigned.generation}; the order here is of {order.rollout}, generation {order.generation}",
        )


def _same_bytes(director: Said, image: Said) -> bytes:
    """Their one SHA-256. Every kind of hash that one of them gives, the other must give too."""
    if director.length != image.length or dict(director.hashes) != dict(image.hashes):
        raise UpdateRefused("wrong-hash", f"director and officers mean different files by {image.path}")
    if not 0 < image.length <= TARGET_BYTES_MAX:
        raise UpdateRefused(
            "wrong-shape", f"{image.path} has {image.length} bytes, 1 to {TARGET_BYTES_MAX} are taken"
        )
    try:
        return hash_of(image.hashes.get("sha256"))
    except BadSchema:
        raise UpdateRefused("wrong-shape", f"{image.path} is listed without its SHA-256") from None


def _about(image: Said, component: str) -> About:
    try:
        about = parse_about(image.custom)
    except BadSchema as err:
        raise UpdateRefused(
            "wrong-shape", f"what the officers say about {image.path} cannot be read here: {err.what}"
        ) from None
    if about.component != component:
        raise UpdateRefused("wrong-shape", f"{image.path} is released as {about.component}, not {component}")
    return about


def _check_machine(about: About, sha256: bytes, component: str, machine: Machine) -> None:
    if machine.hardware not in about.hardware:
        raise UpdateRefused(
            "wrong-hardware", f"this is {machine.hardware}; the release is for {', '.join(about.hardware)}"
        )
    held = machine.held.get(component)
    if about.counter < machine.minimums.get(component, 0):
        raise UpdateRefused(
            "older",
            f"release {about.counter} of {component} is below {machine.minimums[component]}, the least that "
            "may be started here again",
        )
    if (held is None or held.sha256 != sha256) and about.counter <= machine.counter(component):
        raise UpdateRefused(
            "older",
            f"release {about.counter} of {component} is not newer than {machine.counter(component)}, which "
            "is in force",
        )


def _check_requires(about: About, machine: Machine) -> None:
    if about.environment and about.environment != machine.environment:
        raise UpdateRefused(
            "requires-environment",
            f"the release is for the libraries {about.environment}, here are {machine.environment or 'none'}",
        )
    least = about.requires
    if least.get("firmware", 0) > machine.counter("firmware"):
        raise UpdateRefused(
            "requires-firmware",
            f"needs firmware of release {least['firmware']}, here is {machine.counter('firmware')}",
        )
    if "memory-kb" in least and (machine.memory_kb is None or machine.memory_kb < least["memory-kb"]):
        raise UpdateRefused(
            "requires-memory", f"needs {least['memory-kb']} kB of memory, here are {machine.memory_kb or 0}"
        )
    if "disk-kb" in least and (machine.disk_kb is None or machine.disk_kb < least["disk-kb"]):
        raise UpdateRefused(
            "disk-full", f"needs {least['disk-kb']} kB of disk, free are {machine.disk_kb or 0}: free some"
        )
