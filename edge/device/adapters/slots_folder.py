"""Slots of one component in the device's folder: `a`, `b`, the link `current`, and golden, which lies
elsewhere."""

import threading
from pathlib import Path
from typing import Final

from edge.device.adapters.bundle_archive import Step, clear, held_in, pack, unpack
from edge.device.adapters.measured_files import hash_of_files, plain_files
from edge.device.errors import StoreError, UpdateRefused
from edge.device.launch import GOLDEN, SLOTS, in_force, point, sync_folder
from wire.updates import Held

_STAGED: Final = ".staged"
_OLD: Final = ".old"


class SlotsFolder:
    """Implements Slots. root: state/update/slots/COMPONENT. golden: where this device's own lies, None: it
    was made without. within: folders of golden that count. step: told before each
    durable step, for tests that cut the power there."""

    def __init__(
        self,
        root: Path,
        component: str,
        golden: Path | None,
        within: tuple[str, ...] = (".",),
        step: Step = lambda _: None,
    ) -> None:
        self._root = root
        self._component = component
        self._golden = golden
        self._within = within
        self._step = step
        self._golden_held: Held | None = None
        self._unpacking = threading.Lock()

    def in_force(self) -> str:
        return in_force(self._root)

    def spare(self) -> str:
        return next(slot for slot in SLOTS if slot != self.in_force())

    def folder(self, slot: str) -> Path | None:
        if slot == GOLDEN:
            return self._golden
        found = self._root / slot
        return found if slot in SLOTS and found.is_dir() and not found.is_symlink() else None

    def holds(self, slot: str) -> Held | None:
        if slot != GOLDEN:
            folder = self.folder(slot)
            return None if folder is None else held_in(folder)
        if self._golden_held is None:
            self._golden_held = self._measured()
        return self._golden_held

    def archive(self, slot: str, into: Path) -> bool:
        folder = self.folder(slot)
        if slot == GOLDEN or folder is None:
            return False
        try:
            pack(folder, into)
        except StoreError:
            return False
        return True

    def stage(self, archive: Path, counter: int) -> None:
        if not self._unpacking.acquire(blocking=False):  # of an update that was given up
            raise StoreError(f"an earlier {self._component} is being unpacked still")
        try:
            self._stage(archive, counter)
        finally:
            self._unpacking.release()

    def _stage(self, archive: Path, counter: int) -> None:
        staged, spare = self._root / _STAGED, self._root / self.spare()
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._unpack(archive, staged, counter)
            old = self._root / _OLD
            clear(old)
            if spare.exists() or spare.is_symlink():
                self._step(f"put slot {spare.name} aside")
                spare.rename(old)
            self._step(f"fill slot {spare.name}")
            staged.rename(spare)
            self._step(f"filled slot {spare.name}")
            sync_folder(self._root)
            clear(old)
        except OSError as err:
            raise StoreError(f"{self._component}/{spare.name} cannot be filled: {err.strerror}") from err

    def _unpack(self, archive: Path, staged: Path, counter: int) -> None:
        try:
            unpack(archive, staged, self._component, counter, self._step)
        except (UpdateRefused, StoreError):
            clear(staged)  # the disk may be full, and records need it
            raise

    def switch(self, slot: str) -> None:
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            point(self._root, slot, self._step)
        except OSError as err:
            raise StoreError(f"{self._component} cannot be switched to {slot}: {err.strerror}") from err

    def _measured(self) -> Held:
        """Counter 0: no release brought it."""
        try:
            files = {} if self._golden is None else plain_files(self._golden, self._within)
            return Held(hash_of_files(self._component, files), 0)
        except OSError as err:
            raise StoreError(f"what this device was made with cannot be read: {err}") from err
