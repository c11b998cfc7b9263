"""The gate's own numbers, measured in a process of their own, as a gate is one."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench import gate_latency, search
from bench.errors import BenchError
from bench.processes import python
from bench.rows import Row
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from hallward.demo.people import cast
from models.cache import cache_folder
from models.places import photograph_folder

LIMIT_S: Final = 300


def measure(rounds: int) -> list[Row]:
    """Rows of gate_latency.py and search.py."""
    done = subprocess.run(
        python("bench.gate", str(rounds)), capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise BenchError(f"the gate could not be measured: {said[-1] if said else 'it said nothing'}")
    return [Row(**row) for row in json.loads(done.stdout)]


def _measure_here(rounds: int) -> list[dict[str, object]]:
    cache = cache_folder(os.environ)
    photograph: Path = cast(photograph_folder(cache), delegates=0).strangers[0]
    found = gate_latency.measure(load_frame(photograph, 0), cache, rounds)
    return [asdict(row) for row in (*found, *search.measure(rounds))]


if __name__ == "__main__":
    print(json.dumps(_measure_here(int(sys.argv[1]))))
