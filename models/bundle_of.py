"""Networks -> the folder that a models bundle is made of: the files, SHA256SUMS, and golden.json."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge.rollcall_gate.eyes import vision
from edge.rollcall_gate.trial.golden import GOLDEN_FILE, Golden, encode_golden, measured
from models.cache import write_whole
from models.errors import ModelsMissing
from models.golden import TOLERANCE
from models.networks import NETWORKS
from models.runtimes import RUNTIMES, open_network

NUMBERS: Final = "int8"


def bundle_of(networks: Path, out: Path, runtimes: Sequence[vision.Runtime] = RUNTIMES) -> list[str]:
    """Copy the networks of a folder and measure what each computes in every installed runtime. Returns lines
    for people. Raises ModelsMissing, and ModelError for a file that is no network of its place."""
    if out.exists() and any(out.iterdir()):
        raise ModelsMissing(f"{out} is not empty: name a new folder")
    sums, table, lines = [], dict[tuple[str, str], Golden](), []
    for network in NETWORKS:
        file = networks / f"{network.name}.tflite"
        if not file.is_file():
            raise ModelsMissing(f"{file} is missing; run `hallward models all`, or name the folder")
        out.mkdir(parents=True, exist_ok=True)
        copy = out / file.name
        shutil.copyfile(file, copy)
        sha256 = hashlib.sha256(copy.read_bytes()).hexdigest()
        sums.append(f"{sha256}  {file.name}\n")
        for runtime in runtimes:
            loaded = open_network(runtime, copy, network.form)
            if loaded is not None:
                kind = "int8" if loaded.is_quantised else "float"
                table[network.name, loaded.runtime] = measured(loaded, network.form.side_px, TOLERANCE[kind])
        lines.append(f"{network.name} {sha256}")
    write_whole(out / vision.SUMS, "".join(sums).encode())
    write_whole(out / GOLDEN_FILE, encode_golden(table))
    return [*lines, *sorted({f"golden outputs of {runtime}" for _, runtime in table})]
