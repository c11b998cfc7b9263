"""Whoever serves patches: a patch is signed by nobody."""

import bz2
import struct

import bsdiff4

from tests.attacks_on_updates.device import INSTALLED
from tests.attacks_on_updates.hall import bundle, path_of
from tests.attacks_on_updates.row import Rows, Stage

ROWS = Rows("the network, or the fleet", "what it answers under /delta")
TAKEN = "the whole target is fetched"


def _patch(length: int, control: bytes, diff: bytes, extra: bytes) -> bytes:
    parts = [bz2.compress(part) for part in (control, diff, extra)]
    return struct.pack("<8sQQQ", b"BSDIFF40", len(parts[0]), len(parts[1]), length) + b"".join(parts)


def _after(stage: Stage, patch: bytes) -> str:
    base = stage.device.path / "base.tar"
    base.write_bytes(bundle(1))
    sha256 = stage.hall.target(path_of(2)).hashes["sha256"]
    stage.served[f"/delta/{stage.hall.target(path_of(1)).hashes['sha256']}/{sha256}"] = patch
    said = stage.ask(base=base)
    honest = stage.device.held.sha256.hex() == sha256
    return TAKEN if said == INSTALLED and honest else said


@ROWS.attack(
    "a patch that unpacks to a thousand times its size (bomb)",
    by="edge.device.adapters.update_delta._unpacked",
    said=TAKEN,
    takes=True,
)
def patch_bomb(stage: Stage) -> str:
    length = len(bundle(2))
    return _after(stage, _patch(length, struct.pack("<3Q", length, 0, 0), bytes(100 * length), b""))


@ROWS.attack(
    "a patch whose control block reads beyond its parts",
    by="edge.device.adapters.update_delta._check_control",
    said=TAKEN,
    takes=True,
)
def patch_beyond_its_parts(stage: Stage) -> str:
    length = len(bundle(2))
    return _after(stage, _patch(length, struct.pack("<3Q", length, 2**62, 2**62), bytes(length), b""))


@ROWS.attack(
    "a patch that makes another file of the same length",
    by="edge.device.adapters.parts_folder.PartsFolder.is_genuine",
    said=TAKEN,
    takes=True,
)
def patch_to_another_file(stage: Stage) -> str:
    return _after(stage, bsdiff4.diff(bundle(1), bundle(9)))
