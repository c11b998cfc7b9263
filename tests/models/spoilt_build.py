"""A build by links, to be spoilt in one place; and what `hallward models verify` says of it."""

import hashlib
import json
import platform
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from edge.rollcall_gate.eyes.vision import SUMS
from models import verify
from models.guard import Speed
from models.networks import NETWORKS, PAD, Network
from models.runtimes import RUNTIMES, is_installed, open_network
from models.verify import Line

HERE = [runtime for runtime in RUNTIMES if is_installed(runtime)]
FAST = Speed(1.0, 2.0, 2.0, 0.0)
SUMS_LINE = "int8/SHA256SUMS"
ON_X86_64 = platform.machine() == "x86_64"
EACH = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
needs_what_the_cards_tell_of = pytest.mark.skipif(
    len(HERE) < len(RUNTIMES) or not ON_X86_64,
    reason="cards are compared where both runtimes are (Python 3.11), on x86-64",
)
Json = dict[str, Any]


def put(path: Path, content: bytes) -> str:
    """A file of its own, whatever link was there; returns its SHA-256."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def linked(model_cache: Path, cache: Path) -> Path:
    """The build, by links: nothing in the real one is ever written."""
    for kind in ("float", "int8"):
        (cache / kind).mkdir(parents=True)
        for network in NETWORKS:
            file = f"{kind}/{network.name}.tflite"
            (cache / file).symlink_to(model_cache / file)
        (cache / kind / SUMS).symlink_to(model_cache / kind / SUMS)
    return cache


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def checked(cache: Path, *wanted: Network) -> dict[str, Line]:
    """All but the line about the sums, which every other byte turns red; it has tests of its own."""
    lines = verify.files(cache, wanted or (PAD,))
    return {line.what: line for line in lines if not line.what.startswith(SUMS_LINE)}


def failed(lines: Iterable[Line] | dict[str, Line]) -> dict[str, str]:
    """Of each line that is not ok, what it is about and what it says."""
    listed = lines.values() if isinstance(lines, dict) else lines
    return {line.what: line.found for line in listed if not line.ok}


def for_each_runtime(cache: Path, what: Callable[[str], str], network: Network = PAD) -> set[str]:
    opened = (open_network(runtime, cache / f"int8/{network.name}.tflite", network.form) for runtime in HERE)
    return {what(loaded.runtime) for loaded in opened if loaded is not None}


def edit(path: Path, change: Callable[[Json], object]) -> None:
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data), "utf-8")
