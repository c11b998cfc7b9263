"""The device under attack: its real catalogue, source, parts and slots, on a disk whose power can be cut."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from edge.device.adapters.parts_folder import PartsFolder
from edge.device.adapters.slots_folder import SlotsFolder
from edge.device.adapters.tuf_catalogue import TufCatalogue
from edge.device.adapters.update_https import Files, HttpsSource
from edge.device.errors import NotNow, UpdateRefused
from edge.device.updating.ports import Wanted
from edge.device.updating.weigh import Machine, raised
from tests.attacks_on_updates.hall import DEVICE, HARDWARE, ms
from tests.release.making import Roots
from wire.updates import Held, Order

INSTALLED = "installed"
FETCH_S = 60.0
WORDS = ("expired", "no-clock", "slow")
"""What a device may be waiting for, where it matters which."""


class Device:
    """listener: whom it asks; whoever answers. floors: what its machine of states persists."""

    def __init__(self, path: Path, roots: Roots, listener: Files) -> None:
        self.path = path
        self.listener = listener
        self.floors: dict[str, int] = {}
        self.minimums: dict[str, int] = {}
        self.hardware = HARDWARE
        golden = path / "golden"
        golden.mkdir(parents=True)
        (golden / "net.tflite").write_bytes(b"what it was made with")
        self._pinned = {name: path / "update" / f"{name}.root.json" for name in ("image", "director")}
        (path / "update").mkdir()
        self._pinned["image"].write_bytes(roots.image)
        self._pinned["director"].write_bytes(roots.director)
        self.state = path / "state" / "update"
        self.slots = SlotsFolder(self.state / "slots" / "models", "models", golden)
        self.parts = PartsFolder(self.state / "parts")

    def update(self, order: Order, now: datetime | None, base: Path | None = None) -> str:
        """Carry out an order as far as it goes, and say how it ended. base: the target in force, of which a
        patch is tried first."""
        try:
            wanted = self.catalogue().wanted(order, self.floors, None if now is None else ms(now))
            self._fetch(wanted, base)
            self.slots.stage(self.parts.path(wanted), wanted.about.counter)
        except UpdateRefused as err:
            return f"refused: {err.cause}"
        except NotNow as err:
            word = next((word for word in WORDS if f"({word})" in err.what), "")
            return f"waits: {word}" if word else "waits"
        self.slots.switch(self.slots.spare())
        self.floors = raised(self.floors, wanted.version)
        self.minimums["models"] = max(wanted.about.minimum, self.minimums.get("models", 0))
        return INSTALLED

    def catalogue(self) -> TufCatalogue:
        return TufCatalogue(self.listener, self.state / "tuf", self._pinned, self.machine)

    def machine(self) -> Machine:
        return Machine(DEVICE, self.hardware, "", {"models": self.held}, self.minimums, 4_000_000, 1_000_000)

    @property
    def held(self) -> Held:
        found = self.slots.holds(self.slots.in_force())
        assert found is not None, "nothing whole is in force"
        return found

    def power_cut(self) -> None:
        """python-tuf syncs nothing: all its copies may be gone, whatever is older than they or not."""
        shutil.rmtree(self.state / "tuf", ignore_errors=True)

    @contextmanager
    def as_it_is(self) -> Iterator[Callable[[], None]]:
        """What is yielded brings back the metadata that are kept now, and drops parts."""
        tuf, kept = self.state / "tuf", self.path / "kept"
        if tuf.is_dir():
            shutil.copytree(tuf, kept, symlinks=True)

        def again() -> None:
            self.power_cut()
            shutil.rmtree(self.state / "parts", ignore_errors=True)
            if kept.is_dir():
                shutil.copytree(kept, tuf, symlinks=True)

        yield again
        shutil.rmtree(kept, ignore_errors=True)

    def running(self) -> str:
        """Which slot is started, and every byte in it."""
        slot = self.slots.in_force()
        folder = self.slots.folder(slot)
        assert folder is not None
        digest = hashlib.sha256(slot.encode())
        for path in sorted(folder.rglob("*")):
            assert not path.is_symlink()
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()

    def _fetch(self, wanted: Wanted, base: Path | None) -> None:
        source, part = HttpsSource(self.listener), self.parts.path(wanted)
        if base is not None and source.delta(hashlib.sha256(base.read_bytes()).digest(), base, wanted, part):
            if self.parts.is_genuine(wanted):
                return
            self.parts.drop(wanted)
        source.fetch(wanted, part, self.parts.size(wanted), FETCH_S)
        if not self.parts.is_genuine(wanted):
            self.parts.drop(wanted)
            raise UpdateRefused("wrong-hash", "what came is not what was signed")
