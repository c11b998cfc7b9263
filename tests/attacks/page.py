"""docs/attacks.md, from the table alone: the same bytes in every run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.attacks.row import Attack
from tests.attacks.table import ATTACKS, SUBJECTS

PAGE: Final = Path(__file__).parents[2] / "docs" / "attacks.md"
_HEAD: Final = """# Attacks on a secret election, and what stops each

Written by `python -m tests.attacks --write` from `tests/attacks`, which carries out every row against the
real code and compares what the defender says. *From*: a rule of HV-1 (`hv1 7`), or what was asked for at the
outset (`issue`). *Says*: the code, or the words; several where one attack has several forms, all of which are
carried out. A row that is *residual* succeeds, and users are told so (../ballot/SPEC.md §8).
`python -m tests.attacks.disarmed` takes the defences out, one by one, and shows that the rows notice.
"""


def written() -> str:
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    residual = sum(attack.residual for attack in ATTACKS)
    findings = sum(bool(attack.finding) for attack in ATTACKS)
    stopped = len(ATTACKS) - residual - findings
    open_ones = f", {findings} that must be mended" if findings else ""
    yield f"{len(ATTACKS)} attacks: {stopped} stopped, {residual} residual{open_ones}.\n"
    for subject, rows in SUBJECTS.items():
        yield f"## {subject}\n"
        yield "| attack | from | who | does | stopped by | says |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(attack) for attack in rows)
        yield ""


def _row(attack: Attack) -> str:
    said = f"`{attack.said}`"
    if attack.residual:
        said = f"*residual*: {attack.said}"
    if attack.finding:
        said = f"**SUCCEEDS**: {attack.finding}; must say {said}"
    cells = [attack.id, attack.source, attack.attacker, attack.does, f"`{attack.by}`", said]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
