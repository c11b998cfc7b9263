"""What a device runs, what it is told to run instead, and what it says of it (SPEC §11).

The bytes of a release are believed for the signatures of its officers (TUF, ADR-0022), never for a message
here: an order only says when, and a record only what came of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wire import cbor, fields
from wire.errors import BadSchema
from wire.fields import Body, Check
from wire.ids import DeviceId, SittingId

COMPONENTS: Final = ("firmware", "models", "config", "os")
"""What a device can have replaced, each by itself; `os` by the image's own installer alone."""
COUNTER_MAX: Final = 2**31 - 1
TARGET_BYTES_MAX: Final = 2**29
ORDER_BYTES_MAX: Final = 256
REPORT_BYTES_MAX: Final = 80
CAUSE_BYTES_MAX: Final = 80
READINGS_MAX: Final = 24
PARTS_MAX: Final = 16
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_TARGET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_reading: Final = fields.integer(-(2**53), 2**53)
_component: Final = fields.one_of(*COMPONENTS)
_counter: Final = fields.integer(0, COUNTER_MAX)
_generation: Final = fields.integer(1, fields.TIME_MS_MAX)


@dataclass(frozen=True, slots=True)
class Held:
    """What a device has of one component. sha256: of the target that it came from, 32 bytes; counter: of its
    release, 0 for what the device was made with."""

    sha256: bytes
    counter: int

    def reported(self) -> str:
        """As it stands in a birth."""
        return f"{self.sha256.hex()} {self.counter}"


def parse_held(text: str) -> Held:
    """Raises BadSchema."""
    sha256, _, counter = text.partition(" ")
    if not counter.isascii() or not counter.isdigit() or len(counter) > len(str(COUNTER_MAX)):
        raise BadSchema(f"must be a hash and a release counter, got {text!r:.40}")
    return Held(hash_of(sha256), int(fields.integer(0, COUNTER_MAX)(int(counter))))


def hash_of(text: Any) -> bytes:
    """SHA-256 from its 64 lower-case hexadecimal digits. Raises BadSchema."""
    if type(text) is not str or not _HEX.fullmatch(text):
        raise BadSchema(f"must be 64 hexadecimal digits, got {text!r:.40}")
    return bytes.fromhex(text)


# -- the order: when ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Order(Body):
    """Twin key `update`. act: `install` what the director names for this component, `hold` where it stands,
    `back` to what was before this rollout. Times: Unix ms by the hall's clock; outside of them nothing is
    begun."""

    kind: ClassVar[str] = "order/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        _generation,
        _component,
        fields.one_of("install", "hold", "back"),
        fields.time_ms,
        fields.time_ms,
    )
    rollout: str
    generation: int
    component: str
    act: str
    not_before_ms: int
    not_after_ms: int


def encode_order(order: Order) -> bytes:
    """Value of the twin key. Raises BadSchema."""
    return cbor.encode([order.kind, *order.values()])


def parse_order(data: bytes) -> Order:
    """Raises RecordRejected."""
    parts = cbor.decode(data, ORDER_BYTES_MAX)
    if type(parts) is not list or not parts or parts[0] != Order.kind:
        raise BadSchema("not an order/1")
    return Order.parsed(parts[1:])


# -- records: what came of it ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Update(Body):
    """A device's word about one step. rollout: null when nobody ordered it (a trial that did not hold after a
    power cut). before, after: SHA-256 of targets, null: what the device was made with. step: `shadowed` ran
    beside the old one, `committed` holds now, `returned` the old one holds again, `refused` nothing was
    changed. cause: empty when all is well. readings: integers with their unit in the name."""

    kind: ClassVar[str] = "update/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.optional(fields.name),
        _generation,
        _component,
        fields.optional(fields.hash_value),
        fields.optional(fields.hash_value),
        fields.one_of("shadowed", "committed", "returned", "refused"),
        fields.text(CAUSE_BYTES_MAX),
        fields.mapping(READINGS_MAX, _reading),
    )
    rollout: str | None
    generation: int
    component: str
    before: bytes | None
    after: bytes | None
    step: str
    cause: str
    readings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Attestation(Body):
    """What a device ran while a sitting was frozen, as it measured its own files when the freeze began and
    when it ended. rows: of (name of a part, SHA-256 then, SHA-256 now); null: it was not there. boots: how
    often it started in between. lifted: somebody lifted the freeze in between, by an override."""

    kind: ClassVar[str] = "attestation/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.time_ms,
        fields.time_ms,
        fields.count,
        fields.flag,
        fields.rows(
            PARTS_MAX, fields.name, fields.optional(fields.hash_value), fields.optional(fields.hash_value)
        ),
    )
    sitting: SittingId
    from_ms: int
    to_ms: int
    boots: int
    lifted: bool
    rows: tuple[tuple[str, bytes | None, bytes | None], ...]

    @property
    def unchanged(self) -> bool:
        """Hash for hash."""
        return bool(self.rows) and all(before == after for _, before, after in self.rows)


