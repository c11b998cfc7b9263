"""Patches from what devices really have to what they are to have (bsdiff 4), kept only where they pay.

A patch is never believed: a device takes the full target when what it makes has another hash.
"""

import logging
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import bsdiff4

from durable.files import UNFINISHED, move_whole
from fleet.db import Connection
from fleet.errors import StoreError
from fleet.updates import store
from fleet.updates.shelf import Shelf

log: Final = logging.getLogger(__name__)
Pair = tuple[bytes, bytes]
"""SHA-256 of the target that a device has, and of the one that it is to have."""
SIZE_MAX: Final = 64 << 20
"""Of either file: sorting takes seventeen times as much memory."""
WORTH_PERCENT: Final = 60
_MEMORY_MAX: Final = 2 << 30
_PATIENCE_S: Final = 900
_ENDED: Final = (-signal.SIGTERM, -signal.SIGINT)
"""The listener is stopped with all of its processes; a processor's fault, or memory, ends them otherwise."""
Diff = Callable[[Path, Path, Path], bool]
"""(old, new, into) -> whether the patch was made."""


def pairs(connection: Connection) -> set[Pair]:
    """Those that active devices report, of components for which something is planned or assigned."""
    wanted: dict[tuple[str, str], set[bytes]] = {}
    for device, component, sha256 in store.wanted(connection):
        wanted.setdefault((device, component), set()).add(sha256)
    return {
        (had, to)
        for device, component, had in store.held(connection)
        for to in wanted.get((device, component), set())
        if to != had
    }


def wanted(data: Path, pairs: Iterable[Pair]) -> list[Pair]:
    """Those that can be made here and of which nothing is known yet: both files are on the shelf."""
    shelf = Shelf(data)
    files = _files(shelf)
    return sorted(
        pair
        for pair in set(pairs)
        if pair[0] in files and pair[1] in files and not _path(shelf, pair).exists()
        and not _useless(shelf, pair).exists()
    )  # fmt: skip


def make(shelf: Shelf, pair: Pair, diff: Diff | None = None) -> bool:
    """Make one patch; True when there is one now. What does not pay is remembered. Raises OSError; StoreError
    when somebody ended it."""
    files, into = _files(shelf), _path(shelf, pair)
    old, new = files[pair[0]], files[pair[1]]
    shelf.deltas.mkdir(parents=True, exist_ok=True)
    part = into.with_name(f"{into.name}.part")
    size = new.stat().st_size
    made = max(size, old.stat().st_size) <= SIZE_MAX and (diff or in_a_process)(old, new, part)
    if made and part.stat().st_size * 100 < size * WORTH_PERCENT:
        move_whole(part, into)
        return True
    part.unlink(missing_ok=True)
    _useless(shelf, pair).touch()
    return False


def find(data: Path, pair: Pair) -> Path | None:
    """The patch of this pair, if there is one that pays."""
    path = _path(Shelf(data), pair)
    return path if path.is_file() else None


def in_this_process(old: Path, new: Path, into: Path) -> bool:
    into.write_bytes(bsdiff4.diff(old.read_bytes(), new.read_bytes()))
    return True


def in_a_process(old: Path, new: Path, into: Path) -> bool:
    """In one of its own, last in the queue for the processor and limited in memory, which may die. Raises
    StoreError when it was told to end: that says nothing of the patch."""
    context = multiprocessing.get_context("spawn")
    worker = context.Process(target=_work, args=(old, new, into), daemon=True)
    worker.start()
    worker.join(_PATIENCE_S)
    if worker.exitcode is None:
        worker.kill()
        worker.join()
    if worker.exitcode in _ENDED:
        raise StoreError(f"The patch from {old.name} to {new.name} was cut off: it is made another time.")
    if worker.exitcode != 0:
        log.warning("No patch from %s to %s: the full file is served.", old.name, new.name)
    return worker.exitcode == 0


def _work(old: Path, new: Path, into: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an end like the other, no failure of ours
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_MAX, _MEMORY_MAX))
    in_this_process(old, new, into)


def prune(shelf: Shelf, keep: set[bytes]) -> list[Path]:
    """Take away targets that are neither in `keep` nor published, what a cut left half copied,
    and patches from or to what is gone. keep: what devices stand on. The caller holds the turn. Which targets
    went."""
    gone = [path for sha256, path in _files(shelf).items() if sha256 not in keep]
    for path in [*gone, *shelf.targets.glob(f"*/{UNFINISHED}")]:
        path.unlink(missing_ok=True)
    left = {sha256.hex() for sha256 in _files(shelf)}
    patches = list(shelf.deltas.iterdir()) if shelf.deltas.is_dir() else []
    for path in patches:
        if not set(path.name.split(".")[:2]) <= left:
            path.unlink(missing_ok=True)
    return gone


def _files(shelf: Shelf) -> dict[bytes, Path]:
    """Every target on the shelf, whether published still or not."""
    found = shelf.targets.glob("*/" + "[0-9a-f]" * 64 + ".*")
    return {bytes.fromhex(path.name[:64]): path for path in found}


def _path(shelf: Shelf, pair: Pair) -> Path:
    return shelf.deltas / f"{pair[0].hex()}.{pair[1].hex()}"


def _useless(shelf: Shelf, pair: Pair) -> Path:
    return shelf.deltas / f"{pair[0].hex()}.{pair[1].hex()}.useless"
