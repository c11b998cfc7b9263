"""What an update needs of its surroundings; real and simulated adapters side by side (tests/contract)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from wire.updates import About, Held, Order

Step = Callable[[str], None]
"""Told before each durable step, for tests that cut the power there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target that image repository and director both name for this device."""

    path: str
    length: int
    sha256: bytes
    about: About
    version: Mapping[str, int]
    """Of the metadata that say so, by role: floors from now on (`image/timestamp`, `director/targets` …)."""


class Catalogue(Protocol):
    """What officers and director say. Verified, compared, weighed."""

    def wanted(self, order: Order, floors: Mapping[str, int], now_ms: int) -> Wanted:
        """The target for this order. floors: versions below which nothing is believed. now_ms: as the hall
        told it since this start. The target that is in force is an answer, too. Raises NotNow (no network,
        not yet fresh: ask again), UpdateRefused."""
        ...


class Source(Protocol):
    """Where bytes come from. What they are is verified by whoever asked."""

    def fetch(self, wanted: Wanted, into: Path, begin: int, limit_s: float) -> None:
        """Append bytes from `begin` on. Ends when all are there. Raises NotNow when the network ends it: what
        came is kept; UpdateRefused for more bytes than wanted, or slower than allowed (`slow`, `endless`)."""
        ...

    def delta(self, base: bytes, archive: Path, wanted: Wanted, into: Path) -> bool:
        """Make the wanted target of the one that lies in `archive` (its SHA-256: base) and a patch. False:
        there is none, or it was of no use; then the whole target is fetched."""
        ...


class Slots(Protocol):
    """Where a component's versions lie: `a`, `b` and `golden`, and which one is started. A slot is whole or
    absent, and golden, what the device was made with, is always there."""

    def in_force(self) -> str: ...

    def spare(self) -> str:
        """Where the next one is staged: `a` or `b`, never the one in force."""
        ...

    def folder(self, slot: str) -> Path | None:
        """None: it is absent (golden: this device was made without one)."""
        ...

    def holds(self, slot: str) -> Held | None:
        """By the bytes that lie there now. None: it is absent."""
        ...

    def archive(self, slot: str, into: Path) -> bool:
        """The target that the slot was unpacked from, byte for byte. False: there is none."""
        ...

    def stage(self, archive: Path, counter: int) -> None:
        """Unpack a target whose hash is proved into the spare slot. Raises UpdateRefused when it is not what
        its index says, StoreError."""
        ...

    def switch(self, slot: str) -> None:
        """From the next start on, this one; one atomic step. Raises StoreError."""
        ...


class Subject(Protocol):
    """The firmware that is updated: what it can tell about a candidate. readings: integers with their unit in
    the name."""

    def self_test(self, component: str, folder: Path) -> Mapping[str, int]:
        """Golden inputs, latency, memory. Raises UpdateRefused."""
        ...

    def shadow(self, component: str, folder: Path) -> "Shadow | None":
        """Begin to run it beside the present one; None: this component has no shadow run."""
        ...

    def is_well(self) -> Mapping[str, int]:
        """In the trial, after a restart: it works. Raises UpdateRefused when it does not, NotNow while it
        cannot be told yet."""
        ...


class Shadow(Protocol):
    """A candidate beside the present one on live frames. No image and no reference leaves it."""

    def readings(self) -> Mapping[str, int] | None:
        """frames, agree-ppm, latency-before-us, latency-after-us, temperature-rise-mc; None: too few yet.
        Raises UpdateRefused, with these readings, for one that disagrees, is slower, or heats this device;
        and when there was too little to see (`unseen`)."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Updatable(Protocol):
    """A firmware that can tell about its candidates."""

    subject: Subject | None


class Parts(Protocol):
    """Targets on their way, by SHA-256. Raise StoreError."""

    def path(self, wanted: Wanted) -> Path: ...

    def size(self, wanted: Wanted) -> int: ...

    def is_genuine(self, wanted: Wanted) -> bool:
        """Its length and its SHA-256 are those of the target."""
        ...

    def drop(self, wanted: Wanted) -> None: ...

    def base(self) -> Path:
        """Where the target in force is put together again, for a delta."""
        ...

    def keep_only(self, wanted: Wanted | None) -> None:
        """Whatever else is on its way is not wanted any more."""
        ...

    def free_kb(self) -> int: ...


class TrialGuard(Protocol):
    """The launcher's paper: how often a candidate may be started before the old one is put back, without a
    word of the candidate. Raise StoreError."""

    def arm(self, component: str, slot: str, back: str) -> None: ...

    def disarm(self) -> None: ...

    def was_well(self) -> None:
        """What runs has run for a while: the firmware in force may be started again."""
        ...

    def give_up(self) -> None:
        """The firmware in force has had its starts: golden is started in its place until `was_well`."""
        ...
