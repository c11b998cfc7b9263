"""A candidate firmware, tried in a process of its own before any of it comes into this one."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.device.errors import NotNow, UpdateRefused

LIMIT_S: Final = 120
"""A Pi Zero loads a firmware in some seconds."""
MEMORY_KB_MAX: Final = 70 * 1024
"""DESIGN §12."""
_WORDS_MAX: Final = 400
_LOOK: Final = """
import json, sys
from pathlib import Path
import edge.ballot_keypad.app as app
import edge.ballot_keypad.commands, edge.device.adapters.mqtt_link, edge.device.start
from edge.ballot_keypad.config import keypad_config
from edge.device.config import parse_config
source = sys.argv[1]
config = parse_config(Path(source).read_text("utf-8"), source)
keypad_config(config.firmware, source, simulated=config.hands)
status = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
most = [int(line.split()[1]) for line in status if line.startswith("VmHWM:")]
print(json.dumps([app.__file__, most[0] if most else 0]))
"""


def try_firmware(candidate: Path, device_toml: Path) -> Mapping[str, int]:
    """Everything of it can be loaded here, is the candidate's own, and understands this device's settings.
    Raises UpdateRefused; NotNow when no process can be had."""
    with tempfile.TemporaryDirectory(prefix="hallward-apart-") as empty:
        environment = {
            "PYTHONPATH": str(candidate.resolve()),
            "PYTHONSAFEPATH": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        words = [sys.executable, "-c", _LOOK, str(device_toml.resolve())]
        try:
            done = subprocess.run(
                words, cwd=empty, env=environment, capture_output=True, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as err:
            raise UpdateRefused("self-test", f"it is not loaded after {LIMIT_S} s") from err
        except OSError as err:
            raise NotNow(f"waits for memory: no process can be started ({err.strerror})") from err
    if done.returncode != 0:
        why = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:_WORDS_MAX]
        raise UpdateRefused("self-test", f"it cannot be loaded here: {why}")
    return _judged(done.stdout, candidate)


def _judged(said: bytes, candidate: Path) -> Mapping[str, int]:
    try:
        where, memory_kb = json.loads(said)
        is_own = candidate.resolve() in Path(where).resolve().parents
        readings = {"memory-kb": int(memory_kb)}
    except (ValueError, TypeError) as err:
        raise UpdateRefused("self-test", "it says something else than what it was asked") from err
    if not is_own:
        raise UpdateRefused("self-test", "it lacks what a keypad is made of")
    if readings["memory-kb"] > MEMORY_KB_MAX:
        raise UpdateRefused("memory", f"it takes {memory_kb} kB, a keypad has {MEMORY_KB_MAX}", readings)
    return readings
