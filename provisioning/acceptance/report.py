"""What a commissioning report says, from what the fleet answered. Pure.

Every result in it is a device's own signed record; the report names the leaf of each in the hall log and the
checkpoint that covers them, so that an auditor finds them again without believing this paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wire.self_test import SELF_TEST


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SILENT = "silent"
    """It was asked and did not answer in time, or could not be asked at all."""


@dataclass(frozen=True, slots=True)
class Row:
    part: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Result:
    """A device's newest self-test. leaf: of its record in the hall log. wall_ms: by the device's clock."""

    command: str | None
    passed: bool
    leaf: int
    wall_ms: int
    rows: tuple[Row, ...]

    @property
    def is_undone(self) -> bool:
        """It tested nothing, as when it was busy: it says of no part how it is."""
        return not self.passed and [row.part for row in self.rows] == [SELF_TEST]


@dataclass(frozen=True, slots=True)
class Paper:
    """What the registry holds of a device. place_id: of the plan, empty for none. fingerprint: SHA-256 of its
    certificate, hex. end_ms: of that."""

    device: str
    role: str
    place: str
    place_id: str
    serial: str
    software: str
    fingerprint: str
    end_ms: int


@dataclass(frozen=True, slots=True)
class Tested:
    """why: it was not even asked, in the fleet's words; empty: it was."""

    paper: Paper
    result: Result | None
    why: str = ""

    @property
    def outcome(self) -> Outcome:
        if self.result is None:
            return Outcome.SILENT
        return Outcome.PASSED if self.result.passed else Outcome.FAILED

    @property
    def faults(self) -> tuple[Row, ...]:
        return () if self.result is None else tuple(row for row in self.result.rows if not row.passed)


@dataclass(frozen=True, slots=True)
class EmptyPlace:
    """A place of the plan where no active device stands."""

    place: str
    label: str
    role: str


@dataclass(frozen=True, slots=True)
class LogHead:
    """The checkpoint that covers the results: its size, and the signed note whole."""

    size: int
    note: str


@dataclass(frozen=True, slots=True)
class Report:
    """at_ms: when it was made, Unix time. whole: of every active device of the hall, not only of some."""

    hall: str
    congress: str
    account: str
    at_ms: int
    whole: bool
    tested: tuple[Tested, ...]
    empty: tuple[EmptyPlace, ...]
    log: LogHead

    @property
    def is_passed(self) -> bool:
        return not self.empty and all(each.outcome is Outcome.PASSED for each in self.tested)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        return {outcome: sum(each.outcome is outcome for each in self.tested) for outcome in Outcome}


_ORDER: Final = (Outcome.FAILED, Outcome.SILENT, Outcome.PASSED)


def in_order(tested: Sequence[Tested]) -> tuple[Tested, ...]:
    """Failures first, then who did not answer; within each by place, then by name."""

    def key(each: Tested) -> tuple[int, bool, str, str]:
        paper = each.paper
        return _ORDER.index(each.outcome), not paper.place_id, paper.place_id, paper.device

    return tuple(sorted(tested, key=key))


def uncovered(report: Report) -> tuple[str, ...]:
    """Devices whose result the checkpoint does not cover: the log shrank, or somebody says so."""
    return tuple(
        each.paper.device
        for each in report.tested
        if each.result is not None and each.result.leaf >= report.log.size
    )