@dataclass(frozen=True, slots=True)
class Override(Body):
    """Two people lift a freeze before the sitting ends. device: null: of the whole hall. first and second:
    accounts, not the same."""

    kind: ClassVar[str] = "override/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.optional(fields.name),
        fields.text(64),
        fields.text(64),
        fields.text(200),
        fields.time_ms,
    )
    sitting: SittingId
    device: DeviceId | None
    first: str
    second: str
    reason: str
    until_ms: int

    @classmethod
    def parsed(cls, values: Any) -> "Override":
        found = super(Override, cls).parsed(values)  # by name: the class with slots is another
        if found.first == found.second:
            raise BadSchema("override/1: first and second are one and the same")
        return found


# -- what the officers of a release say about a target ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """`custom` of a target in the image repository.

    version: for people. counter: rises with each release of this component and hardware; a device never goes
    below the one that it has committed. minimum: once this one is committed, nothing below it is started
    again. hardware: ids of devices it is for. requires: least values, of `firmware` (a counter), `memory-kb`,
    `disk-kb`. environment: of Python and its libraries, as the device reports it; empty: any. embedder:
    SHA-256 of the network that makes references, null: none is in it. measured: by the officers, in integers
    (ppm, us)."""

    component: str
    version: str
    counter: int
    minimum: int
    hardware: tuple[str, ...]
    requires: Mapping[str, int]
    environment: str
    embedder: bytes | None
    measured: Mapping[str, int]

    def custom(self) -> dict[str, Any]:
        """As it is signed: JSON without floats."""
        return {
            "component": self.component,
            "version": self.version,
            "counter": self.counter,
            "minimum": self.minimum,
            "hardware": list(self.hardware),
            "requires": dict(self.requires),
            "environment": self.environment,
            "embedder": None if self.embedder is None else self.embedder.hex(),
            "measured": dict(self.measured),
        }


REQUIRES: Final = ("firmware", "memory-kb", "disk-kb")
_ABOUT: Final[Mapping[str, Check]] = {
    "component": _component,
    "version": fields.text(64),
    "counter": fields.integer(1, COUNTER_MAX),
    "minimum": _counter,
    "hardware": fields.array(1, 16, fields.name),
    "requires": fields.mapping(8, fields.integer(0, 2**40)),
    "environment": fields.text(64),
    "embedder": fields.optional(hash_of),
    "measured": fields.mapping(32, _reading),
}


def parse_about(custom: Any) -> About:
    """Strict: a field that this release does not know could be one that would have forbidden it. Raises
    BadSchema."""
    if type(custom) is not dict or custom.keys() != _ABOUT.keys():
        raise BadSchema(f"a target's custom has the fields {', '.join(_ABOUT)}")
    found = {}
    for name, check in _ABOUT.items():
        try:
            found[name] = check(custom[name])
        except BadSchema as err:
            raise BadSchema(f"custom, {name}: {err.what}") from None
    about = About(**found)
    unknown = sorted(about.requires.keys() - set(REQUIRES))
    if unknown:
        raise BadSchema(f"custom, requires: nobody can tell what {unknown[0]} is")
    if about.minimum > about.counter:
        raise BadSchema("custom, minimum: above its own counter")
    return about


def component_of(path: str) -> str:
    """The component that a target's path names: `models/…`, `firmware/…`, `config/…`, `os/…`. Raises
    BadSchema."""
    component, _, name = path.partition("/")
    if component not in COMPONENTS or not _TARGET_NAME.fullmatch(name):
        raise BadSchema(f"a target is called COMPONENT/NAME, NAME 1 to 64 of a-z 0-9 . _ -, got {path!r:.80}")
    return component


@dataclass(frozen=True, slots=True)
class Assigned:
    """`custom` of a target in the director's metadata of one device."""

    device: DeviceId
    rollout: str
    generation: int

    def custom(self) -> dict[str, Any]:
        return {"device": str(self.device), "rollout": self.rollout, "generation": self.generation}


def parse_assigned(custom: Any) -> Assigned:
    """Raises BadSchema."""
    if type(custom) is not dict or custom.keys() != {"device", "rollout", "generation"}:
        raise BadSchema("the director's custom has the fields device, rollout, generation")
    return Assigned(
        DeviceId(fields.name(custom["device"])),
        fields.name(custom["rollout"]),
        _generation(custom["generation"]),
    )
