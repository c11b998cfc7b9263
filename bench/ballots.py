"""What one secret ballot costs: made and proved on a unit, verified on arrival (DESIGN §7).

CPU time of one process, the least of many: the same work each time, so more is other people's. The same
numbers stand beside it in multiplications of libsodium, timed in the same run, which says the same on a slow
or a busy machine.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from ballot.adapters.libsodium import Libsodium
from ballot.context import Context
from ballot.errors import BadShape
from ballot.group import Group
from ballot.hashing import h64
from ballot.prove import Prover
from ballot.shape import BLANK, Shape, at_most, each_of, one_of
from ballot.verify import Accepted, check_body
from bench.crowd import no_collection
from bench.errors import BenchError
from bench.rows import Row, told
from bench.rows import at_most as within
from wire.ids import ContestId

SECRET: Final = int.from_bytes(h64("bench", "secret"), "little")
VOTER, SESSION_KEY, SEED = bytes(16), bytes(32), bytes(range(32))
CALLS: Final = 100
"""Of a group operation, timed together: one alone is too short for the clock."""
TARGET_MULTIPLICATION_MS: Final = 0.0496
"""Of the machine and the run that gave the targets of DESIGN §7."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question, and its targets in ms, where DESIGN has some."""

    name: str
    shape: Callable[[], Shape]
    chosen: int
    prove_ms: float | None = None
    verify_ms: float | None = None


KINDS: Final = (
    Kind("yes / no / abstain", lambda: one_of(("yes", "no", "abstain")), 1, 0.85, 1.6),
    Kind("at most 15 of 20", lambda: at_most(15, people(20)), 15),
    Kind("at most 45 of 60", lambda: at_most(45, people(60)), 45, 17, 31),
    Kind("agree or not to each of 60", lambda: each_of(people(60)), 60),
)


@dataclass(frozen=True, slots=True)
class Operations:
    """CPU time of libsodium's own, in ms: scalar times base, scalar times point, a sum."""

    base: float
    multiplication: float
    sum: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one ballot: CPU-ms, bytes."""

    prove: float
    verify: float
    body_bytes: int


def measure(rounds: int) -> list[Row]:
    """rounds: how often a ballot is made and verified; of the long ones a tenth of it."""
    group = Libsodium()
    before = operations(group, rounds)
    costs = []
    for kind in KINDS:
        try:
            costs.append((kind, cost(group, kind.shape(), kind.chosen, _rounds(kind, rounds))))
        except BadShape as err:
            print(f"{kind.name}: left out. {err.what}")
    after = operations(group, rounds)
    unit = min(before.multiplication, after.multiplication)
    rows = [
        told("libsodium: scalar times point, CPU, least of many", unit * 1e3, "µs"),
        told("libsodium: scalar times base", min(before.base, after.base) * 1e3, "µs"),
        told("libsodium: a sum of two points", min(before.sum, after.sum) * 1e3, "µs"),
    ]
    return rows + [row for kind, found in costs for row in _rows(kind, found, unit, _rounds(kind, rounds))]


def _rounds(kind: Kind, rounds: int) -> int:
    return rounds if kind is KINDS[0] else max(2, rounds // 10)


def _rows(kind: Kind, found: Cost, unit_ms: float, rounds: int) -> list[Row]:
    rows = [told(f"ballot, {kind.name}: its body", found.body_bytes, "bytes")]
    for what, spent_ms, target_ms in (
        ("made and proved", found.prove, kind.prove_ms),
        ("verified", found.verify, kind.verify_ms),
    ):
        name = f"ballot, {kind.name}: {what}"
        timed = f"{name}, CPU of one process, least of {rounds}"
        relative = f"{name}, against libsodium's multiplication in this run"
        if target_ms is None:
            rows.append(told(timed, spent_ms, "ms"))
        else:
            rows.append(within(timed, spent_ms, "ms", target_ms))
            relative += f" (the target's own run: {target_ms / TARGET_MULTIPLICATION_MS:.4g})"
        rows.append(told(relative, spent_ms / unit_ms, "×"))
    return rows


def operations(group: Group, rounds: int) -> Operations:
    """Through the product's own adapter, so what ctypes adds is in it, as it is in every proof."""
    one, other = group.base(SECRET), group.base(SECRET + 1)
    return Operations(
        least_ms(lambda: [group.base(SECRET) for _ in range(CALLS)], rounds) / CALLS,
        least_ms(lambda: [group.mul(SECRET, one) for _ in range(CALLS)], rounds) / CALLS,
        least_ms(lambda: [group.add(one, other) for _ in range(CALLS)], rounds) / CALLS,
    )


def cost(group: Group, shape: Shape, chosen: int, rounds: int) -> Cost:
    """Of a ballot with so many choices; how many makes no difference to the work. Raises BenchError."""
    context = Context(bytes(32), ContestId(bytes(16)), shape, group.base(SECRET))
    prover = Prover(group, context)
    choices = choices_of(shape, chosen)

    def prove() -> bytes:
        return prover.body(VOTER, 0, SESSION_KEY, 1, SEED, choices)

    body = prove()
    if not isinstance(check_body(group, context, VOTER, 0, SESSION_KEY, 1, body), Accepted):
        raise BenchError("a ballot that was just made is refused: nothing is measured")
    return Cost(
        least_ms(prove, rounds),
        least_ms(lambda: check_body(group, context, VOTER, 0, SESSION_KEY, 1, body), rounds),
        len(body),
    )


def choices_of(shape: Shape, chosen: int) -> list[int]:
    """The first so many that go together."""
    if len(shape.relations) > 1:  # for or against each person
        pairs = [(1, 0) if place < chosen else (0, 0) for place in range(len(shape.relations))]
        return list(chain.from_iterable(pairs))
    return [int(place < chosen and option != BLANK) for place, option in enumerate(shape.options)]


def people(count: int) -> Sequence[str]:
    return [f"c{number}" for number in range(1, count + 1)]


def least_ms(call: Callable[[], object], rounds: int) -> float:
    """CPU time of this process, the least of so many calls."""
    spent_ns = []
    with no_collection():
        for _ in range(rounds):
            before = time.process_time_ns()
            call()
            spent_ns.append(time.process_time_ns() - before)
    return min(spent_ns) / 1e6
