"""DESIGN §12: a keypad stays below 70 MB resident, with all that a secret question asks of it in use."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RSS_KB_MAX = 70 * 1024
SCRIPT = Path(__file__).with_name("whole_keypad.py")


def test_the_longest_ballot_is_proved_and_drawn_below_seventy_megabytes(tmp_path: Path) -> None:
    """In a process of its own: what the tests themselves hold does not count."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)],
        cwd=SCRIPT.parents[3],
        env={"PYTHONPATH": str(SCRIPT.parents[3]), "GPIOZERO_PIN_FACTORY": "mock"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    rss_kb, *_ = map(int, done.stdout.split())
    assert rss_kb <= RSS_KB_MAX
