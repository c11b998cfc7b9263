"""Results: rows, the table people read, and the file programs read."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

FIGURES: Final = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One result. budget: of DESIGN §12, in the same unit; None where it has none, and ok is True then.

    least: the budget is the smallest good value, not the largest.
    """

    name: str
    value: float
    unit: str
    budget: float | None
    ok: bool
    least: bool = False


def at_most(name: str, value: float, unit: str, budget: float) -> Row:
    """A value that must not exceed its budget; judged before it is rounded."""
    return Row(name, rounded(value), unit, budget, value <= budget)


def at_least(name: str, value: float, unit: str, budget: float) -> Row:
    """A value that must reach its budget; judged before it is rounded."""
    return Row(name, rounded(value), unit, budget, value >= budget, least=True)


def told(name: str, value: float, unit: str) -> Row:
    """A value without a budget."""
    return Row(name, rounded(value), unit, None, True)


def rounded(value: float) -> float:
    """To four significant figures: more would pretend that a second run gives the same."""
    short = float(f"{value:.{FIGURES}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)  # ceiling
    return ordered[max(0, int(rank) - 1)]


def table(rows: Sequence[Row]) -> str:
    """Aligned columns for a terminal."""
    lines = [("what", "value", "unit", "budget", "")]
    for row in rows:
        budget = "" if row.budget is None else f"{'≥' if row.least else '≤'} {row.budget:g}"
        lines.append((row.name, f"{row.value:,}", row.unit, budget, "" if row.ok else "MISSED"))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:<{widths[2]}}  {d:<{widths[3]}}  {e}".rstrip()
        for a, b, c, d, e in lines
    )


def write(rows: Sequence[Row], path: Path) -> None:
    """Replace the file as a whole: a reader finds the old rows or the new ones."""
    lines = ",\n".join("  " + json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    beside = path.with_name(path.name + ".new")
    beside.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    beside.replace(path)
