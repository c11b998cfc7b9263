"""Each line of the threat model about updates names what holds it, and that is there."""

import re
from pathlib import Path

from tests.attacks_on_updates.table import ATTACKS

ROOT = Path(__file__).resolve().parents[2]
HEADING = "## Updates: "


def test_every_line_names_tests_that_are_there() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    section = text[text.index(HEADING) :].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(lines) > 8
    known = {attack.id for attack in ATTACKS}
    for line in lines:
        named = re.findall(r"`([^`]+)`", line.split(" | ")[-1])
        assert named, line
        assert not [name for name in named if name not in known and not (ROOT / name).is_file()], line
