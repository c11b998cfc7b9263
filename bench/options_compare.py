"""Options against a baseline: the same draws and the same resamplings of persons for all (ADR-0009)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.frames import (
    EmbedderId,
    Floats,
)
from edge.rollcall_gate.who.decide import Thresholds
from models.evaluation.acquire import Acquired
from models.evaluation.all_pairs import genuine_pairs, impostor_count, impostor_tail, impostor_weight
from models.evaluation.bootstrap import ROUNDS, resamplings
from models.evaluation.identification import SIZES, Fusion, Plan, Searched, gate_fusion, needed, plan, search
from models.evaluation.persons import Persons
from models.evaluation.rates import Doubles, Weighed, in_blocks
from models.evaluation.tables import Pair
from models.evaluation.verification import all_pairs, listed_pairs
from models.evaluation.verification import needed as pairs_needed

DRAWS: Final = 20
FPIRS: Final = (0.01, 0.003)
FARS: Final = (1e-3, 1e-4)
TAIL_PER_ACCEPT: Final = 10  # impostor scores kept per false accept: rounds look further down than the sample
_HERE: Final = EmbedderId(bytes(32), "bench")
_PERCENTILES: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Option:
    """What one option made of the photographs.

    enrolled: the same photographs as references, where those are made otherwise than probes.
    weights: float32 (N,), how much each photograph counts where several are fused; None as at the gate.
    cosine: mean cosine to the float embedder on the same crops, where the option concerns the embedder.
    """

    name: str
    acquired: Acquired
    enrolled: Acquired | None = None
    weights: Floats | None = None
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A rate, that rate less the baseline's, and the ends of the difference's 95 % interval."""

    rate: float
    less_baseline: float
    low: float
    high: float

    @property
    def resolved(self) -> bool:
        """Whether the interval excludes zero. One in twenty does by chance."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Measured:
    """`fnir`: by "enrolled x probes @ FPIR"; `fnmr`: over every pair of the photographs, at FAR 1e-4.

    None: too few strangers, or pairs, for that rate; or references and probes differ, so that pairs are none.
    """

    name: str
    accuracy: float | None
    tar: dict[str, float | None]
    cosine: float | None
    fnmr: Difference | None
    fnir: dict[str, Difference | None]


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rates of one option in every round of the bootstrap, (1 + R,); the first is the sample itself."""

    fnmr: Doubles | None
    fnir: dict[str, Doubles | None]


def weighted_direction(rows: Floats) -> Floats:
    """Direction of the sum of rows that are as long as they are worth; ValueError when they have none.

    A Fusion for `weighted()`: with rows of one length it is the gate's own.
    """
    return unit(rows.sum(axis=0, dtype=np.float32), _HERE).vector


def weighted(acquired: Acquired, weights: Floats) -> Acquired:
    """The same photographs, each embedding as long as it is worth: for weighted_direction() alone."""
    rows = acquired.embeddings * weights[:, None].astype(np.float32)
    return Acquired(acquired.names, rows, acquired.acquired, acquired.faults)


def fnir_rounds(
    acquired: Acquired, plans: Sequence[Plan], fpirs: Sequence[float], weights: Floats, fusion: Fusion
) -> Doubles:
    """(F, R): FNIR at each FPIR in each round, the mean over the draws; weights (R, P).

    Thresholds are found anew in every draw and round: what they cost is in the interval.
    """
    total = np.zeros((len(fpirs), len(weights)))
    for one in plans:
        found = search(acquired, one, fusion)
        width = max(found.mated.size, found.strangers.size)
        total += in_blocks(weights, width, _misses(found, fpirs)).T
    return np.asarray(total / len(plans))


def _misses(found: Searched, fpirs: Sequence[float]) -> Callable[[Floats], Doubles]:
    def measure(drawn: Floats) -> Doubles:
        mated = Weighed.of(found.mated, drawn[:, found.mated_person])
        strangers = Weighed.of(found.strangers, drawn[:, found.stranger])
        return np.stack([1 - mated.above(strangers.bars(fpir)) for fpir in fpirs], axis=1)

    return measure


def fnmr_rounds(acquired: Acquired, persons: Persons, far: float, weights: Floats) -> Doubles | None:
    """(R,): share of the genuine pairs missed where this share of the impostor pairs passes."""
    impostors = impostor_count(persons)
    if impostors < pairs_needed(far):
        return None
    genuine = genuine_pairs(acquired, persons)
    tail = impostor_tail(acquired, persons, TAIL_PER_ACCEPT * round(far * impostors))

    def measure(drawn: Floats) -> Doubles:
        both = drawn[:, tail.one] * drawn[:, tail.other]
        impostor = Weighed.of(tail.scores, both, impostor_weight(drawn, persons))
        bars = impostor.bars(far, bottom=float(tail.scores[-1]))
        return 1 - Weighed.of(genuine.scores, drawn[:, genuine.persons]).above(bars)[:, None]

    return in_blocks(weights, max(genuine.scores.size, tail.scores.size), measure)[:, 0]


def joined(probes: Acquired, references: Acquired, plans: Sequence[Plan]) -> tuple[Acquired, list[Plan]]:
    """Both in one, references behind, and the plans that enrol from there."""
    both = Acquired(
        probes.names + references.names,
        np.concatenate([probes.embeddings, references.embeddings]),
        np.concatenate([probes.acquired, references.acquired]),
        probes.faults + references.faults,
    )
    behind = len(probes.names)
    return both, [
        Plan({person: group + behind for person, group in one.gallery.items()}, one.mated, one.strangers)
        for one in plans
    ]


