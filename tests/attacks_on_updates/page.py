"""docs/attacks-on-updates.md, from the table alone: the same bytes in every run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.attacks_on_updates.row import Attack
from tests.attacks_on_updates.table import ATTACKS, SUBJECTS

PAGE: Final = Path(__file__).parents[2] / "docs" / "attacks-on-updates.md"
_HEAD: Final = """# Attacks on updates, and how a device answers

Written by `python -m tests.attacks_on_updates --write` from `tests/attacks_on_updates`, which carries out
every row: repositories signed by real keys, against the catalogue, source, parts and slots that run on a
device. *Says*: how the device's attempt ends, several answers where one attack has several forms, all of
which are carried out. After each row, what ran before runs still, byte for byte (or the genuine release,
where the row says so), and the device takes the hall's next release; where keys of the fleet were stolen,
after officers have named new ones. *Gains*: what the attacker has of it all the same.
`tests/attacks_on_updates/test_rows_notice.py` takes defences out, one by one, and shows that the rows notice.
"""


def written() -> str:
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    gains = sum(bool(attack.gains) for attack in ATTACKS)
    yield f"{len(ATTACKS)} attacks: 0 installed, 0 bricked; {gains} gain a delay.\n"
    for subject, rows in SUBJECTS.items():
        yield f"## {subject}\n"
        yield "| attack | who | holds | does | stopped by | says | gains | good again after |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from (_row(attack) for attack in rows)
        yield ""


def _row(attack: Attack) -> str:
    cells = (
        attack.id, attack.attacker, attack.holds, attack.does, f"`{attack.by}`", f"`{attack.said}`",
        attack.gains or "nothing", attack.mend,
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
