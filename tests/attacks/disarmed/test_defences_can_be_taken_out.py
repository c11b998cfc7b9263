"""What `python -m tests.attacks.disarmed` takes out stands in the code, once, and its rows in the table."""

from pathlib import Path

import pytest

from tests.attacks.disarmed.defences import DEFENCES
from tests.attacks.table import ATTACKS

ROOT = Path(__file__).resolve().parents[3]


def test_rows_that_must_notice_are_in_the_table() -> None:
    known = {attack.id for attack in ATTACKS}
    assert not [row for defence in DEFENCES for row in defence.attacks.split() if row not in known]


@pytest.mark.slow  # whoever rewrites a defence says here anew how it is taken out, before a release
def test_a_defence_stands_in_its_file_once() -> None:
    counts = {
        f"{defence.file}: {defence.is_}": (ROOT / defence.file).read_text(encoding="utf-8").count(defence.is_)
        for defence in DEFENCES
    }
    assert not [text for text, count in counts.items() if count != 1]
