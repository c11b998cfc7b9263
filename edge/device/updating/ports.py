"""What an update needs of its surroundings; real and simulated adapters side by side (tests/contract)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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
        told it since this start. Raises NotNow (no network, not yet fresh: ask again), UpdateRefused."""
        ...


class Source(Protocol):
    """Where bytes come from. What they are is verified by whoever asked."""

    def fetch(self, wanted: Wanted, into: Path, begin: int, limit_s: float) -> None:
        """Append bytes from `begin` on. Ends when all are there. Raises NotNow when the network ends it: what
        came is kept; UpdateRefused for more bytes than wanted, or slower than allowed (`slow`, `endless`)."""
        ...

    def delta(self, base: bytes, wanted: Wanted, into: Path) -> bool:
        """A patch from the target `base` (SHA-256) to the wanted one; False: there is none."""
        ...


class Slots(Protocol):
    """Where a component's versions lie: A, B and golden, and which one is started."""

    def held(self) -> Held:
        """Of the one that is in force."""
        ...

    def folder(self, slot: str) -> Path: ...


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
        """frames, agree-ppm, latency-before-us, latency-after-us, temperature-rise-mc; None: too few yet."""
        ...

    def close(self) -> None: ...
