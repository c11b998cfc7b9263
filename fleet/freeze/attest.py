"""What devices attest of a sitting, put together: who ran hash for hash the same, who did not, who has not
spoken. Pure but for `of_sitting`.

Every row names the leaf of the hall log that holds the device's own signed word; whoever has the log needs
nothing of this.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fleet.api.errors import Conflict, NotFound
from fleet.db import Connection
from fleet.freeze import store
from fleet.freeze.lease import allowed_of
from fleet.freeze.store import FrozenDevice, Lifted, Word
from fleet.sittings import store as sittings
from wire.ids import SittingId

_NAMED: Final = 5


class State(StrEnum):
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    LIFTED = "lifted"
    """Unchanged, though two people had lifted the freeze in between."""
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Row:
    """changed: the parts that differ. present: it was there when the sitting was opened. fits: it ran then,
    or when it came, what one of its role ran that was there. leaf, times, boots: None while it is silent."""

    device: str
    role: str
    state: State
    present: bool
    fits: bool
    changed: tuple[str, ...] = ()
    parts: tuple[tuple[str, str | None, str | None], ...] = ()
    lifted: bool = False
    leaf: int | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    boots: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """rows: whom the freeze held, by name. overrides: the lifts that two people agreed to. log: (size, signed
    checkpoint) that it was put together from."""

    sitting: str
    title: str
    rows: tuple[Row, ...]
    overrides: tuple[Lifted, ...]
    log: tuple[int, str] | None = None

    def count(self, state: State) -> int:
        return sum(row.state is state for row in self.rows)

    @property
    def holds(self) -> bool:
        """Everybody has spoken, nothing changed, and nobody came with something else."""
        return bool(self.rows) and all(
            row.fits and row.state in (State.UNCHANGED, State.LIFTED) for row in self.rows
        )

    def sentence(self) -> tuple[str, str]:
        """For people, in Vietnamese and in English."""
        whole, same = len(self.rows), self.count(State.UNCHANGED) + self.count(State.LIFTED)
        if self.holds:
            vi = f"Phiên họp {self.sitting}: cả {whole} thiết bị ký xác nhận không có gì thay đổi."
            en = f"Sitting {self.sitting}: all {whole} devices attest that nothing changed."
        else:
            vi = f"Phiên họp {self.sitting}: {same} trong {whole} thiết bị ký xác nhận không có gì thay đổi."
            en = f"Sitting {self.sitting}: {same} of {whole} devices attest that nothing changed."
        changed = [f"{row.device} ({', '.join(row.changed)})" for row in self.rows if row.changed]
        silent = [row.device for row in self.rows if row.state is State.SILENT]
        strange = [row.device for row in self.rows if not row.fits]
        for names, in_vi, in_en in (
            (changed, "Đã thay đổi", "Changed"),
            (silent, "Chưa trả lời", "Silent so far"),
            (strange, "Vào sau với phần mềm khác", "Joined with something else"),
        ):
            if names:
                vi, en = f"{vi} {in_vi}: {_some(names)}.", f"{en} {in_en}: {_some(names)}."
        if self.overrides:
            often = len(self.overrides)
            vi = f"{vi} Hai người đã mở khóa {often} lần."
            en = f"{en} Two people lifted the freeze {'once' if often == 1 else f'{often} times'}."
        return vi, en


def rows_of(
    frozen: Sequence[FrozenDevice], words: Mapping[str, Word], roles: Mapping[str, str]
) -> tuple[Row, ...]:
    """Who was there when it began, who joined, and whoever attests."""
    held = {each.device: each for each in frozen}
    names = sorted(held.keys() | words.keys())
    return tuple(
        _row(name, held.get(name), words.get(name), roles.get(name, ""), _fits(held.get(name), frozen))
        for name in names
    )


def _fits(one: FrozenDevice | None, frozen: Sequence[FrozenDevice]) -> bool:
    if one is None or one.present:
        return True
    allowed = allowed_of(frozen, one.role)
    return not allowed or one.holds in allowed


def _row(device: str, held: FrozenDevice | None, word: Word | None, role: str, fits: bool) -> Row:
    present = held is not None and held.present
    if word is None:
        return Row(device, role, State.SILENT, present, fits)
    changed = tuple(name for name, then, now in word.parts if then != now)
    state = State.LIFTED if word.lifted else State.UNCHANGED
    if changed or not word.unchanged:
        state = State.CHANGED
    return Row(
        device, role, state, present, fits, changed, word.parts, word.lifted, word.leaf, word.from_ms,
        word.to_ms, word.boots,
    )  # fmt: skip


def of_sitting(connection: Connection, name: str) -> Report:
    """Raises NotFound; Conflict while the sitting has not ended."""
    sitting = sittings.find(connection, name)
    if sitting is None:
        raise NotFound(f"There is no sitting {name}.")
    if sitting.state not in ("closed", "certified"):
        raise Conflict(
            f"The sitting {name} is {sitting.state}; devices attest when it is closed.", code="wrong-state"
        )
    words = store.words(connection, name)
    frozen = store.frozen(connection, name)
    roles = store.roles(connection, {*words, *(each.device for each in frozen)})
    lifted = tuple(row for row in store.of_sitting(connection, name) if row.until_ms is not None)
    head = sittings.head(connection)
    log = None if head is None else (head[0], head[1])
    return Report(SittingId(name), sitting.title, rows_of(frozen, words, roles), lifted, log)


def as_csv(report: Report) -> str:
    """One line per device and part; a silent device has one line."""
    file = io.StringIO()
    written = csv.writer(file)
    written.writerow(["device", "role", "state", "lifted", "boots", "leaf", "part", "then", "afterwards"])
    for row in report.rows:
        head = [row.device, row.role, row.state.value, int(row.lifted), _cell(row.boots), _cell(row.leaf)]
        for name, then, now in row.parts or (("", None, None),):
            written.writerow([*head, name, then or "", now or ""])
    return file.getvalue()


def _cell(value: int | None) -> str:
    return "" if value is None else str(value)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" … {more} more" if more > 0 else "")
