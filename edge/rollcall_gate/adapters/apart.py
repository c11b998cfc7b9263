"""What is tried of a candidate in a process of its own, before any of it comes into this one."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import edge
from edge.device.errors import NotNow, UpdateRefused

NETWORKS_S: Final = 120
"""Until the networks have been examined; a slow board needs some seconds."""
FIRMWARE_S: Final = 60
ANSWER_BYTES_MAX: Final = 64 * 1024
_EXAMINE: Final = "edge.rollcall_gate.trial.candidate"
_LOOK: Final = """
import sys
from pathlib import Path
import edge.device.adapters.mqtt_link, edge.rollcall_gate.app
import edge.rollcall_gate.commands as it
from edge.device.config import parse_config
from edge.rollcall_gate.config import gate_config
source = Path(sys.argv[1])
gate_config(parse_config(source.read_text("utf-8"), str(source)).firmware, source.parent)
print(it.__file__)
"""
_CAUSES: Final = frozenset({"wrong-shape", "golden-outputs", "latency", "memory", "self-test"})
_WHAT_MAX: Final = 500


class Apart:
    """Starts this very interpreter, with this program or with a candidate on its path."""

    def examine(
        self, present: Path, folder: Path, runtime: str, available_kb: int | None
    ) -> Mapping[str, int]:
        """Readings of the networks in `folder` beside those in `present`. Raises UpdateRefused; NotNow when
        no process can be had."""
        ours = str(Path(edge.__file__).resolve().parents[1])
        folders = [str(present.resolve()), str(folder.resolve())]
        words = ["-m", _EXAMINE, *folders, runtime, str(available_kb or 0)]
        done = _run(words, ours, NETWORKS_S)
        if done.returncode != 0:
            raise UpdateRefused(
                "self-test",
                f"the process that tried the networks ended with {done.returncode}; is a file of them "
                f"damaged? {_last_line(done.stderr)}",
            )
        return _answer(done.stdout)

    def loads(self, folder: Path, device_toml: Path) -> None:
        """The program in `folder` can be loaded here, it is that one which is loaded, and it understands this
        device's settings. Raises as `examine`."""
        done = _run(["-c", _LOOK, str(device_toml.resolve())], str(folder.resolve()), FIRMWARE_S)
        where = Path(done.stdout.decode("utf-8", "replace").strip() or ".")
        if done.returncode != 0:
            raise UpdateRefused("self-test", f"the new program cannot be loaded: {_last_line(done.stderr)}")
        if folder.resolve() not in where.resolve().parents:
            raise UpdateRefused("self-test", "the new program lacks what a gate is made of")


def _run(words: Sequence[str], path: str, limit_s: int) -> "subprocess.CompletedProcess[bytes]":
    """path: the only folder of programs beside the installed libraries."""
    with tempfile.TemporaryDirectory(prefix="hallward-apart-") as empty:
        try:
            return subprocess.run(
                [sys.executable, *words],
                cwd=empty,
                env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=limit_s,
            )
        except subprocess.TimeoutExpired as err:
            raise UpdateRefused("self-test", f"it did not come to an end within {limit_s} s") from err
        except OSError as err:
            raise NotNow(f"no process can be started ({err.strerror})") from err


def _answer(said: bytes) -> Mapping[str, int]:
    try:
        found: Any = json.loads(said[:ANSWER_BYTES_MAX])
        readings = {str(name): int(value) for name, value in found["readings"].items()}
        if "cause" not in found:
            return readings
        cause, what = str(found["cause"]), str(found["what"])[:_WHAT_MAX]
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise UpdateRefused("self-test", "the process that tried the networks gave no answer") from err
    raise UpdateRefused(cause if cause in _CAUSES else "self-test", what, readings)


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").split("\n")
    return next((" ".join(line.split())[:_WHAT_MAX] for line in reversed(lines) if line.strip()), "")
