"""What came back from the bench: pytest's report (JUnit XML), read strictly."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET


@dataclass(frozen=True, slots=True)
class Case:
    """One test. module: dotted. claims: how many of the simulated chip's pins it was given."""

    module: str
    name: str
    seconds: float
    claims: int
    outcome: str
    words: str = ""


def cases_in(file: Path) -> list[Case]:
    """Every test of a report that our own pytest wrote. Raises OSError, ValueError."""
    try:
        tree = ET.parse(file).getroot()  # noqa: S314  # written by pytest in a machine of ours
    except ET.ParseError as err:
        raise ValueError(f"{file}: {err}") from err
    return [_case(each) for each in tree.iter("testcase")]


def _case(test: ET.Element) -> Case:
    found = [each for each in test if each.tag in {"failure", "error", "skipped"}]
    properties = {each.get("name"): each.get("value") for each in test.iter("property")}
    return Case(
        module=test.get("classname", ""),
        name=test.get("name", ""),
        seconds=float(test.get("time", "0")),
        claims=int(properties.get("claims") or 0),
        outcome=found[0].tag if found else "passed",
        words=(found[0].get("message") or "") if found else "",
    )


def table(cases: Iterable[Case]) -> str:
    """A line for each module: tests that passed, pins that they were given, seconds; then what did not."""
    cases = list(cases)
    passed = Counter(case.module for case in cases if case.outcome == "passed")
    lines = [f"{'':40} {'tests':>6} {'on pins':>8} {'s':>6}"]
    for module in sorted({case.module for case in cases}):
        mine = [case for case in cases if case.module == module]
        on_pins = sum(case.claims > 0 for case in mine)
        name = module.removeprefix("tests.")
        lines.append(f"{name:40} {passed[module]:6} {on_pins:8} {sum(case.seconds for case in mine):6.1f}")
    lines += [
        f"{case.outcome}: {case.module}::{case.name}: {case.words}"
        for case in cases
        if case.outcome != "passed"
    ]
    return "\n".join(lines)
