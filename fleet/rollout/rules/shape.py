"""What a rollout is made of: as planned, as observed, as decided. Data alone; the rules stand beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.rollout.rules.saying import NOTHING, Said
from wire.ids import DeviceId, HallId
from wire.updates import About, Held


class Backend(StrEnum):
    """Who carries an order out: the device's own firmware, a hawkBit client, the balena supervisor."""

    NATIVE = "native"
    DDI = "ddi"
    BALENA = "balena"


@dataclass(frozen=True, slots=True)
class Device:
    """One device as the registry and its last birth show it. row, seat: on the plan of the hall, may be
    empty. held: by component. seen_ms: last sign of life, Unix ms; None: never. Other None: not reported."""

    device: DeviceId
    role: str
    hall: HallId
    row: str
    seat: str
    backend: Backend
    is_active: bool
    seen_ms: int | None
    hardware: str | None
    environment: str
    held: Mapping[str, Held]
    memory_kb: int | None = None
    disk_kb: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What exists: a target of the image repository."""

    path: str
    length: int
    sha256: bytes
    about: About


@dataclass(frozen=True, slots=True)
class Wave:
    """A part of the eligible devices: of these halls and rows (empty: all), and of those either so many
    percent of all eligible, or so many of each row; neither: all that no wave before took. name: as people
    call it."""

    name: str
    halls: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    percent: int | None = None
    per_row: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Daily, in minutes of the hall's local day, 0 to 1439; begins may be after ends: over midnight."""

    begins_min: int
    ends_min: int
    utc_offset_min: int = 0


@dataclass(frozen=True, slots=True)
class GateRules:
    """When a wave is stopped, and when the next may begin.

    good_ppm, bad_ppm: the share of failing devices that is fine, and that is not (Wald's test: p0, p1).
    alpha_ppm: chance to stop a wave of a fine release; beta_ppm: to let a bad one pass before its wave has
    ended. soak_s: how long a device is watched after its commit. deadline_s: an ordered device that is not
    done by then has failed as `late`. The limits judge a device that reports: latency_ppm of what it took
    before; agree_ppm, least agreement in shadow; temperature_mc, greatest rise in millidegrees; frames: on
    fewer with somebody in them nothing was compared."""

    good_ppm: int = 10_000
    bad_ppm: int = 100_000
    alpha_ppm: int = 50_000
    beta_ppm: int = 100_000
    soak_s: int = 600
    deadline_s: int = 3600
    latency_ppm: int = 1_300_000
    agree_ppm: int = 980_000
    temperature_mc: int = 10_000
    frames: int = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """access_points: name -> rows behind it; devices of no named row share one. per_access_point: how many
    may fetch at a time behind one. spacing_ms: between two starts behind one access point. window: None, at
    any time."""

    waves: tuple[Wave, ...]
    access_points: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    per_access_point: int = 4
    spacing_ms: int = 2_000
    window: Window | None = None
    gate: GateRules = GateRules()


class RolloutState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    ABORTING = "aborting"
    """Stopped by the gate or a person; devices that took it are being brought back."""
    ABORTED = "aborted"
    DONE = "done"


class DeviceState(StrEnum):
    WAITING = "waiting"
    ORDERED = "ordered"
    WORKING = "working"
    COMMITTED = "committed"
    SOAKED = "soaked"
    FAILED = "failed"
    RETURNING = "returning"
    RETURNED = "returned"
    NOT_ELIGIBLE = "not-eligible"


@dataclass(frozen=True, slots=True)
class Planned:
    """A device in its wave; slot_ms: after the beginning of the wave."""

    device: DeviceId
    wave: int
    slot_ms: int
    backend: Backend


@dataclass(frozen=True, slots=True)
class Course:
    """How far one device is. cause: a word of the matrix (fleet/rollout/rules/causes.py), empty while well.
    ordered_ms, ended_ms: Unix ms."""

    planned: Planned
    state: DeviceState
    generation: int = 0
    cause: str = ""
    detail: str = ""
    ordered_ms: int | None = None
    ended_ms: int | None = None
    readings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of a device now. held: of the rollout's component. step, cause, readings: of its newest
    record `update/1` under this rollout; None: it has said nothing. generation: of that record, one of
    another order is given no effect; None: whoever read it looked for that of the course alone. status: of
    its twin key `update`, in its own words; status_ms: when it said so, Unix ms, None: it is of the course's
    own order in any case. facts: what failures may have in common (hardware, runtime, row,
    camera …); `row` tells which access point it is behind."""

    device: DeviceId
    seen_ms: int | None
    held: Held | None
    step: str | None = None
    cause: str = ""
    status: str = ""
    readings: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    generation: int | None = None
    status_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a rollout stands. generation: of its newest orders. wave: the last one begun, -1: none.
    began_ms: when that was, Unix ms, 0: not yet. next_generation: above every one that any rollout has used;
    given anew with each call. why: it was stopped, or paused by anything but a person."""

    state: RolloutState
    generation: int = 0
    wave: int = -1
    began_ms: int = 0
    next_generation: int = 1
    why: Said = NOTHING


@dataclass(frozen=True, slots=True)
class Freeze:
    """sitting: whose freeze is in force, empty: none. overridden: devices that two people have freed."""

    sitting: str = ""
    overridden: frozenset[DeviceId] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """An order to be given now. act: `install`, `hold` or `back`. Times: Unix ms."""

    device: DeviceId
    backend: Backend
    act: str
    generation: int
    not_before_ms: int
    not_after_ms: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written and told, in one act. words: one line, where it stands and what it waits for.
    courses: those that have changed, alone."""

    standing: Standing
    words: Said
    orders: tuple[Given, ...] = ()
    courses: tuple[Course, ...] = ()