def difference(option: Doubles, baseline: Doubles) -> Difference:
    """Paired: both (1 + R,), the sample first, then the same resamplings of both."""
    apart = option - baseline
    rounds = apart[1:][np.isfinite(apart[1:])]
    low, high = np.percentile(rounds, _PERCENTILES) if rounds.size else (apart[0], apart[0])
    return Difference(float(option[0]), float(apart[0]), float(low), float(high))


class Meter:
    """Measures options one after another, all with the same draws and the same resamplings of persons."""

    def __init__(
        self, persons: Persons, pairs: Sequence[Pair], draws: int = DRAWS, rounds: int = ROUNDS
    ) -> None:
        self._persons, self._pairs = persons, pairs
        self._weights = resamplings(persons.count, rounds)
        self.plans = {size: [plan(persons, *size, seed) for seed in range(draws)] for size in SIZES}
        self._baseline: Rounds | None = None

    def measure(self, option: Option) -> Measured:
        """The first option is the baseline of all."""
        bar, ones = Thresholds().match_min, self._weights[:1]
        accuracy, tar, fnmr = None, dict[str, float | None](), None
        if option.enrolled is None:
            listed = listed_pairs(option.acquired, self._persons, self._pairs, bar, ones)
            accuracy = None if listed.accuracy is None else listed.accuracy.value
            everyone = all_pairs(option.acquired, self._persons, bar, ones)
            tar = {f"{one.far:g}": None if one.tar is None else one.tar.value for one in everyone.tar}
            fnmr = fnmr_rounds(option.acquired, self._persons, FARS[-1], self._weights)
        rounds = Rounds(fnmr, self._fnir(option))
        base = self._baseline = self._baseline or rounds
        return Measured(
            name=option.name,
            accuracy=accuracy,
            tar={f"{far:g}": tar.get(f"{far:g}") for far in FARS},
            cosine=option.cosine,
            fnmr=_difference_or_none(rounds.fnmr, base.fnmr),
            fnir={cell: _difference_or_none(rounds.fnir[cell], base.fnir[cell]) for cell in rounds.fnir},
        )

    def _fnir(self, option: Option) -> dict[str, Doubles | None]:
        fusion: Fusion = gate_fusion if option.weights is None else weighted_direction
        rows = option.acquired if option.weights is None else weighted(option.acquired, option.weights)
        found: dict[str, Doubles | None] = {}
        for size, plans in self.plans.items():
            fewest = min(len(one.strangers) for one in plans)
            possible = [fpir for fpir in FPIRS if fewest >= needed(fpir)]
            searched = (rows, plans) if option.enrolled is None else joined(rows, option.enrolled, plans)
            rates = fnir_rounds(*searched, possible, self._weights, fusion) if possible else ()
            for fpir in FPIRS:
                found[cell_name(size, fpir)] = rates[possible.index(fpir)] if fpir in possible else None
        return found


def cell_name(size: tuple[int, int], fpir: float) -> str:
    return f"{size[0]} x {size[1]} @ {fpir * 100:g} %"


def _difference_or_none(option: Doubles | None, baseline: Doubles | None) -> Difference | None:
    return None if option is None or baseline is None else difference(option, baseline)


# Saying it.


def as_text(found: Sequence[Measured], meter: Meter) -> str:
    """Rates in per cent, differences in percentage points; a star where the interval excludes zero."""
    lines = ["enrolled x probes: members, mated searches, searches by strangers (means over the draws)"]
    for size, plans in meter.plans.items():
        counts = [(len(p.gallery), len(p.mated), len(p.strangers)) for p in plans]
        lines.append(f"  {size[0]} x {size[1]}: " + ", ".join(f"{n:.0f}" for n in np.mean(counts, axis=0)))
    head = [
        "option",
        "accuracy",
        *(f"TAR@{far:g}" for far in FARS),
        "cosine",
        f"FNMR@{FARS[-1]:g} difference",
    ]
    rows = [
        [
            one.name,
            _percent(one.accuracy),
            *(_percent(tar) for tar in one.tar.values()),
            "-" if one.cosine is None else f"{one.cosine:.5f}",
            _apart(one.fnmr),
        ]
        for one in found
    ]
    cells = list(found[0].fnir)
    fnirs = [[one.name, *(_with_rate(one.fnir[cell]) for cell in cells)] for one in found]
    fnirs.append(
        ["half an interval, median", *(_half_width([one.fnir[cell] for one in found]) for cell in cells)]
    )
    moved = [d for one in found for d in one.fnir.values() if d is not None and d.low < d.high]
    chance = (
        f"{sum(one.resolved for one in moved)} of {len(moved)} intervals of FNIR exclude zero (*);"
        f" {len(moved) / 20:.0f} would by chance"
    )
    return "\n".join(
        [*lines, "", *_table([head, *rows]), "", *_table([["FNIR", *cells], *fnirs]), "", chance]
    )


def _half_width(differences: Sequence[Difference | None]) -> str:
    """How large a difference must be, roughly, for this sample to show it; of options that move anything."""
    halves = [(one.high - one.low) / 2 for one in differences if one is not None and one.low < one.high]
    return f"{np.median(halves) * 100:.2f}" if halves else "-"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate * 100:.2f}"


def _apart(one: Difference | None) -> str:
    if one is None:
        return "-"
    star = " *" if one.resolved else ""
    return f"{one.less_baseline * 100:+.2f} [{one.low * 100:+.2f}, {one.high * 100:+.2f}]{star}"


def _with_rate(one: Difference | None) -> str:
    return "-" if one is None else f"{one.rate * 100:.2f} {_apart(one)}"
